"""Bytes to the object store, by presigned links. It never sees the API key."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import IO, Final, cast

import httpx

from sightglass_client.errors import TransferFailed
from sightglass_client.models import Upload, UploadPart
from sightglass_client.retry import NOT_NOW, delay_s, retry_after_s
from sightglass_client.session import Session
from sightglass_client.source import Piece, Source

TRIES: Final = 6
_CODE: Final = re.compile(r"<Code>([^<]{1,200})</Code>")
_MESSAGE: Final = re.compile(r"<Message>([^<]{1,500})</Message>")

Send = Callable[[Piece], httpx.Response]


class LinkExpired(TransferFailed):
    """A presigned link is not valid (any more)."""

    code = "link_expired"


def send_form(session: Session, upload: Upload, source: Source, moved: Callable[[int], None]) -> None:
    """Send a whole file as a presigned POST. The file comes last: S3 ignores what follows it."""
    url = upload.url or ""

    def send(piece: Piece) -> httpx.Response:
        # A raw file is all that httpx needs; its types ask for more.
        file = {"file": (source.filename, cast("IO[bytes]", piece), source.content_type)}
        return session.http.post(url, data=upload.fields, files=file)

    _insist(session, send, lambda: Piece(source, 0, source.size_bytes, moved))


def send_part(session: Session, part: UploadPart, source: Source, moved: Callable[[int], None]) -> None:
    """PUT one part of a multipart upload. Twice is harmless: the store keeps the last."""

    def send(piece: Piece) -> httpx.Response:
        return session.http.put(part.url, content=piece, headers={"Content-Length": str(part.size_bytes)})

    _insist(session, send, lambda: Piece(source, part.offset_bytes, part.size_bytes, moved))


def _insist(session: Session, send: Send, piece_of: Callable[[], Piece]) -> None:
    """Send until it has arrived. Raises LinkExpired or TransferFailed; what did not arrive is taken back."""
    for failures in range(1, TRIES + 1):
        with closing(piece_of()) as piece:
            try:
                trouble, wait_s = _sent(send, piece)
            except BaseException:
                piece.take_back()
                raise
        if trouble is None:
            return
        piece.take_back()
        if failures == TRIES:
            raise trouble
        session.sleep(delay_s(failures, retry_after_s=wait_s))


def _sent(send: Send, piece: Piece) -> tuple[TransferFailed | None, float | None]:
    """Send once. What may pass is returned, with the seconds that the store asks for; what will not is raised."""
    try:
        answer = send(piece)
    except httpx.TransportError as error:
        trouble = TransferFailed("The object store does not answer.", detail=str(error) or type(error).__name__)
        trouble.__cause__ = error
        return trouble, None
    if answer.is_success:
        return None, None
    refused = _refusal(answer)
    if answer.status_code not in NOT_NOW | {500} and "RequestTimeout" not in refused.detail:
        raise refused
    return refused, retry_after_s(answer.headers.get("Retry-After"))


def _refusal(answer: httpx.Response) -> TransferFailed:
    text = answer.text[:4000]
    code, message = _CODE.search(text), _MESSAGE.search(text)
    said = ": ".join(found.group(1) for found in (code, message) if found)
    kind = LinkExpired if answer.status_code == 403 else TransferFailed
    return kind("The object store refuses the bytes.", detail=f"HTTP {answer.status_code} {said}".strip())
