"""A small object of each format that the readers know, with the needle in it."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
from email.message import EmailMessage

import fastavro
import pyarrow
import xlwt
import zstandard
from PIL import Image
from pyarrow import orc, parquet
from tests.unit.scanner.readers.documents import docx, ods, odt, pdf, pptx, xlsx
from tests.unit.scanner.readers.packing import NEEDLE, tarred, zipped
from tests.unit.scanner.readers.seven import seven_zipped

_ROWS = [["id", "mail"], *([str(n), NEEDLE] for n in range(40))]
_LINES = "".join(f"line {n}: {NEEDLE}\n" for n in range(60)).encode()


def samples() -> dict[str, bytes]:
    """By what they are."""
    return {**_texts(), **_archives(), **_documents(), **_tables(), "jpeg": _jpeg()}


def _texts() -> dict[str, bytes]:
    return {
        "text": _LINES,
        "utf-16": _LINES.decode().encode("utf-16"),
        "json": json.dumps([{"id": n, "mail": NEEDLE} for n in range(40)], indent=1).encode(),
        "jsonl": b"".join(json.dumps({"id": n, "t": "é\n", "mail": NEEDLE}).encode() + b"\n" for n in range(40)),
        "csv": "\n".join(",".join(row) for row in _ROWS).encode(),
        "html": b"<html><body>" + b"<p>a&amp;b " + NEEDLE.encode() + b"</p>" * 40,
    }


def _archives() -> dict[str, bytes]:
    members = {"a.txt": _LINES, "b/c.csv": _texts()["csv"], "d.zip": zipped({"e.txt": _LINES})}
    return {
        "zip": zipped(members),
        "tar": tarred(members),
        "7z": seven_zipped(members),
        "gz": gzip.compress(_LINES),
        "bz2": bz2.compress(_LINES),
        "xz": lzma.compress(_LINES),
        "zst": zstandard.ZstdCompressor().compress(_LINES),
        "tar.gz": gzip.compress(tarred(members)),
    }


def _documents() -> dict[str, bytes]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.net", "b@example.net", NEEDLE
    message.set_content(_LINES.decode())
    message.add_attachment(docx([[NEEDLE]]), maintype="application", subtype="x", filename="d.docx")
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for n in range(40):
        sheet.write(n, 1, NEEDLE)
    old = io.BytesIO()
    book.save(old)
    return {
        "docx": docx([[NEEDLE]] * 40),
        "pptx": pptx([[NEEDLE]] * 4),
        "odt": odt([NEEDLE] * 40),
        "xlsx": xlsx({"S": {f"B{n}": NEEDLE for n in range(1, 40)}}),
        "xls": old.getvalue(),
        "ods": ods("S", _ROWS),
        "pdf": pdf([[NEEDLE] * 20] * 4),
        "eml": bytes(message),
        "mbox": b"".join(b"From a@example.net Sat Jan  3 01:05:34 2026\n" + bytes(message) + b"\n" for _ in range(3)),
    }


def _tables() -> dict[str, bytes]:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (id integer primary key, mail text)")
    connection.executemany("insert into t (mail) values (?)", [[NEEDLE]] * 900)
    connection.commit()
    database = connection.serialize()
    connection.close()
    table = pyarrow.table({"id": list(range(400)), "mail": [f"{n} {NEEDLE}" for n in range(400)]})
    columns, stripes, records = io.BytesIO(), io.BytesIO(), io.BytesIO()
    parquet.write_table(table, columns)
    orc.write_table(table, stripes)
    schema = {"type": "record", "name": "r", "fields": [{"name": "mail", "type": "string"}]}
    fastavro.writer(records, schema, [{"mail": NEEDLE}] * 400)
    return {
        "sqlite": database,
        "parquet": columns.getvalue(),
        "orc": stripes.getvalue(),
        "avro": records.getvalue(),
    }


def _jpeg() -> bytes:
    fields = Image.Exif()
    fields[0x010E] = NEEDLE
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", exif=fields)
    return out.getvalue()
