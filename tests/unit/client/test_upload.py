"""Uploads: whole, in parts, cut and gone on with, and of files that change."""

import os
import random
from pathlib import Path

import httpx
import pytest
from tests.unit.client.fake_api import API, FakeApi, cut, ok

from sightglass_client.client import Sightglass
from sightglass_client.errors import (
    ApiError,
    SourceChanged,
    SourceUnreadable,
    TransferFailed,
    UnexpectedAnswer,
    Unreachable,
)
from sightglass_client.models import Upload, UploadPart
from sightglass_client.parts import PartSender
from sightglass_client.session import Session
from sightglass_client.source import Source


def a_file(size: int, name: str = "a.mp4") -> Path:
    path = Path(name)
    path.write_bytes(random.Random(size).randbytes(size))
    return path


def stored(api: FakeApi, upload_id: str = "u1") -> bytes:
    return b"".join(data for _, data in sorted(api.uploads[upload_id].parts.items()))


def states() -> list[Path]:
    return list(Path(os.environ["XDG_CACHE_HOME"]).glob("sightglass/uploads/*"))


def test_a_small_file_goes_as_a_form_with_the_file_last(api: FakeApi, client: Sightglass) -> None:
    path = a_file(1500, "a film.mkv")
    assert client.upload(path).job_id == "j1"
    assert api.uploads["u1"].body == {"filename": "a film.mkv", "content_type": "video/x-matroska", "size_bytes": 1500}
    form = api.uploads["u1"].form
    assert form.index(b'name="policy"') < form.index(b'name="file"')
    assert path.read_bytes() in form
    assert not states()


def test_an_empty_file_is_sent_as_it_is(api: FakeApi, client: Sightglass) -> None:
    client.upload(a_file(0))
    assert api.uploads["u1"].state == "completed"


def test_a_large_file_goes_in_parts(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)
    told: list[tuple[int, int]] = []
    client.upload(path, on_progress=lambda sent, total: told.append((sent, total)))
    assert stored(api) == path.read_bytes()
    assert len(api.uploads["u1"].parts) == 10
    assert told[0] == (0, 9_500)
    assert told[-1] == (9_500, 9_500)


def test_a_cut_upload_goes_on_where_it_stopped(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)
    api.fault("PUT /store/u1/7", *[cut] * 6)
    with pytest.raises(TransferFailed):
        client.upload(path)
    arrived = set(api.uploads["u1"].parts)
    assert arrived
    assert 7 not in arrived
    before = len(api.calls("PUT"))
    told: list[int] = []
    client.upload(path, on_progress=lambda sent, _: told.append(sent))
    assert stored(api) == path.read_bytes()
    assert len(api.uploads) == 1
    assert len(api.calls("PUT")) - before == 10 - len(arrived)
    assert told[0] == sum(len(api.uploads["u1"].parts[number]) for number in arrived)
    assert not states()


def test_an_upload_cut_after_its_completion_answers_the_same_and_starts_nothing_twice(
    api: FakeApi, client: Sightglass
) -> None:
    path = a_file(9_500)

    def completed_but_cut(request: httpx.Request) -> httpx.Response:
        api.uploads["u1"].state = "completed"
        return cut(request)

    api.fault("complete", completed_but_cut, *[cut] * 4)
    with pytest.raises(Unreachable):
        client.upload(path)
    before = len(api.calls("PUT"))
    assert client.upload(path).job_id == "j1"
    assert len(api.calls("PUT")) == before
    assert len(api.uploads) == 1


def test_an_upload_that_the_server_forgot_begins_anew(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)
    api.fault("PUT /store/u1/1$", *[cut] * 6)
    with pytest.raises(TransferFailed):
        client.upload(path)
    api.uploads["u1"].state = "expired"
    client.upload(path)
    assert stored(api, "u2") == path.read_bytes()


def test_a_changed_file_is_another_upload(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)
    api.fault("PUT /store/u1/1$", *[cut] * 6)
    with pytest.raises(TransferFailed):
        client.upload(path)
    path.write_bytes(bytes(9_500))
    client.upload(path)
    assert stored(api, "u2") == bytes(9_500)


def test_the_state_of_one_key_is_not_used_with_another(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)
    api.fault("PUT /store/u1/1$", *[cut] * 6)
    with pytest.raises(TransferFailed):
        client.upload(path)
    with Sightglass(API, "sg_other", transport=api.transport) as other, pytest.raises(ApiError):
        other.upload(path)
    assert api.seen[-1].method == "POST"  # not a question about the first key's upload
    assert "sg_" not in states()[0].read_text()
    assert states()[0].parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("size", [1_500, 9_500])
