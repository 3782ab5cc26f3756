"""What a document is cut into."""

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect import Redacted, redact
from sightglass_retrieval import MiniLM, Passage, Segment, cut

TYPED = re.compile(r"\[[A-Z_]+#\d+\]")


def tokens(text: str) -> list[tuple[int, int]]:
    """As a tokenizer does that knows words of up to four letters: what is longer is several."""
    return [found.span() for found in re.finditer(r"\w{1,4}|[^\w\s]", text)]


def passages(*texts: str) -> list[Passage]:
    return [Passage(redact(text, ()), {"page": number}) for number, text in enumerate(texts, 1)]


def segments(
    texts: Sequence[str] | str,
    *,
    most: int = 20,
    overlap: int = 0,
    title: str = "",
    places: Sequence[Mapping[str, object]] = (),
) -> list[Segment]:
    told = passages(*([texts] if isinstance(texts, str) else texts))
    told = [Passage(one.text, place) for one, place in zip(told, places, strict=True)] if places else told
    return cut(told, tokens=tokens, title=title, most=most, overlap=overlap)


def texts_of(found: Sequence[Segment]) -> list[str]:
    return [str(segment.text) for segment in found]


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


# What is hard to cut, with pieces of ordinary text between.
PIECE = st.sampled_from(
    [
        "word",
        "a sentence. ",
        "Another! ",
        "[US_SSN#1]",
        "[EMAIL#12]",
        "\n",
        "\n\n",
        "\n\n\n",
        " ",
        "  ",
        "x" * 90,
        "一二三。",
        "e.g. ",
        "\n# Top\n",
        "\n## Below ##\n",
        "\n```\n",
        "?!",
        "\u00a0",
        "\r\n",
        "1.5",
        "[",
        "#",
        "]",
        "ß",
        "😀",
    ]
)
TEXT = st.lists(PIECE, max_size=60).map("".join)


@given(st.lists(TEXT, max_size=5), st.integers(16, 40), st.integers(0, 7))
def test_all_of_a_text_is_in_some_segment_in_its_order(texts: list[str], most: int, overlap: int) -> None:
    found = segments(texts, most=most, overlap=overlap)
    new = "".join(str(segment.text)[segment.repeated :] for segment in found)
    assert "".join(new.split()) == "".join("".join(texts).split())


@given(st.lists(TEXT, max_size=5), st.integers(16, 40), st.integers(0, 7))
def test_no_segment_has_more_tokens_than_it_may_and_none_repeats_more(
    texts: list[str], most: int, overlap: int
) -> None:
    before = ""
    for segment in segments(texts, most=most, overlap=overlap):
        text = str(segment.text)
        assert 0 < len(tokens(text)) <= most
        repeated = text[: segment.repeated].strip()
        assert len(tokens(repeated)) <= overlap
        assert before.endswith(repeated)
        assert text == text.strip()
        before = text


@given(st.lists(TEXT, max_size=5), st.integers(16, 40), st.integers(0, 7))
def test_a_typed_token_is_never_cut(texts: list[str], most: int, overlap: int) -> None:
    found = segments(texts, most=most, overlap=overlap)
    new = [str(segment.text)[segment.repeated :] for segment in found]
    assert [token for text in new for token in TYPED.findall(text)] == TYPED.findall("\n".join(texts))


def test_a_segment_is_of_redacted_text() -> None:
    (segment,) = segments("One. Two.")
    assert isinstance(segment.text, Redacted)


def test_a_text_that_fits_is_one_segment_with_its_place() -> None:
    assert segments("One. Two.\n\nThree.") == [Segment(redact("One. Two.\n\nThree.", ()), {"page": 1})]


def test_nothing_and_white_space_are_no_segment() -> None:
    assert segments([]) == segments(["", " \n\t"]) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"{words(6)}. {words(5)}\n\n{words(4)}\n{words(9)}", f"{words(6)}. {words(5)}"),
        (f"{words(6)}. {words(6)}\n{words(4)}. {words(9)}", f"{words(6)}. {words(6)}"),
        (f"{words(6)}. {words(6)}. {words(9)}", f"{words(6)}. {words(6)}. {words(6)}"),
        (f"{words(6)}. {words(6)}. Word {words(9)}", f"{words(6)}. {words(6)}."),
        (words(30), words(20)),
        ("x" * 100, "x" * 80),
        (f"{words(2)}\n\n{words(12)}\n{words(12)}", f"{words(2)}\n\n{words(12)}"),
    ],
    ids=["paragraph", "line", "lower case goes on", "sentence", "word", "within a word", "not the first half's"],
)
def test_a_cut_is_at_the_strongest_border_of_the_second_half(text: str, first: str) -> None:
    assert str(segments(text)[0].text) == first


