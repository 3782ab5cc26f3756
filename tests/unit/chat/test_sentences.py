"""Sentences of texts, and answers made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_chat.domain.extracting import Answer, Part, Rated, Sentence, extract
from sightglass_chat.domain.sentences import sentences_of


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The cat sleeps here. The dog is awake!", ["The cat sleeps here.", "The dog is awake!"]),
        (
            "Dr. Miller paid J. Smith at St. James. He left then.",
            ["Dr. Miller paid J. Smith at St. James.", "He left then."],
        ),
        ("It costs 3.50 euros a day. Pay at the desk.", ["It costs 3.50 euros a day.", "Pay at the desk."]),
        ("He said “Stay where you are.” Then he left.", ["He said “Stay where you are.”", "Then he left."]),
        ("# Holidays\nThirty days a year\nfor each of us", ["Thirty days a year", "for each of us"]),
        ("Short. Yes.", []),
        (
            "Where a provider of labels is set, the pictures of scenes are\nsent to it one by one. Nothing else is.",
            [
                "Where a provider of labels is set, the pictures of scenes are\nsent to it one by one.",
                "Nothing else is.",
            ],
        ),
        (
            "| a row of a table that is longer than what is taken for wrapped |\n| the next |",
            ["| a row of a table that is longer than what is taken for wrapped |", "| the next |"],
        ),
        ("version 2.1 of libfoo.so is e.g. on the list", ["version 2.1 of libfoo.so is e.g. on the list"]),
        ("Das kostet viel Geld. Über alles wird gesprochen.", ["Das kostet viel Geld.", "Über alles wird gesprochen."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_sees_it(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


@given(st.text(alphabet="aB. \n!?\"'(1#", max_size=200))
def test_each_sentence_stands_in_the_text_word_for_word_and_in_order(text: str) -> None:
    at = 0
    for sentence in sentences_of(text):
        at = text.index(sentence, at) + len(sentence)


def of(*scores: tuple[str, float], source: int = 0) -> list[Rated]:
    """Sentences that have so much of a question's words, and are as near to it."""
    return [Rated(Sentence(source, place, text), value, value) for place, (text, value) in enumerate(scores)]


def test_the_best_sentences_answer_in_the_order_of_their_sources() -> None:
    rated = of(("a", 0.8), ("b", 0.2)) + of(("c", 0.9), source=3)
    assert extract(rated) == Answer([Part("a", 1), Part("c", 2)], [0, 3])


def test_what_is_far_from_the_question_answers_nothing() -> None:
    assert extract(of(("a", 0.4))) == Answer([], [])
    assert extract([]) == Answer([], [])


@pytest.mark.parametrize(
    ("words", "cosine", "answers"),
    [(0.0, 0.42, True), (0.6, 0.4, False), (0.65, 0.3, True), (1.0, 0.2, False), (0.5, None, True), (0.4, None, False)],
)
def test_words_and_nearness_decide_together_and_words_alone_without_a_model(
    words: float, cosine: float | None, answers: bool
) -> None:
    assert Rated(Sentence(0, 0, "a"), words, cosine).answers == answers


def test_what_is_far_behind_the_best_only_adds_noise() -> None:
    assert [part.text for part in extract(of(("a", 0.9), ("b", 0.5))).parts] == ["a"]


def test_no_answer_has_more_than_three_sentences_or_one_twice() -> None:
    assert len(extract(of(*[(text, 0.9) for text in "abcd"])).parts) == 3
    assert len(extract(of(("a", 0.9)) + of(("a", 0.9), source=1)).parts) == 1


def test_a_line_that_only_has_another_number_says_nothing_more() -> None:
    rated = of(("051 Build passed", 0.8), ("12. Build passed", 0.85), ("Build passed", 0.7), ("3 days passed", 0.8))
    assert [part.text for part in extract(rated).parts] == ["12. Build passed", "3 days passed"]


def test_a_question_is_no_answer() -> None:
    assert [part.text for part in extract(of(("How many?", 0.9), ("Three of them.", 0.6))).parts] == ["Three of them."]
