"""What is told of a model's answer while it comes: never a part of what its end shows to be sensitive."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_chat.domain.cleaning import cited, cleaned
from sightglass_chat.domain.screening import _HELD_CHARS, _LONG, Screen
from sightglass_chat.redacting import values_in
from sightglass_detect import Detector, detectors

_PLAIN = "The office is closed on days like these, and letters wait for those who come back to read them. "
WORDS = [
    "a word ", "[1] ", "[9]", "[1, 2] ", "[1,", "![x](", "https://example.com/?q=", "[a]: ", "</b>", "<img src=", "\n",
    "123-45-6789 ", "4111 1111 1111 1111", "ann@example.com", "\u200b", "\u65e5\u672c\u8a9e", "www.example.com ",
]  # fmt: skip


def told(pieces: list[str], sources: int = 2) -> tuple[list[str], Screen]:
    """Everything that was told, piece by piece, as soon as it may be."""
    screen = Screen(sources)
    out: list[str] = []
    for piece in pieces:
        screen.take(piece)
        out.append(screen.more())
    rest = screen.rest()
    assert rest is not None, "what was told is not how the answer begins"
    return [*out, rest], screen


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.just(_PLAIN)), max_size=25), st.data())
def test_pieces_make_up_the_answer_however_it_comes(words: list[str], data: st.DataObject) -> None:
    text = "".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    out, screen = told(pieces)
    assert "".join(out) == screen.whole()
    assert not values_in("".join(out))
    assert "://" not in "".join(out)


def test_an_answer_is_told_before_its_end() -> None:
    out, _ = told([_PLAIN] * 10)
    assert sum(map(bool, out[:-1])) >= 5


def test_what_has_white_space_in_it_is_shorter_than_what_is_held_back() -> None:
    around = max(max(detector.window) for detector in detectors())
    for detector in detectors():
        for example in detector.finds:
            value = re.sub("[\u2039\u203a]", "", example)
            longest = max(len(line) for line in re.findall(r"\S*\s.*\S|", value, re.DOTALL))
            assert longest + around < _HELD_CHARS or _LONG.search(value), f"{detector.id}: {value}"


SOME = [
    one for one in detectors() if one.id in {"private-key", "jwt", "iban", "payment-card", "url-credentials", "us-ssn"}
]


@pytest.mark.parametrize("detector", SOME, ids=lambda one: one.id)
def test_no_part_of_a_value_is_told_whatever_its_kind(detector: Detector) -> None:
    value = re.sub("[\u2039\u203a]", "", detector.finds[0])
    text = f"{_PLAIN}{value}\n{_PLAIN * 6}"
    _, at_once = told([text])
    screen = Screen(2)
    for start in range(0, len(text), 17):
        screen.take(text[start : start + 17])
        screen.more()
        assert at_once.whole().startswith(screen.told), "told what is no part of the answer"


def test_a_key_of_many_lines_is_not_told_line_by_line() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + ("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlq\n" * 40)
    screen = Screen(1)
    for piece in [_PLAIN, "\n", *re.findall(r"(?s).{1,100}", key)]:
        screen.take(piece)
        screen.more()
        assert "QUJD" not in screen.told


def test_the_end_shows_nothing_that_the_middle_hid() -> None:
    out, _ = told(["my card is 4111 1111 ", "1111 1111 and that ", "is all"])
    assert "".join(out) == "my card is [PAYMENT_CARD#1] and that is all"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Thirty days [1][2]. More [3].", "Thirty days [1] [2]. More."),
        ("Thirty days [1, 3, 2].", "Thirty days [1] [2]."),
        ("![a](https://example.com/?q=secret)", "![a] ([link]"),
        ("see [here](//example.com/x) now", "see [here] (//example.com/x) now"),
        ("[a]: https://example.com\n![x][a]", "[a] : [link]\n![x] [a]"),
        ("<img src='https://example.com'>", "< img src='[link]>"),
        ("<https://example.com>", "<[link]>"),
        ("at www.example.com/a or ftp://example.com", "at [link] or [link]"),
        ("1 < 2, a[0]", "1 < 2, a"),
        ("[EMAIL#1] [2](x)", "[EMAIL#1] [2] (x)"),
        ("https[9]://example.com/?q=secret and ww [9]w.example.com", "[link] and [link]"),
    ],
)
def test_nothing_leads_anywhere_but_the_citations(said: str, left: str) -> None:
    assert cleaned(said, 2) == left


@given(st.text("ab []()!<>:/.htps123,#\n", max_size=60))
def test_cleaning_leaves_no_link_and_no_citation_of_nothing(text: str) -> None:
    clean = cleaned(text, 2)
    assert "](" not in clean
    assert "][" not in clean
    assert "]:" not in clean
    assert not re.search(r"[A-Za-z][A-Za-z0-9+.-]*://", clean)
    assert not re.search(r"<[A-Za-z/!?]", clean)
    assert set(re.findall(r"\[([0-9]+)\]", clean)) <= {"1", "2", *re.findall(r"\[([0-9]{4,})\]", clean)}
    assert set(cited(clean, 2)) <= {1, 2}
