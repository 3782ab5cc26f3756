"""Uploads a file: announces it, sends what has not arrived, and completes it. Goes on with what was begun before."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import BaseModel

from sightglass_client.answers import read
from sightglass_client.datasets import IndexingBegun
from sightglass_client.errors import ApiError, SourceChanged, UnexpectedAnswer
from sightglass_client.models import Submitted, Upload
from sightglass_client.parts import PartSender
from sightglass_client.session import Session, segment
from sightglass_client.source import Source
from sightglass_client.storage import LinkExpired, send_form
from sightglass_client.upload_state import UploadState

Progress = Callable[[int, int], None]
M = TypeVar("M", bound=BaseModel)
_REFRESHES: Final = 3


@dataclass(frozen=True)
class Target(Generic[M]):
    """What files are uploaded for. address: where they are announced. started: what an upload begins when it is
    completed. tier: of the analysis; None: the API's own.
    """

    address: str
    started: type[M]
    tier: str | None = None


def videos(tier: str | None = None) -> Target[Submitted]:
    """To be analysed."""
    return Target("/v1/uploads", Submitted, tier)


def documents_of(dataset_id: str) -> Target[IndexingBegun]:
    """To be searched, and answered from."""
    return Target(f"/v1/datasets/{segment(dataset_id)}/documents", IndexingBegun)


class Uploader(Generic[M]):
    """One file's upload. on_progress: told (bytes sent, bytes in all), by one thread at a time."""

    def __init__(
        self,
        session: Session,
        path: Path,
        target: Target[M],
        *,
        states: Path,
        on_progress: Progress | None = None,
    ) -> None:
        self._session = session
        self._source = Source.of(path)
        self._target = target
        self._state = UploadState(states, session.config, target.address, self._source)
        self._on_progress = on_progress
        self._sent = 0
        self._lock = threading.Lock()

    def run(self) -> M:
        """Upload and start what it is for. Called again for the same file, it goes on where it stopped.

        Raises SourceChanged, TransferFailed, ApiError or Unreachable.
        """
        upload = self._begun() or self._announced()
        if upload.state != "completed":
            self._send(upload)
            self._check_source()
        started = self._completed(upload.upload_id)
        self._state.forget()
        return started

    def _begun(self) -> Upload | None:
        """The upload of an earlier start, if it can be gone on with."""
        upload_id = self._state.load()
        if upload_id is None:
            return None
        try:
            upload = self._fetched(upload_id)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return upload if upload.state in {"pending", "completed"} else None

    def _announced(self) -> Upload:
        body = {
            "filename": self._source.filename,
            "content_type": self._source.content_type,
            "size_bytes": self._source.size_bytes,
        }
        upload = read(Upload, self._session.post(self._target.address, body))
        self._state.save(upload.upload_id)
        return upload

    def _send(self, upload: Upload) -> None:
        match upload.method:
            case "post":
                self._move(0)
                self._send_whole(upload)
            case "multipart":
                self._send_parts(upload)
            case other:
                raise UnexpectedAnswer(
                    f"The server wants the file by {other!r}.", hint="Install a newer sightglass-client."
                )

    def _send_whole(self, upload: Upload) -> None:
        for refreshes in range(_REFRESHES + 1):
            try:
                return send_form(self._session, upload, self._source, self._move)
            except LinkExpired:
                if refreshes == _REFRESHES:
                    raise
                upload = self._fetched(upload.upload_id)
        return None

    def _send_parts(self, upload: Upload) -> None:
        if sum(part.size_bytes for part in upload.parts) != self._source.size_bytes:
            raise UnexpectedAnswer("The parts of the upload do not add up to the file.")
        arrived = {part.number: part.size_bytes for part in upload.received}
        missing = [part for part in upload.parts if arrived.get(part.number) != part.size_bytes]
        self._move(self._source.size_bytes - sum(part.size_bytes for part in missing))
        sender = PartSender(
            self._session, self._source, renew=lambda: self._fetched(upload.upload_id), moved=self._move
        )
        sender.send(missing)

    def _check_source(self) -> None:
        try:
            self._source.check_unchanged()
        except SourceChanged:
            self._state.forget()
            raise

    def _completed(self, upload_id: str) -> M:
        path = f"/v1/uploads/{segment(upload_id)}/complete"
        body = {"tier": self._target.tier} if self._target.tier else None
        return read(self._target.started, self._session.post(path, body, repeatable=True))

    def _fetched(self, upload_id: str) -> Upload:
        return self._session.get_as(Upload, f"/v1/uploads/{segment(upload_id)}")

    def _move(self, bytes_moved: int) -> None:
        with self._lock:
            self._sent += bytes_moved
            if self._on_progress:
                self._on_progress(self._sent, self._source.size_bytes)
