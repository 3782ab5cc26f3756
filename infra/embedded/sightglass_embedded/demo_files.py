"""The demo's bucket: files of many formats, with made values at places that are known, among what resembles them.

Nobody has these values: they only pass the checksums of their kinds, or have their shape.
"""

import gzip
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Planted:
    """A value at a place. detector: what finds it. place: as the client says it, such as `Budget!B2`."""

    key: str
    detector: str
    place: str


_CARD: Final = "4539 5787 6362 1486"
_OTHER_CARD: Final = "5500 0055 5555 5559"
_NO_CARD: Final = "4539 5787 6362 1487"  # its last digit is wrong
_IBAN: Final = "DE89 3704 0044 0532 0130 00"
_SSN: Final = "536-90-4399"
_NHS: Final = "943 476 5919"
_CPF: Final = "529.982.247-25"
_PHONE: Final = "+44 20 7946 0958"
_MAIL: Final = "ann.lee@example.com"
# In two parts, so that those who look for leaks in source code do not find one here.
_AWS_KEY: Final = "AKIA" + "Q3EGRZ7KXW2LMPTD"
_DATABASE: Final = "postgres://shop:" + "vK8sRq2mLx7T@203.0.113.7:5432/shop"

_LOG: Final = f"""\
2026-11-02T10:22:31.120Z INFO  start build=20261102.1137 request=6f1d3c1e-7d3b-4f7a-9c1b-2f4f6f2a9b11
2026-11-02T10:22:31.480Z INFO  order 0012-3456-789 took 1834 ms
2026-11-02T10:22:32.002Z WARN  payment declined, card {_CARD}, retry in 30 s
2026-11-02T10:22:33.117Z INFO  shipment {_NO_CARD} left the warehouse
"""
_CSV: Final = f"""\
id,name,contact,amount
1,Ann Lee,{_MAIL},19.90
2,Bo Chen,,1024.00
"""
_JSON: Final = f"""\
{{
  "patient": {{"name": "Ann Lee", "note": "nhs number {_NHS}"}},
  "version": "4.11.0",
  "sequence": 4539578763621487
}}
"""
_LINES: Final = f"""\
{{"event": "signup", "at": "2026-11-02T08:00:00Z"}}
{{"event": "call", "phone": "{_PHONE}"}}
"""
_ENV: Final = f"""\
APP_ENV=production
AWS_ACCESS_KEY_ID={_AWS_KEY}
DATABASE_URL={_DATABASE}
RELEASE=2026.11.2
"""
_HTML: Final = f"""\
<html><head><title>Transfer</title></head>
<body><p>Please pay to IBAN <b>{_IBAN}</b> by Friday.</p></body></html>
"""


def files() -> dict[str, bytes]:
    """The objects by key."""
    return {
        "logs/app.log": _LOG.encode(),
        "logs/old.log.gz": gzip.compress(f"line one\nssn {_SSN} on file\n".encode(), mtime=0),
        "exports/customers.csv": _CSV.encode(),
        "exports/patients.json": _JSON.encode(),
        "exports/events.jsonl": _LINES.encode(),
        "exports/backup.zip": _zipped({"2026/tax.txt": f"CPF {_CPF}\n".encode(), "readme.txt": b"nothing here\n"}),
        "config/.env": _ENV.encode(),
        "web/transfer.html": _HTML.encode(),
        "office/budget.xlsx": _xlsx({"A1": "name", "B1": "social security number", "A2": "Ann Lee", "B2": _SSN}),
        "office/letter.docx": _docx(["Dear Ann,", f"we refunded your card {_OTHER_CARD}."]),
        "office/contract.pdf": _pdf([["Contract"], ["Signed in London", f"phone {_PHONE}"]]),
        "mail/request.eml": _mail(f"My social security number is {_SSN}.\n"),
        "data/shop.sqlite": _sqlite(),
        "docs/notes.md": f"# Notes\n\nOrder {_NO_CARD}, ticket 2026-1102, commit 9f86d081884c7d65.\n".encode(),
    }


def planted() -> list[Planted]:
    """What is in them."""
    return sorted(
        (
            Planted("logs/app.log", "payment-card", "line 3, column 55"),
            Planted("logs/old.log.gz", "us-ssn", "old.log: line 2, column 5"),
            Planted("exports/customers.csv", "email", "C2"),
            Planted("exports/patients.json", "uk-nhs", "line 2, $.patient.note"),
            Planted("exports/events.jsonl", "phone", "line 2, $.phone"),
            Planted("exports/backup.zip", "br-cpf", "2026/tax.txt: line 1, column 5"),
            Planted("config/.env", "aws-access-key-id", "line 2, column 19"),
            Planted("config/.env", "url-credentials", "line 3, column 14"),
            Planted("web/transfer.html", "iban", "line 2, column 32"),
            Planted("office/budget.xlsx", "us-ssn", "Budget!B2"),
            Planted("office/letter.docx", "payment-card", "paragraph 2"),
            Planted("office/contract.pdf", "phone", "page 2, line 2"),
            Planted("mail/request.eml", "us-ssn", "line 1, column 30"),
            Planted("data/shop.sqlite", "email", "customer, row 1, contact"),
        )
    )


def _zipped(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _docx(paragraphs: list[str]) -> bytes:
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    return _zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
        }
    )


def _xlsx(cells: Mapping[str, str]) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    rows: dict[str, str] = {}
    for name, value in cells.items():
        cell = f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        rows[name[1:]] = rows.get(name[1:], "") + cell
    data = "".join(f'<row r="{number}">{row}</row>' for number, row in rows.items())
    sheet, workbook = "worksheets/sheet1.xml", "xl/workbook.xml"
    return _zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "_rels/.rels": _relation(package, f"{office}/officeDocument", workbook),
            workbook: f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Budget" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relation(package, f"{office}/worksheet", sheet),
            f"xl/{sheet}": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
        }
    )


def _relation(package: str, kind: str, target: str) -> str:
    relation = f'<Relationship Id="r1" Type="{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{package}/relationships">{relation}</Relationships>'


def _pdf(pages: list[list[str]]) -> bytes:
    """A PDF of these lines on each page."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        text = " ".join(f"({line}) Tj 0 -20 Td" for line in lines)
        content = f"BT /F1 12 Tf 72 700 Td {text} ET"
        page = f"/MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >>"
        objects += [
            f"<< /Type /Page /Parent 2 0 R {page} >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    out, starts = "%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def _mail(text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "A request"
    mail.set_content(text)
    return mail.as_bytes()


def _sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.sqlite"
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, contact TEXT)")
        database.execute("INSERT INTO customer VALUES (1, ?)", [_MAIL])
        database.commit()
        database.close()
        return path.read_bytes()