def test_sentences_without_spaces_are_sentences() -> None:
    assert texts_of(segments("一二三四五六七八九十。" * 8, most=16))[0] == "一二三四五六七八九十。" * 4


def test_a_token_that_no_tokenizer_knows_is_cut_by_its_length() -> None:
    found = cut(passages("x" * 1000), tokens=lambda text: [(0, len(text))], title="", most=16, overlap=0)
    assert texts_of(found) == ["x" * 128] * 7 + ["x" * 104]


def test_a_typed_token_stays_whole_where_nothing_else_can_be_cut() -> None:
    found = segments("x" * 70 + "[US_SSN#1]" + "y" * 70)
    assert texts_of(found) == ["x" * 70, "[US_SSN#1]" + "y" * 56, "y" * 14]


def test_a_typed_token_that_is_longer_than_a_segment_stays_whole() -> None:
    token = f"[{'A' * 90}#1]"
    assert texts_of(segments(f"{token} tail", most=16)) == [token, "tail"]


def test_the_end_of_a_segment_is_repeated_in_whole_sentences() -> None:
    found = segments("Aa bb. Cc dd. Ee ff. Gg hh. Ii jj. Kk ll. Mm nn. Oo pp.", overlap=7)
    assert texts_of(found) == ["Aa bb. Cc dd. Ee ff. Gg hh. Ii jj. Kk ll.", "Ii jj. Kk ll. Mm nn. Oo pp."]
    assert [segment.repeated for segment in found] == [0, len("Ii jj. Kk ll. ")]


def test_a_sentence_that_is_too_long_is_not_repeated() -> None:
    found = segments(f"{words(10)}. {words(8).capitalize()}. Ee ff. Gg hh.", overlap=7)
    assert [segment.repeated for segment in found] == [0, 0]


def test_short_passages_go_together_while_they_fit() -> None:
    rows = [f"{words(5)} {number}" for number in range(1, 8)]
    found = segments(rows)
    assert texts_of(found) == ["\n".join(rows[:3]), "\n".join(rows[3:6]), rows[6]]
    assert [segment.locator for segment in found] == [
        {"page": {"from": 1, "to": 3}},
        {"page": {"from": 4, "to": 6}},
        {"page": 7},
    ]


def test_a_passage_that_does_not_fit_is_not_torn_to_fill_the_one_before() -> None:
    found = segments([words(15), words(25), words(3)])
    assert [len(tokens(text)) for text in texts_of(found)] == [15, 20, 8]
    assert [segment.locator for segment in found] == [{"page": 1}, {"page": 2}, {"page": {"from": 2, "to": 3}}]


def test_a_short_passage_before_a_long_one_stands_alone() -> None:
    found = segments([words(3), f"{words(12).capitalize()}. {words(12).capitalize()}."])
    assert [segment.locator for segment in found] == [{"page": 1}, {"page": 2}, {"page": 2}]


def test_a_word_that_is_cut_is_counted_anew() -> None:
    def pieces(text: str) -> list[tuple[int, int]]:
        """A token for each three letters of a long word, and for each letter of a short one."""
        step = 3 if len(text) > 50 else 1
        return [(at, at + step) for at in range(0, len(text), step)]

    found = texts_of(cut(passages("x" * 60), tokens=pieces, title="", most=16, overlap=0))
    assert "".join(found) == "x" * 60
    assert max(len(pieces(text)) for text in found) <= 16
    assert len(found) <= 5


def test_a_heading_repeats_nothing() -> None:
    found = segments(f"{words(7).capitalize()}. Cc dd.\n# A\n{words(15)}", overlap=7)
    assert [(segment.repeated, str(segment.text)[:3]) for segment in found] == [(0, "Wor"), (0, "# A")]


def test_what_begins_with_a_passage_repeats_nothing() -> None:
    found = segments(["Aa bb. Cc dd. Ee ff. Gg hh.", "Ii jj. Kk ll. Mm nn. Oo pp."], overlap=7)
    assert [segment.repeated for segment in found] == [0, 0]


def test_a_place_is_from_the_first_to_the_last() -> None:
    first = {
        "kind": "cell",
        "sheet": "Q1",
        "row": 2,
        "offset": 10,
        "length": 4,
        "cell": "A2",
    }
    last = {
        "kind": "cell",
        "sheet": "Q1",
        "row": {"from": 3, "to": 4},
        "offset": 14,
        "length": 6,
    }
    (segment,) = segments(["One", "Two"], places=[first, last])
    assert segment.locator == {
        "kind": "cell",
        "sheet": "Q1",
        "row": {"from": 2, "to": 4},
        "offset": 10,
        "length": 10,
    }


