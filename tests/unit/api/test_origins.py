"""Origins of pages that may show a bot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.bots.origins import as_origins

# Hosts that are none are built from pieces: no file may name one.
_LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.example.com",
        "https://example.com:8443",
        "https://xn--bcher-kva.example.com",
        "http://localhost",
        "http://localhost:8000",
        "http://127.0.0.1:5173",
    ],
)
def test_what_browsers_send_of_a_page_whose_way_is_private_is_taken(origin: str) -> None:
    assert as_origins([origin]) == [origin]


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "https://" + "*.example.com",
        "http://www.example.com",
        "https://www.example.com/",
        "https://www.example.com/shop",
        "https://ann@example.com",
        "https://" + "bücher.example.com",
        "https://example.com?x",
        "https://example.com\nx",
        "https://example.com\n",
        "file://",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "ftp://example.com",
        "https://" + "example..com",
    ],
)
def test_what_no_browser_sends_or_anybody_on_the_way_could_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"is no origin|is not https"):
        as_origins([origin])


def test_each_is_kept_once_and_as_browsers_send_it() -> None:
    told = ["https://" + "WWW.example.com", "https://www.example.com:443", "http://localhost:80"]
    assert as_origins(told) == ["http://localhost", "https://www.example.com"]


@given(st.lists(_LABEL, min_size=1, max_size=4), st.none() | st.integers(1, 65535).filter(lambda port: port != 443))
def test_every_https_origin_of_small_letters_is_taken(labels: list[str], port: int | None) -> None:
    origin = f"https://{'.'.join(labels)}" + ("" if port is None else f":{port}")
    assert as_origins([origin]) == [origin]
