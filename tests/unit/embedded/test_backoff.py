"""The pause before a child starts again."""

from sightglass_embedded.backoff import Backoff


def test_pauses_double_up_to_30_seconds() -> None:
    backoff = Backoff()
    assert [backoff.pause_s(0.1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_long_life_starts_the_pauses_over() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.pause_s(1)
    assert backoff.pause_s(60) == 0.5
    assert backoff.pause_s(1) == 1
