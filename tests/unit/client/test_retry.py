"""When and after how long a call is repeated."""

from datetime import UTC, datetime, timedelta

import pytest

from sightglass_client.retry import delay_s, retry_after_s


def test_the_pause_grows_up_to_its_limit_and_is_spread() -> None:
    assert all(0 <= delay_s(failures) <= 0.2 * 2 ** (failures - 1) for failures in range(1, 6))
    assert delay_s(50) <= 10.0
    assert len({delay_s(3) for _ in range(20)}) > 1


def test_the_pause_is_at_least_what_the_server_asks_for() -> None:
    assert delay_s(1, retry_after_s=7) >= 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5.0), (" 5 ", 5.0), (None, None), ("", None), ("soon", None), ("-1", None), ("²", None)],
)
def test_retry_after_is_read_or_left(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    assert retry_after_s("Wed, 01 Jan 2025 00:00:30 GMT", now=now) == 30.0
    assert retry_after_s("Wed, 01 Jan 2025 00:00:30 -0000", now=now) == 30.0
    assert retry_after_s("Wed, 01 Jan 2025 00:00:30 GMT", now=now + timedelta(hours=1)) == 0.0
