"""Files of office formats, as small as their readers take them."""

import io
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from html import escape


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive, the same at any time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def docx(paragraphs: list[str]) -> bytes:
    """A Word document of these paragraphs."""
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
        }
    )


def xlsx(sheet: str, cells: Mapping[str, str]) -> bytes:
    """A workbook with one sheet. cells: by name, `A1` to `Z999`, row by row."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    rows: dict[str, str] = {}
    for name, value in cells.items():
        cell = f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        rows[name[1:]] = rows.get(name[1:], "") + cell
    data = "".join(f'<row r="{number}">{row}</row>' for number, row in rows.items())
    part, workbook = "worksheets/sheet1.xml", "xl/workbook.xml"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "_rels/.rels": _relation(package, f"{office}/officeDocument", workbook),
            workbook: f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            f'<sheet name="{escape(sheet)}" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relation(package, f"{office}/worksheet", part),
            f"xl/{part}": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
        }
    )


def _relation(package: str, kind: str, target: str) -> str:
    relation = f'<Relationship Id="r1" Type="{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{package}/relationships">{relation}</Relationships>'


def pdf(pages: list[list[str]]) -> bytes:
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


def mail(subject: str, text: str) -> bytes:
    """An e-mail with a text."""
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    return message.as_bytes()
