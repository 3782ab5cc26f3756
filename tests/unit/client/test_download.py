"""Downloads: whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.unit.client.fake_answers import AT, STORE
from tests.unit.client.fake_api import FakeApi

from sightglass_client.answer import Link
from sightglass_client.client import Sightglass
from sightglass_client.errors import TransferFailed

LINK = Link.model_validate({"url": f"{STORE}/thumb.jpg", "expires_at": AT})


def cut_after_three(_: httpx.Request) -> httpx.Response:
    def body() -> Iterator[bytes]:
        yield b"abc"
        raise httpx.ReadError("cut")

    return httpx.Response(200, headers={"ETag": '"e"', "Content-Length": "6"}, content=body())


def test_a_cut_download_goes_on_where_it_stopped(api: FakeApi, client: Sightglass) -> None:
    def rest(request: httpx.Request) -> httpx.Response:
        assert request.headers["Range"] == "bytes=3-"
        assert request.headers["If-Range"] == '"e"'
        assert "Authorization" not in request.headers
        return httpx.Response(206, headers={"ETag": '"e"'}, content=iter([b"def"]))

    api.fault("thumb", cut_after_three, rest)
    assert client.download(LINK, "out/thumb.jpg").read_bytes() == b"abcdef"


def test_an_object_that_was_replaced_meanwhile_is_fetched_from_its_start(api: FakeApi, client: Sightglass) -> None:
    api.fault("thumb", cut_after_three, lambda _: httpx.Response(200, content=iter([b"new"])))
    assert client.download(LINK, "thumb.jpg").read_bytes() == b"new"


def test_a_refused_download_leaves_what_was_there(api: FakeApi, client: Sightglass, home: Path) -> None:
    Path("thumb.jpg").write_bytes(b"old")
    api.fault("thumb", lambda _: httpx.Response(403))
    with pytest.raises(TransferFailed, match="expired"):
        client.download(LINK, "thumb.jpg")
    assert [path.name for path in home.iterdir()] == ["thumb.jpg"]
    assert Path("thumb.jpg").read_bytes() == b"old"
