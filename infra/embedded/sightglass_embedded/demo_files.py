"""The demo's bucket: files of many formats, with made values at places that are known, among what resembles them."""

import gzip
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sightglass_embedded.demo_formats import docx, mail, pdf, xlsx, zipped
from sightglass_embedded.demo_values import (
    AWS_KEY,
    CARD,
    CPF,
    DATABASE,
    IBAN,
    MAIL,
    NHS,
    NO_CARD,
    OTHER_CARD,
    PHONE,
    SSN,
)


@dataclass(frozen=True, slots=True, order=True)
class Planted:
    """A value at a place. detector: what finds it. place: as the client says it, such as `Budget!B2`."""

    key: str
    detector: str
    place: str


_LOG: Final = f"""\
2026-11-02T10:22:31.120Z INFO  start build=20261102.1137 request=6f1d3c1e-7d3b-4f7a-9c1b-2f4f6f2a9b11
2026-11-02T10:22:31.480Z INFO  order 0012-3456-789 took 1834 ms
2026-11-02T10:22:32.002Z WARN  payment declined, card {CARD}, retry in 30 s
2026-11-02T10:22:33.117Z INFO  shipment {NO_CARD} left the warehouse
"""
_CSV: Final = f"""\
id,name,contact,amount
1,Ann Lee,{MAIL},19.90
2,Bo Chen,,1024.00
"""
_JSON: Final = f"""\
{{
  "patient": {{"name": "Ann Lee", "note": "nhs number {NHS}"}},
  "version": "4.11.0",
  "sequence": 4539578763621487
}}
"""
_LINES: Final = f"""\
{{"event": "signup", "at": "2026-11-02T08:00:00Z"}}
{{"event": "call", "phone": "{PHONE}"}}
"""
_ENV: Final = f"""\
APP_ENV=production
AWS_ACCESS_KEY_ID={AWS_KEY}
DATABASE_URL={DATABASE}
RELEASE=2026.11.2
"""
_HTML: Final = f"""\
<html><head><title>Transfer</title></head>
<body><p>Please pay to IBAN <b>{IBAN}</b> by Friday.</p></body></html>
"""


def files() -> dict[str, bytes]:
    """The objects by key."""
    return {
        "logs/app.log": _LOG.encode(),
        "logs/old.log.gz": gzip.compress(f"line one\nssn {SSN} on file\n".encode(), mtime=0),
        "exports/customers.csv": _CSV.encode(),
        "exports/patients.json": _JSON.encode(),
        "exports/events.jsonl": _LINES.encode(),
        "exports/backup.zip": zipped({"2026/tax.txt": f"CPF {CPF}\n".encode(), "readme.txt": b"nothing here\n"}),
        "config/.env": _ENV.encode(),
        "web/transfer.html": _HTML.encode(),
        "office/budget.xlsx": xlsx(
            "Budget", {"A1": "name", "B1": "social security number", "A2": "Ann Lee", "B2": SSN}
        ),
        "office/letter.docx": docx(["Dear Ann,", f"we refunded your card {OTHER_CARD}."]),
        "office/contract.pdf": pdf([["Contract"], ["Signed in London", f"phone {PHONE}"]]),
        "mail/request.eml": mail("A request", f"My social security number is {SSN}.\n"),
        "data/shop.sqlite": _sqlite(),
        "docs/notes.md": f"# Notes\n\nOrder {NO_CARD}, ticket 2026-1102, commit 9f86d081884c7d65.\n".encode(),
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


def _sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.sqlite"
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, contact TEXT)")
        database.execute("INSERT INTO customer VALUES (1, ?)", [MAIL])
        database.commit()
        database.close()
        return path.read_bytes()
