"""Cuts: at borders, of bounded size, and never within a token or a character."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect import Finding, Severity, redact
from sightglass_scanner.documents.cutting import MOST, cut_after, parts


@given(st.lists(st.tuples(st.integers(0, 2600), st.sampled_from(["", " ", "\n"])), min_size=1, max_size=4))
def test_no_part_cuts_a_token_and_together_they_are_the_text(runs: list[tuple[int, str]]) -> None:
    raw, findings = "", []
    for size, border in runs:
        raw += "x" * size + border
        findings.append(Finding(len(raw), len(raw) + 9, "us-ssn", 1.0, Severity.HIGH))
        raw += "123456789"
    text = redact(raw, findings)
    cut = [str(part) for part in parts(text)]
    assert "".join("".join(cut).split()) == "".join(str(text).split())
    assert all(0 < len(part) <= MOST and part == part.strip() for part in cut)
    assert sum(len(re.findall(r"\[US_SSN#1\]", part)) for part in cut) == len(findings)


def test_a_long_row_of_tokens_is_cut_between_them() -> None:
    raw = "123456789" * 500
    text = redact(raw, [Finding(n * 9, n * 9 + 9, "us-ssn", 1.0, Severity.HIGH) for n in range(500)])
    assert all(re.fullmatch(r"(\[US_SSN#1\])+", str(part)) for part in parts(text))


@given(text=st.text(alphabet="a é水\n", min_size=1, max_size=3000), final=st.booleans())
def test_a_cut_is_behind_its_beginning_and_between_characters(text: str, *, final: bool) -> None:
    data, at = text.encode() * 2, 0
    while (end := cut_after(data, at, final=final)) is not None:
        assert at < end <= at + MOST
        data[at:end].decode()
        at = end
    assert len(data) - at <= MOST


def test_a_paragraph_ends_a_passage_and_a_line_one_that_is_long() -> None:
    paragraph, line = b"a" * 300 + b"\n\n", b"b" * 99 + b"\n"
    assert cut_after(paragraph + line * 30, 0, final=False) == len(paragraph)
    assert cut_after(line * 30, 0, final=False) == 800
    assert cut_after(b"c" * 900 + b" " + b"c" * 2000, 0, final=False) == 901
    assert cut_after(b"d" * 2100, 0, final=False) == MOST
    assert cut_after(line * 15, 0, final=False) is None
    assert cut_after(line * 15, 0, final=True) == 800
