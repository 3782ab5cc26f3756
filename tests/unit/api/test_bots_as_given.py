"""What a bot may be given: origins in the form in which browsers send them, and what fits together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sightglass_api.bots.origins import as_origins
from sightglass_api.bots.schemas import NewBot

HOSTS = st.lists(st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True), min_size=1, max_size=4).map(".".join)


@given(HOSTS, st.integers(1, 65535))
def test_an_origin_stands_as_a_browser_sends_it(host: str, port: int) -> None:
    (kept,) = as_origins([f"HTTPS://{host.upper()}:{port}", f"https://{host}:{port}"])
    assert kept == f"https://{host}" + ("" if port == 443 else f":{port}")
    assert as_origins([kept]) == [kept]


@pytest.mark.parametrize(
    "origin",
    [
        "http://shop.example.com", "https://shop.example.com/", "https://a:b@shop.example.com", "https://*.example.com",
        "https://", "null", "shop.example.com", "https://shop.example.com:0", "https://shop.example.com:65536",
        "https://shop.example.com?x", "javascript://x", "https://-a.example.com", "https://a..example.com", "https://shop.example.com\n",
        f"https://{'a.' * 130}example.com",
    ],
)  # fmt: skip
def test_what_no_page_has_for_its_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"origin|https|port"):
        as_origins([origin])


@pytest.mark.parametrize(
    "given",
    [
        {"model": "m"}, {"temperature": 2.1}, {"temperature": float("nan")}, {"language": "german!"}, {"language": ""},
        {"system_prompt": "x" * 8001}, {"allowed_origins": ["https://shop.example.com/a"]}, {"temprature": 1},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewBot.model_validate({"name": "b"} | given)