def line_of(scene: int, text: str, start: int, end: int, box: list[float] | None = None) -> Passage:
    place = {"kind": "video", "scene": scene, "start_us": start, "end_us": end} | ({"box": box} if box else {})
    return Passage(redact(text, ()), place, part=scene)


def test_no_segment_goes_over_the_end_of_a_scene() -> None:
    lines = [line_of(0, "One", 0, 5), line_of(0, "Two", 1, 2), line_of(1, "Three", 5, 9)]
    found = cut(lines, tokens=tokens, title="", most=20, overlap=0)
    assert texts_of(found) == ["One\nTwo", "Three"]
    assert [segment.locator["scene"] for segment in found] == [0, 1]


def test_a_segment_of_a_scene_knows_the_time_and_the_box_of_each_of_its_lines() -> None:
    first, second = [0.1, 0.1, 0.2, 0.1], [0.2, 0.3, 0.4, 0.1]
    lines = [line_of(3, "Left", 0, 9, first), line_of(3, "Right", 2, 5, second), line_of(3, "Nothing moves.", 0, 8)]
    (segment,) = cut(lines, tokens=tokens, title="", most=20, overlap=0)
    assert segment.locator == {
        "kind": "video", "scene": 3, "start_us": 0, "end_us": 9, "box": [0.1, 0.1, 0.5, 0.3],
        "lines": [
            {"start_us": 0, "end_us": 9, "box": first}, {"start_us": 2, "end_us": 5, "box": second},
            {"start_us": 0, "end_us": 8},
        ],
    }  # fmt: skip


def test_a_scene_with_more_than_a_segment_is_cut_between_its_lines() -> None:
    lines = [line_of(0, words(8), 10 * i, 10 * i + 5) for i in range(4)]
    found = cut(lines, tokens=tokens, title="", most=20, overlap=0)
    assert [segment.locator["start_us"] for segment in found] == [0, 20]
    assert [segment.locator["end_us"] for segment in found] == [15, 35]


def test_headings_above_are_in_the_place() -> None:
    text = f"Before.\n# Guide\n{words(12)}\n## Install ##\n{words(12)}\n### On C#\n{words(12)}\n## Use\n{words(12)}"
    assert [segment.locator.get("heading") for segment in segments(text)] == [
        None,
        ["Guide", "Install"],
        ["Guide", "Install", "On C#"],
        ["Guide", "Use"],
    ]


def test_headings_are_above_the_passages_that_follow() -> None:
    found = segments(["# Guide", words(19), words(19)])
    assert [segment.locator["heading"] for segment in found] == [["Guide"], ["Guide"], ["Guide"]]


def test_the_title_is_not_said_again() -> None:
    found = segments(f"# Guide\n{words(15)}\n## Use\n{words(15)}", title="Guide")
    assert [segment.locator.get("heading") for segment in found] == [None, ["Use"]]


def test_a_line_of_a_block_of_code_is_no_heading() -> None:
    text = "~~~~\n# one\n```\n~~~\n# two\n~~~~~\n# Three\n" + words(30)
    assert [segment.locator.get("heading") for segment in segments(text)][-1] == ["Three"]
    assert segments(f"~~~\n```\n# one\n{words(30)}")[-1].locator == {"page": 1}
    assert segments(f"```\n# one\n{words(30)}")[-1].locator == {"page": 1}


def test_a_heading_begins_a_segment_when_the_one_before_is_half_full() -> None:
    assert texts_of(segments(f"{words(10)}\n# A\n{words(3)}")) == [words(10), f"# A\n{words(3)}"]
    assert texts_of(segments(f"{words(9)}\n# A\n{words(3)}")) == [f"{words(9)}\n# A\n{words(3)}"]


@pytest.mark.parametrize(("most", "overlap"), [(15, 0), (20, 10), (20, -1)])
def test_what_cannot_be_is_refused(most: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="segments of"):
        segments("One.", most=most, overlap=overlap)


def test_a_document_is_cut_into_segments_that_are_looked_at_whole(minilm: MiniLM) -> None:
    text = "\n".join(f"Line {n}: paid 1{n} EUR to Zoë, réf. {'x' * n}{n * 7919:x}, [IBAN#{n}]." for n in range(300))
    segments = cut([Passage(redact(text, ()), {})], tokens=minilm.tokens, title="")
    counts = [len(minilm.tokens(str(segment.text))) for segment in segments]
    assert max(counts) <= 220
    assert min(counts[:-1]) >= 110
