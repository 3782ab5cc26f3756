"""Objects as documents: no value that is flagged anywhere in one is left in any part of it."""

import base64
import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scanner.documents.reading import DETECTION, passages, said, whole
from tests.unit.scanner.readers.documents import docx, pdf, xlsx
from tests.unit.scanner.readers.packing import NEEDLE, zipped
from tests.unit.scanner.readers.samples import samples

from sightglass_detect import Redacted, custom_detector
from sightglass_scanner.documents.drafting import gathered
from sightglass_scanner.documents.redacting import Redaction
from sightglass_scanner.documents.whole import Unfit, Whole
from sightglass_scanner.readers.source import BytesSource

SSN = "536-90-4399"
WIDE = SSN.translate({ord(str(n)): 0xFF10 + n for n in range(10)})
FILLER = "The pumps of the upper hall were looked after in spring, and nothing was found. "
WORDS = st.sampled_from(["pump", "hall", "\n", "\n\n", "überall", "[", "#1]", "17", "水", SSN, "ann@example.com", ", "])


@pytest.mark.parametrize("kind", sorted(samples()))
def test_no_format_keeps_a_value(kind: str) -> None:
    text = said(samples()[kind], f"sample.{kind}")
    assert NEEDLE not in text
    assert "[EMAIL#1]" in text


@pytest.mark.parametrize(
    "written",
    [
        WIDE,
        "536\u200b-90\u200b-4399",
        "5 3 6 9 0 4 3 9 9",
        "536-90-\n4399",
        "536-\n  90-4399",
        "536 90\r\n4399",
        base64.encodebytes(f"{' ' * 38}ssn {SSN}{' ' * 9}".encode()).decode().strip(),
        base64.b64encode(f"ssn {SSN}".encode()).decode(),
        quote("ssn: 536-90-4399", safe="").replace("-", "%2D"),
    ],
)
def test_a_hidden_value_is_found_and_replaced_where_it_stands(written: str) -> None:
    text = said(f"Her SSN is {written} as we know.".encode())
    assert written not in text
    assert re.fullmatch(r"Her SSN is .{0,60}\[US_SSN#1\].{0,20} as we know\.", text, re.DOTALL)


@pytest.mark.parametrize("first", [SSN, WIDE, "5 3 6 9 0 4 3 9 9"])
def test_a_value_that_is_flagged_once_is_replaced_wherever_it_stands_and_however_it_is_written(first: str) -> None:
    again = ["her number 536 90 4399 again", f"and {WIDE}", "x536904399x", "bare: 536904399", "now 536-9\n0-43 99"]
    lines = [f"SSN: {first}", *again]
    text = said(("\n" + FILLER * 20).join(lines).encode())
    assert not re.search(r"4\s*399|43\s*99", text)
    assert "\uff14" not in text
    assert text.count("[US_SSN#") == len(lines)


def test_numbers_in_lines_that_are_none_together_stay() -> None:
    lines = "\n".join(f"{10_000_000 + 7919 * n}" for n in range(60))
    text = f"Orders:\n{lines}\nThe hall has 20\n40 pumps are there.\nIn 2024\n365 days."
    assert said(text.encode()).split() == text.split()


def test_a_short_value_is_replaced_as_a_word_only() -> None:
    rows = "".join(f"{n},{100 + n}\n" for n in range(3))
    text = said(b"name,cvv\nann,737\nbob,841\n" + rows.encode() + b"order 17370 of day 737\n", "cards.csv")
    assert "17370" in text
    assert not re.search(r"\b(737|841)\b", text)


def test_cells_are_flagged_by_their_column_and_replaced_in_all_of_the_document() -> None:
    rows = "".join(f"{n},{536_904_000 + n}\n" for n in range(30))
    packed = zipped({"people.csv": f"id,ssn\n{rows}".encode(), "a.txt": b"As to 536904007, see there. So 999999999."})
    text = said(packed, "all.zip")
    assert "5369040" not in text
    assert "So 999999999" in text


def test_a_cell_with_quotes_is_replaced_as_its_row_has_it() -> None:
    own = custom_detector("pass-phrase", pattern=r'[a-z]{3}"[a-z]{4}-[0-9]{4}')
    document = Whole("words.csv", replace(DETECTION, custom=(own,)), 1000)
    for _ in gathered(
        BytesSource(b'id,phrase\n1,"abc""defg-1234"\n2,"hij""klmn-5678"\n'), "words.csv", "text/csv", document
    ):
        pass
    document.finish()
    (passage,) = document.passages()
    assert str(passage.text) == 'id,phrase\n1,"[PASS_PHRASE#1]"\n2,"[PASS_PHRASE#2]"'


