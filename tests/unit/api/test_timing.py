"""When schedules are due."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.schedules.timing import NeverDue, next_due

CRONS = st.sampled_from(
    ["*/7 * * * *", "30 3 * * 1-5", "0 0 1 * *", "15 2 * * *", "0 12 29 2 *", "5,50 8-17/3 * * SUN"]
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("30 3 * * *", "UTC", "2026-05-01T03:29:59", "2026-05-01T03:30"),
        ("30 3 * * *", "UTC", "2026-05-01T03:30:00", "2026-05-02T03:30"),
        ("30 3 * * *", "Europe/Berlin", "2026-05-01T00:00", "2026-05-01T01:30"),
        ("30 3 * * *", "Europe/Berlin", "2026-12-01T00:00", "2026-12-01T02:30"),
        ("0 9 * * MON", "America/New_York", "2026-05-01T00:00", "2026-05-04T13:00"),
        # 2:30 is skipped on that day: due as soon as it would have been.
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T01:00"),
        # It comes twice on that day, and is due the first time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_a_schedule_is_due_by_the_clock_of_its_zone(cron: str, zone: str, after: str, due: str) -> None:
    assert next_due(cron, zone, at(after)) == at(due)


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("* * * *", "UTC"), ("0 * * * * *", "UTC"), ("61 * * * *", "UTC"), ("0 0 31 2 *", "UTC"), ("@daily", "UTC"),
        ("0 0 * * *", "Mars/Base"), ("0 0 * * *", "../../etc/passwd"), ("0 0 * * *", ""), ("", "UTC"),
        ("a b c d e", "UTC"), ("*/0 * * * *", "UTC"), ("0 0 * * *", "Europe"),
    ],
)  # fmt: skip
def test_what_never_comes_is_refused(cron: str, zone: str) -> None:
    with pytest.raises(NeverDue):
        next_due(cron, zone, at("2026-01-01T00:00"))


@given(CRONS, ZONES, MOMENTS)
def test_the_next_time_is_later_and_nothing_is_due_in_between(cron: str, zone: str, after: datetime) -> None:
    due = next_due(cron, zone, after)
    assert due > after
    between = after + (due - after) / 2
    assert next_due(cron, zone, between) == due
    assert next_due(cron, zone, due - timedelta(seconds=1)) == due


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_written_it_is_a_time_or_refused(cron: str, zone: str) -> None:
    for given_cron, given_zone in ((cron, "UTC"), ("0 0 * * *", zone), (f"{cron} * * * *", "UTC")):
        with suppress(NeverDue):
            assert next_due(given_cron, given_zone, at("2026-01-01T00:00")) > at("2026-01-01T00:00")
