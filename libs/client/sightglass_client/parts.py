"""The parts of a multipart upload, sent by several threads at once."""

import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from sightglass_client.models import Upload, UploadPart
from sightglass_client.session import Session
from sightglass_client.source import Source
from sightglass_client.storage import LinkExpired, send_part

THREADS: Final = 4
_REFRESHES: Final = 3  # of links, for one part
# A ctrl-C in the instant before a wait begins does not end that wait; this does.
_LONGEST_WAIT_S: Final = 0.5


class _Stopped(Exception):
    """Another part failed, or the user stops: the file need not be read on."""


class PartSender:
    """Sends the parts that have not arrived.

    renew: gives the upload with fresh links. moved: told the bytes as they go, by any thread.
    """

    def __init__(
        self, session: Session, source: Source, *, renew: Callable[[], Upload], moved: Callable[[int], None]
    ) -> None:
        self._session = session
        self._source = source
        self._renew = renew
        self._moved = moved
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._links: dict[int, str] = {}

    def send(self, parts: Iterable[UploadPart]) -> None:
        """Send them all. Raises the first part's error, after which no other part is begun."""
        todo: queue.SimpleQueue[UploadPart] = queue.SimpleQueue()
        outcomes: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        count = 0
        for part in parts:
            self._links[part.number] = part.url
            todo.put(part)
            count += 1
        # Daemons, so that ctrl-C ends the program and not a part of many megabytes.
        for _ in range(min(THREADS, count)):
            threading.Thread(target=self._work, args=(todo, outcomes), daemon=True).start()
        try:
            for _ in range(count):
                if error := _next(outcomes):
                    raise error
        finally:
            self._stop.set()

    def _work(self, todo: "queue.SimpleQueue[UploadPart]", outcomes: "queue.SimpleQueue[BaseException | None]") -> None:
        while not self._stop.is_set():
            try:
                part = todo.get_nowait()
            except queue.Empty:
                return
            try:
                self._send_one(part)
            except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
                outcomes.put(error)
                return
            outcomes.put(None)

    def _send_one(self, part: UploadPart) -> None:
        for refreshes in range(_REFRESHES + 1):
            url = self._links[part.number]
            try:
                send_part(self._session, part.model_copy(update={"url": url}), self._source, self._count)
            except LinkExpired:
                if refreshes == _REFRESHES:
                    raise
                self._refresh(part.number, url)
            else:
                return

    def _refresh(self, number: int, expired: str) -> None:
        with self._lock:
            if self._links[number] == expired:  # else another thread has renewed them all
                self._links.update({part.number: part.url for part in self._renew().parts})

    def _count(self, bytes_moved: int) -> None:
        if self._stop.is_set() and bytes_moved > 0:
            raise _Stopped
        self._moved(bytes_moved)


def _next(outcomes: "queue.SimpleQueue[BaseException | None]") -> BaseException | None:
    while True:
        with suppress(queue.Empty):
            return outcomes.get(timeout=_LONGEST_WAIT_S)
