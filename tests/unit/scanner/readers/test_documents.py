"""Office documents and PDFs are read; places are paragraphs, cells and lines of pages."""

import io
from collections.abc import Callable

import pytest
import xlwt
from tests.unit.scanner.readers.documents import docx, ods, odt, pdf, pptx, xlsx
from tests.unit.scanner.readers.looking import look, texts_of
from tests.unit.scanner.readers.packing import NEEDLE, tarred, zipped

from sightglass_scanner.readers.locator import PlaceKind
from sightglass_scanner.readers.reading import Column, SkipReason


def test_a_paragraph_of_a_docx_is_told_also_when_it_is_in_runs() -> None:
    data = docx([["Dear"], ["mail to ann@", "example", ".com"], ["& so on"]])
    found = look(data, NEEDLE, "& so on")
    place = found.only(NEEDLE)
    assert (place.kind, place.part, place.paragraph, place.column) == (PlaceKind.PARAGRAPH, "word/document.xml", 2, 9)
    assert found.only("& so on").paragraph == 3
    assert found.skipped == []


def test_headers_comments_and_embedded_objects_of_a_docx_are_read() -> None:
    comment = (
        b'<w:comments xmlns:w="w"><w:comment><w:p><w:r><w:t>bob@example.com</w:t></w:r></w:p></w:comment></w:comments>'
    )
    others = {
        "word/comments.xml": comment,
        "word/embeddings/a.xlsx": xlsx({"S": {"B2": NEEDLE}}),
        "word/styles.xml": b"<x>boilerplate</x>",
    }
    found = look(docx([["x"]], others), NEEDLE, "bob@example.com", "boilerplate")
    assert found.only("bob@example.com").part == "word/comments.xml"
    assert (found.only(NEEDLE).member, found.only(NEEDLE).cell) == ("word/embeddings/a.xlsx", "B2")
    assert "boilerplate" not in found.places


def test_slides_are_read() -> None:
    place = look(pptx([["Title"], ["x", NEEDLE]]), NEEDLE).only(NEEDLE)
    assert (place.part, place.paragraph) == ("ppt/slides/slide2.xml", 2)


def test_an_odt_is_read() -> None:
    place = look(odt(["Dear", "mail " + NEEDLE]), NEEDLE).only(NEEDLE)
    assert (place.part, place.paragraph, place.column) == ("content.xml", 2, 6)


def test_cells_of_all_sheets_of_a_workbook_are_told() -> None:
    data = xlsx({"First": {"A1": "x"}, "Second": {"C3": "name", "D4": "y", "E7": NEEDLE}})
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.kind, place.sheet, place.cell, place.row) == (PlaceKind.CELL, "Second", "E7", 7)


def test_a_workbook_has_columns_with_headers_and_whole_numbers() -> None:
    cells: dict[str, str | float] = {"B2": "name", "C3": 536904399.0, "B4": "Ann", "C4": 1.5}
    seconds: list[Column] = []
    for text in texts_of(xlsx({"S": cells})):
        assert text.columns is not None
        seconds.append(text.columns()[1])
        assert seconds[-1].locate(len(seconds[-1].values) - 1).cell == "C4"
    assert [value for column in seconds for value in column.values] == [b"", b"536904399", b"1.5"]


def test_a_header_names_the_cells_under_it() -> None:
    out = ods("S", [["id", "mail"], ["1", "x"], ["2", NEEDLE]])
    place = look(out, NEEDLE).only(NEEDLE)
    assert (place.sheet, place.cell, place.field) == ("S", "B3", "mail")


def test_an_xls_is_read() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Old")
    sheet.write(4, 2, NEEDLE)
    out = io.BytesIO()
    book.save(out)
    place = look(out.getvalue(), NEEDLE).only(NEEDLE)
    assert (place.sheet, place.cell) == ("Old", "C5")


def test_an_encrypted_document_is_reported() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    assert [s.reason for s in look(ole).skipped] == [SkipReason.ENCRYPTED]


def test_other_compound_files_are_reported() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument".encode("utf-16-le") + bytes(512)
    assert [s.reason for s in look(ole).skipped] == [SkipReason.UNSUPPORTED]


def test_a_line_of_a_page_of_a_pdf_is_told() -> None:
    place = look(pdf([["one"], ["two", "mail " + NEEDLE + " now"]]), NEEDLE).only(NEEDLE)
    assert (place.kind, place.page, place.line, place.column) == (PlaceKind.PAGE, 2, 2, 6)


def test_a_broken_pdf_is_reported() -> None:
    assert [s.reason for s in look(b"%PDF-1.4\nnothing").skipped] == [SkipReason.DAMAGED]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_documents_in_archives_are_read(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    members = {"a.pdf": pdf([[NEEDLE]]), "b.docx": docx([[NEEDLE]]), "c.xlsx": xlsx({"S": {"A1": NEEDLE}})}
    places = look(pack(members), NEEDLE).places[NEEDLE]
    assert [(p.member, p.page, p.paragraph, p.cell) for p in places] == [
        ("a.pdf", 1, None, None),
        ("b.docx", None, 1, None),
        ("c.xlsx", None, None, "A1"),
    ]


def test_entities_are_no_way_to_a_bomb() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    found = look(docx([[NEEDLE]], {"word/footnotes.xml": bomb}), NEEDLE)
    assert found.only(NEEDLE).paragraph == 1
    assert [(s.reason, s.place.part) for s in found.skipped if s.place] == [
        (SkipReason.UNSUPPORTED, "word/footnotes.xml")
    ]


def test_a_part_that_breaks_off_is_read_up_to_there() -> None:
    part = b"<w:x xmlns:w='w'><w:p><w:t>" + NEEDLE.encode() + b"</w:t></w:p><w:p><w:t>mo"
    found = look(docx([["x"]], {"word/endnotes.xml": part}), NEEDLE, "mo")
    assert found.only(NEEDLE).part == "word/endnotes.xml"
    assert found.only("mo").paragraph == 2
    assert [s.reason for s in found.skipped] == [SkipReason.DAMAGED]


def test_a_workbook_that_unpacks_to_too_much_is_not_opened() -> None:
    data = xlsx({"S": {"A1": "0" * 30_000_000}})
    assert [s.reason for s in look(data).skipped] == [SkipReason.RATIO]