def test_a_key_names_a_value_that_stands_under_it() -> None:
    text = said(b'{"people": [{"ssn": {"current": "536904399"}}], "filler": "' + FILLER.encode() * 10 + b'"}', "a.json")
    assert "536904399" not in text


def test_a_key_names_a_value_far_into_a_long_document() -> None:
    filler = "".join(f"  {FILLER}\n" for _ in range(3000))
    text = said(f"notes: |\n{filler}ssn:\n  current:\n    536904399\n".encode(), "a.yaml")
    assert "536904399" not in text


def test_tokens_are_numbered_within_the_document() -> None:
    text = said(zipped({"a.txt": b"ann@example.com bob@example.com", "b.txt": b"bob@example.com"}), "mails.zip")
    assert re.findall(r"#\d", text) == ["#1", "#2", "#2"]


def test_the_title_and_the_places_are_redacted_as_the_text_is() -> None:
    number = "536904399"
    document = whole(xlsx({f"staff {number}": {"A1": f"SSN {SSN}"}}), f"about {number}.xlsx")
    (passage,) = document.passages()
    assert str(document.title()) == "about [US_SSN#1].xlsx"
    assert passage.place["sheet"] == "staff [US_SSN#1]"
    assert document.redaction.replaced > 1


def test_what_is_not_read_is_told_without_the_values_in_its_name() -> None:
    packed = zipped({"ann@example.com.bin": bytes(range(256)) * 9, "a.txt": b"Hello"})
    document = whole(packed, "a.zip")
    assert [str(passage.text) for passage in document.passages()] == ["Hello"]
    assert document.reasons == ("unsupported",)
    assert "ann@" not in document.detail()
    assert "[EMAIL#1]" in document.detail()


def test_places_are_where_passages_begin() -> None:
    lines = "".join(f"{n}: {FILLER}\n" for n in range(1, 90))
    for passage in passages(lines.encode()):
        assert str(passage.text).startswith(f"{passage.place['line']}: ")
    pages = [passage.place["page"] for passage in passages(pdf([["one"], ["two"], ["three"]]), "a.pdf")]
    assert pages == [1, 2, 3]
    paragraphs = passages(docx([[f"{n}. {FILLER * 4}"] for n in range(1, 20)]), "a.docx")
    assert [f"{p.place['paragraph']}." for p in paragraphs] == [str(p.text).split()[0] for p in paragraphs]
    rows = passages("".join(f"{n},{FILLER.replace(',', '')}\n" for n in range(1, 99)).encode(), "a.csv")
    assert all(str(p.text).startswith(f"{p.place['row']},") for p in rows)


@pytest.mark.parametrize("around", [FILLER.encode(), b"x" * 200, "水".encode() * 90, b"9\n"])
def test_a_value_is_replaced_at_every_offset_around_a_border_of_passages(around: bytes) -> None:
    size = len(around)
    for shift in range(0, 40, 3):
        before = (around * (2100 // size + 1))[: 2000 // size * size] + b"." * shift
        text = said(b"%s SSN %s %s" % (before, SSN.encode(), around * 3))
        assert "4399" not in text
        assert text.count("[US_SSN#1]") == 1


@given(st.lists(WORDS, max_size=600))
@settings(deadline=None, max_examples=30)
def test_the_passages_are_the_redacted_text_up_to_white_space(words: list[str]) -> None:
    text = " ".join(["notes:", *words])
    parts = passages(text.encode())
    expected = Redaction(DETECTION)
    expected.look([text])
    assert "".join("".join(str(p.text) for p in parts).split()) == "".join(str(expected.text(text)).split())
    assert all(isinstance(p.text, Redacted) for p in parts)


def test_a_document_with_too_much_text_is_not_taken() -> None:
    data = FILLER.encode() * 100
    assert list(whole(data, most_chars=len(data)).passages())
    with pytest.raises(Unfit, match="too_large"):
        whole(data, most_chars=len(data) - 1)
    wide = "水".encode() * 3000
    assert list(whole(wide, most_chars=3000).passages())


def test_a_text_that_says_it_is_utf8_and_is_not_is_taken_all_the_same() -> None:
    assert "[US_SSN#1]" in said(b"caf\xe9 SSN 536-90-4399 \xc3")
