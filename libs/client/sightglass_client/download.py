"""Fetches what a presigned link names into a file that is either whole or not there."""

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from sightglass_client.answer import Link
from sightglass_client.answers import problem_of
from sightglass_client.errors import TransferFailed, UnexpectedAnswer
from sightglass_client.retry import NOT_NOW, TRIES, delay_s
from sightglass_client.session import Session, unreachable

Progress = Callable[[int, int | None], None]
_SILENCE_S = 60.0


def download(session: Session, link: Link, path: Path, on_progress: Progress | None = None) -> Path:
    """Fetch `link` to `path`, which it replaces. A cut transfer goes on where it stopped.

    on_progress: told (bytes here, bytes in all or None). Raises TransferFailed, or OSError where the disk refuses.
    """
    with whole(path) as file:
        _fetch(session, link, file, on_progress)
    return path


@contextmanager
def whole(path: Path) -> Generator[IO[bytes]]:
    """A file that takes the place of `path` when all went well, and is gone when not. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its goal, so that the rename is one step; the name is not foreseeable.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:100]}.", delete=False) as file:
        new = Path(file.name)
        try:
            yield file
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    new.replace(path)


def export(session: Session, path: str, out: IO[bytes]) -> int:
    """Copy what the API answers as a stream; how many bytes. Raises ApiError, Unreachable, and TransferFailed when it
    was cut: the stream is whole only if it ends as HTTP says.
    """
    written = 0
    try:
        with session.stream(path, {}, timeout_s=_SILENCE_S) as answer:
            if not answer.is_success:
                answer.read()
                raise problem_of(answer)
            for chunk in answer.iter_bytes():
                written += out.write(chunk)
    except httpx.TransportError as error:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            raise unreachable(session.config.url, error) from error
        raise TransferFailed(
            "The export was cut off.", detail=f"{written} bytes came: they are not whole.", hint="Export it again."
        ) from error
    return written


def _fetch(session: Session, link: Link, file: IO[bytes], on_progress: Progress | None) -> None:
    etag: str | None = None
    for failures in range(1, TRIES + 1):
        headers = {"Accept-Encoding": "identity"}
        if etag and file.tell():
            headers |= {"Range": f"bytes={file.tell()}-", "If-Range": etag}
        try:
            with session.http.stream("GET", link.url, headers=headers) as answer:
                _check(answer)
                etag = answer.headers.get("ETag")
                _write(answer, file, on_progress)
                return
        except (httpx.TransportError, _NotNow) as error:
            if failures == TRIES:
                raise TransferFailed("The object store does not answer.", detail=str(error)) from error
        if not etag:
            _empty(file)
        session.sleep(delay_s(failures))


class _NotNow(Exception):
    """The store asks to come again."""


def _check(answer: httpx.Response) -> None:
    if answer.status_code in NOT_NOW | {500}:
        raise _NotNow(f"HTTP {answer.status_code}")
    if answer.status_code not in {200, 206}:
        raise TransferFailed(
            "The object store does not give the object.",
            detail=f"HTTP {answer.status_code}. The link may have expired.",
            hint="Ask for the video again: each answer has fresh links.",
        )


def _write(answer: httpx.Response, file: IO[bytes], on_progress: Progress | None) -> None:
    if answer.status_code == 200:
        _empty(file)
    size = answer.headers.get("Content-Length", "")
    total = file.tell() + int(size) if size.isdigit() else None
    for chunk in answer.iter_raw():
        file.write(chunk)
        if on_progress:
            on_progress(file.tell(), total)
    if total is not None and file.tell() != total:
        raise UnexpectedAnswer("The object store gave another size than it announced.")


def _empty(file: IO[bytes]) -> None:
    file.seek(0)
    file.truncate()
