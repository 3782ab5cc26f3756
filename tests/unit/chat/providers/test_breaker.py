"""Providers that fail are left in peace, and come back."""

from sightglass_chat.providers.breaker import Breakers


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_three_failures_in_a_row_one_question_in_a_while_is_let_through() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    for _ in range(3):
        assert breakers.lets("a")
        breakers.failed("a")
    assert not breakers.lets("a")
    assert breakers.lets("b"), "another provider is not to blame"
    clock.now += 31
    assert [breakers.lets("a") for _ in range(3)] == [True, False, False]
    breakers.failed("a")
    assert not breakers.lets("a")
    clock.now += 31
    assert breakers.lets("a")
    breakers.answered("a")
    assert all(breakers.lets("a") for _ in range(3))


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breakers = Breakers(Clock())
    for _ in range(3):
        breakers.failed("a")
        breakers.failed("a")
        breakers.answered("a")
    assert breakers.lets("a")


def test_what_is_known_has_a_bound() -> None:
    breakers = Breakers(Clock())
    for number in range(10_100):
        breakers.failed(number)
    assert len(breakers._failures) == 10_000
