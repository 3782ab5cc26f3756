"""Sentences of texts, and answers made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_chat.domain.extracting import FLOOR, Answer, Part, Sentence, extract, score
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


def of(*texts: str, source: int = 0) -> list[Sentence]:
    return [Sentence(text, source, place) for place, text in enumerate(texts)]


def test_the_best_sentences_answer_in_the_order_of_their_sources() -> None:
    sentences = of("a", "b") + of("c", source=3)
    assert extract(sentences, [0.8, 0.2, 0.9]) == Answer([Part("a", 1), Part("c", 2)], [0, 3])


def test_below_the_floor_nothing_answers() -> None:
    assert extract(of("a"), [FLOOR - 0.01]) == Answer([], [])
    assert extract([], []) == Answer([], [])


def test_what_is_far_behind_the_best_only_adds_noise() -> None:
    assert [part.text for part in extract(of("a", "b"), [0.9, 0.5]).parts] == ["a"]


def test_no_answer_has_more_than_three_sentences_or_one_twice() -> None:
    assert len(extract(of("a", "b", "c", "d"), [0.9] * 4).parts) == 3
    assert len(extract(of("a") + of("a", source=1), [0.9, 0.9]).parts) == 1


def test_a_question_is_no_answer() -> None:
    assert [part.text for part in extract(of("How many?", "Three of them."), [0.9, 0.8]).parts] == ["Three of them."]


def test_words_alone_decide_where_there_is_no_model() -> None:
    assert (score(0.6, None), score(0.6, 0.4), score(0.6, -1.0)) == (0.6, 0.5, 0.3)
