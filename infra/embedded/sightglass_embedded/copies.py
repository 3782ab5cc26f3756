"""Keeps the copies of the buckets: back at each start of the stand-in, and made while it runs."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sightglass_embedded.buckets import export_buckets, restore_buckets

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_EVERY_S: Final = 30.0
_LEAST_S: Final = 0.1
_MOST_S: Final = 86_400.0


class BadInterval(RuntimeError):
    """SIGHTGLASS_COPY_EVERY_S is no number of seconds that copies can be made at."""


def interval_s(environ: Mapping[str, str]) -> float:
    """Seconds from the end of a copy to the next: SIGHTGLASS_COPY_EVERY_S, or 30. Raises BadInterval."""
    word = environ.get("SIGHTGLASS_COPY_EVERY_S") or str(_EVERY_S)
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not _LEAST_S <= seconds <= _MOST_S:
        raise BadInterval(f"SIGHTGLASS_COPY_EVERY_S is {word!r}, not seconds from {_LEAST_S:g} to {_MOST_S:g}.")
    return seconds


class Copies:
    """Copies of all buckets in `folder`. `tell` gets what a person should know.

    every_s: seconds from the end of a copy to the next.

    A stand-in that has just started is empty. Copying it then would wipe the copies, so nothing is copied
    from the moment that it ended (`suspend`) until everything is back (`restore`).
    """

    def __init__(self, folder: Path, tell: Callable[[str], None], *, every_s: float = _EVERY_S) -> None:
        self._folder = folder
        self._tell = tell
        self._every_s = every_s
        self._copying: asyncio.Task[None] | None = None

    async def restore(self, s3: "S3Client") -> None:
        """Put everything back, then copy every so many seconds. Raises IndexUnreadable, with the copies untouched."""
        await self.suspend()
        restored = await restore_buckets(s3, self._folder)
        for name in restored.lost:
            self._tell(f"object {name} could not be restored: its copy is gone")
        self._copying = asyncio.create_task(self._keep_copying(s3))

    async def suspend(self) -> None:
        """Copy no more, also not what is being copied."""
        if self._copying is not None:
            self._copying.cancel()
            with suppress(asyncio.CancelledError):  # we cancelled it
                await self._copying
            self._copying = None

    async def finish(self, s3: "S3Client") -> None:
        """Copy for the last time. Nothing to do when nothing was restored: the buckets are not whole."""
        if self._copying is not None:
            await self.suspend()
            await export_buckets(s3, self._folder)

    async def _keep_copying(self, s3: "S3Client") -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await export_buckets(s3, self._folder)
            except Exception as error:  # noqa: BLE001  # disk full, stand-in gone: the copies before stay
                self._tell(f"the buckets could not be copied, trying again in {self._every_s:g} s: {error!r}")
