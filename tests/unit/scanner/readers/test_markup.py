"""XML and HTML are scanned with their references resolved."""

from tests.unit.scanner.readers.looking import look

NEEDLE = "ann@example.com"


def test_a_reference_is_read_as_what_it_means() -> None:
    data = b'<?xml version="1.0"?>\n<people>\n <p mail="ann&#64;example.com">&amp; Co</p></people>'
    found = look(data, NEEDLE, "& Co")
    place = found.only(NEEDLE)
    assert (place.line, place.column, place.length) == (3, 11, len("ann&#64;example.com"))
    assert place.offset == data.index(b"ann")
    assert found.only("& Co").line == 3


def test_a_page_without_references_is_given_as_it_is() -> None:
    data = b"<!DOCTYPE html><html><body>" + NEEDLE.encode() + b"</body></html>"
    assert look(data, NEEDLE).stretches == [data]


def test_what_only_looks_like_a_reference_stays() -> None:
    data = b"<a href='?x=1&y=2&unknownname;'>AT&T " + NEEDLE.encode() + b"</a>"
    found = look(data, NEEDLE)
    assert found.stretches == [data]
    assert found.only(NEEDLE).offset == data.index(NEEDLE.encode())