def test_a_file_that_grows_while_it_is_sent_is_not_completed(api: FakeApi, client: Sightglass, size: int) -> None:
    path = a_file(size)

    def grow(_: httpx.Request) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    api.fault("(POST|PUT) /store", grow)
    with pytest.raises(SourceChanged):
        client.upload(path)
    assert not api.calls("complete")
    assert not states()


@pytest.mark.parametrize("size", [1_500, 9_500])
def test_a_file_that_shrinks_while_it_is_sent_is_not_completed(api: FakeApi, client: Sightglass, size: int) -> None:
    path = a_file(size)
    api.fault("POST /v1/uploads$", lambda _: os.truncate(path, 100))
    with pytest.raises(SourceChanged):
        client.upload(path)
    assert not api.calls("complete")


def test_two_parts_whose_links_expired_together_renew_them_once(session: Session) -> None:
    renewed: list[Upload] = []

    def part(number: int, generation: int) -> UploadPart:
        return UploadPart(number=number, url=f"{API}/{number}?g={generation}", offset_bytes=0, size_bytes=1)

    def renew() -> Upload:
        renewed.append(Upload(upload_id="u1", method="multipart", parts=(part(1, 1), part(2, 1))))
        return renewed[-1]

    sender = PartSender(session, Source.of(a_file(10)), renew=renew, moved=lambda _: None)
    sender._links = {1: part(1, 0).url, 2: part(2, 0).url}
    sender._refresh(1, part(1, 0).url)
    sender._refresh(2, part(2, 0).url)
    assert len(renewed) == 1
    assert sender._links[2] == part(2, 1).url


def test_an_upload_goes_on_with_renewed_links(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)

    def expire(_: httpx.Request) -> None:
        api.generation += 1

    api.fault("PUT", expire)
    client.upload(path)
    assert stored(api) == path.read_bytes()


def test_an_expired_form_is_renewed(api: FakeApi, client: Sightglass) -> None:
    path = a_file(100)

    def expire(_: httpx.Request) -> None:
        api.generation += 1

    api.fault("POST /store", expire)
    client.upload(path)
    assert path.read_bytes() in api.uploads["u1"].form


def test_a_part_is_sent_again_after_503_and_progress_ends_at_the_size(api: FakeApi, client: Sightglass) -> None:
    path = a_file(9_500)
    api.fault("PUT", cut, lambda _: httpx.Response(503), lambda _: httpx.Response(500))
    told: list[int] = []
    client.upload(path, on_progress=lambda sent, _: told.append(sent))
    assert stored(api) == path.read_bytes()
    assert told[-1] == 9_500
    assert max(told) == 9_500


def test_what_the_store_refuses_for_good_is_told_with_its_reason(api: FakeApi, client: Sightglass) -> None:
    text = "<Error><Code>EntityTooLarge</Code><Message>Too large.</Message></Error>"
    api.fault("POST /store", lambda _: httpx.Response(400, text=text))
    with pytest.raises(TransferFailed, match="EntityTooLarge: Too large"):
        client.upload(a_file(100))
    assert len(api.calls("POST /store")) == 1


def test_an_announcement_is_not_repeated(api: FakeApi, client: Sightglass) -> None:
    api.fault("POST /v1/uploads$", cut)
    with pytest.raises(Unreachable):
        client.upload(a_file(100))
    assert len(api.calls("POST /v1/uploads$")) == 1


def test_parts_that_do_not_add_up_are_refused(api: FakeApi, client: Sightglass) -> None:
    answer = {
        "upload_id": "u9",
        "method": "multipart",
        "parts": [{"number": 1, "url": API, "offset_bytes": 0, "size_bytes": 5}],
    }
    api.fault("POST /v1/uploads$", lambda _: ok(**answer))
    with pytest.raises(UnexpectedAnswer, match="add up"):
        client.upload(a_file(9_500))


@pytest.mark.parametrize("name", ["missing.mp4", "."])
def test_what_is_no_file_is_refused_before_anything_is_sent(api: FakeApi, client: Sightglass, name: str) -> None:
    with pytest.raises(SourceUnreadable):
        client.upload(name)
    assert not api.seen


def test_without_a_cache_the_upload_still_works(
    api: FakeApi, client: Sightglass, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    client.upload(a_file(100))
    assert "could not be resumed" in caplog.text


def test_an_object_is_named_and_not_sent(api: FakeApi, client: Sightglass) -> None:
    assert client.upload("s3://films/a b/c?.mp4").video_id == "v1"
    assert api.seen[-1].content == b'{"bucket":"films","key":"a b/c?.mp4"}'
