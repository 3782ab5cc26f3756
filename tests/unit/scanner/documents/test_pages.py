"""HTML as it is read: its text in lines, however it comes in pieces, and never what is not shown."""

from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.scanner.documents.reading import said, whole

from sightglass_scanner.documents.pages import Page, is_page, read_page
from sightglass_scanner.readers.source import BytesSource

PAGE = b"""<!DOCTYPE html>
<html><head><title>The &amp; pumps</title><style>p { color: red }</style>
<script>var a = "<p>no</p>"; if (a < b) x();</SCRIPT></head>
<body><h1>Head</h1><p class="a">SSN 536-<b>90</b>-4399 is
 a < b and c <- d</p><!-- ann@example.com <p> --><ul><li>one<li>two &lt;x&gt; &copy;</ul>
<table><tr><th>n</th><th>v</th></tr><tr><td>1</td><td>2</td></tr></table>
caf\xc3\xa9<br/>end <svg><path d="x"/></svg>after"""
LINES = [
    "The & pumps", "", "Head", "", "", "SSN 536-90-4399 is a < b and c <- d", "", "one", "two <x> ©", "", "n\tv",
    "1\t2", "", "café", "end after",
]  # fmt: skip
SIGNS = [
    "<p>",
    "</b>",
    "<!--",
    "-->",
    "<scr",
    "ipt>",
    "</script>",
    "<",
    "a > b",
    "&am",
    "p; ",
    "<td x='",
    "\n",
    "é",
    "!",
]


def text_of(data: bytes) -> list[str]:
    return "".join(text.data.decode() for text in read_page(BytesSource(data))).split("\n")[:-1]


def test_a_page_is_its_text_in_lines_without_tags_scripts_and_comments() -> None:
    assert text_of(PAGE) == LINES


def test_a_value_that_tags_part_is_one_and_is_replaced() -> None:
    text = said(PAGE, "page.html")
    assert "SSN [US_SSN#1] is a < b" in text
    assert "ann@" not in text
    assert "[EMAIL" not in text


def test_places_are_lines_of_the_source() -> None:
    page = b"<p>" + b"one two three four five. " * 60 + b"</p>\n\n<p>\nlast"
    *_, last = whole(page, "a.htm").passages()
    assert (str(last.text), last.place) == ("last", {"kind": "text", "line": 4})


@given(st.lists(st.sampled_from(SIGNS), max_size=30), st.integers(1, 40))
@example(["\n", "\n", "-->"], 1)
@example(["&am", "p; ", "\n", "é"], 2)
@example(["\n", "<td x='", "'>", "\n", "!"], 1)
def test_pieces_of_any_size_come_to_the_same(signs: list[str], size: int) -> None:
    written = "".join(signs)
    at_once, in_pieces = Page(), Page()
    pieces = [written[at : at + size].encode() for at in range(0, len(written), size)]
    came = [line for n, piece in enumerate(pieces) for line in in_pieces.lines(piece, last=n + 1 == len(pieces))]
    expected = list(at_once.lines(written.encode(), last=True)) if written else []
    assert [(line.text, line.at(0)) for line in came] == [(line.text, line.at(0)) for line in expected]


def test_a_line_without_end_is_given_in_parts() -> None:
    page = Page()
    assert max(len(line.text) for line in page.lines(b"word <b>" * 100_000, last=True)) < 70_000


def test_a_name_or_a_type_tells_a_page_and_its_content_that_it_is_text() -> None:
    text, other = BytesSource(PAGE), BytesSource(b"PK\x03\x04" + bytes(100))
    assert is_page(text, "a.HTML", "")
    assert is_page(text, "a", "text/html; charset=utf-8")
    assert not is_page(text, "a.txt", "text/plain")
    assert not is_page(other, "a.html", "text/html")
