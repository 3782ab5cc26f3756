"""E-mails are read: headers, bodies in any encoding, attachments of any format."""

from email.message import EmailMessage

from tests.unit.scanner.readers.documents import docx, xlsx
from tests.unit.scanner.readers.looking import look
from tests.unit.scanner.readers.packing import NEEDLE, zipped

from sightglass_scanner.readers.locator import PlaceKind
from sightglass_scanner.readers.reading import SkipReason


def mail(text: str = "hello\n", subject: str = "Größe", charset: str = "utf-8") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann <a@example.net>"
    message["To"] = "b@example.net"
    message["Subject"] = subject
    message.set_content(text, charset=charset)
    return message


def test_a_header_is_told_by_its_name() -> None:
    place = look(bytes(mail(subject="für " + NEEDLE)), NEEDLE).only(NEEDLE)
    assert (place.kind, place.part, place.header, place.column) == (PlaceKind.HEADER, "0", "Subject", 5)


def test_a_body_is_read_in_its_encoding() -> None:
    for charset in ("utf-8", "iso-8859-1", "cp1252", "utf-16"):
        found = look(bytes(mail(f"Grüße an\n  {NEEDLE}\n", charset=charset)), NEEDLE, "Grüße")
        place = found.only(NEEDLE)
        assert (place.part, place.line, place.column) == ("0", 2, 3)
        assert found.only("Grüße").line == 1


def test_attachments_are_read_whatever_they_are() -> None:
    message = mail()
    message.add_attachment(xlsx({"S": {"B2": NEEDLE}}), maintype="application", subtype="x", filename="t.bin")
    message.add_attachment(zipped({"d.docx": docx([["x"], [NEEDLE]])}), maintype="image", subtype="png", filename="z")
    cell, paragraph = look(bytes(message), NEEDLE).places[NEEDLE]
    assert (cell.part, cell.member, cell.cell) == ("2", "t.bin", "B2")
    assert (paragraph.member, paragraph.part, paragraph.paragraph) == ("z!/d.docx", "word/document.xml", 2)


def test_a_forwarded_message_is_read() -> None:
    outer = mail()
    outer.add_attachment(mail(NEEDLE + "\n"))
    place = look(bytes(outer), NEEDLE).only(NEEDLE)
    assert (place.part, place.line) == ("3", 1)


def test_messages_of_a_mailbox_are_told_apart() -> None:
    box = b"".join(
        b"From ann@example.net Sat Jan  3 01:05:34 2026\n"
        + bytes(mail(f"body {n} {NEEDLE if n == 2 else ''}\n"))
        + b"\n"
        for n in (1, 2, 3)
    )
    found = look(box, NEEDLE, "body 3")
    assert (found.only(NEEDLE).member, found.only(NEEDLE).line) == ("message 2", 1)
    assert found.only("body 3").member == "message 3"


def test_an_encrypted_part_is_reported() -> None:
    data = (
        b"From: a@example.net\nTo: b@example.net\nSubject: x\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/encrypted; boundary="q"\n\n--q\nContent-Type: text/plain\n\nx\n--q--\n'
    )
    assert SkipReason.ENCRYPTED in [s.reason for s in look(data).skipped]


def test_text_that_begins_like_settings_is_no_mail() -> None:
    found = look(b"name: x\nmail: " + NEEDLE.encode() + b"\nother: y\n", NEEDLE)
    assert (found.only(NEEDLE).line, found.only(NEEDLE).part) == (2, None)
