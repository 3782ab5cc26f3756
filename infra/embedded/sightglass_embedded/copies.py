"""Keeps the copies of the buckets: back at each start of the stand-in, and made while it runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sightglass_embedded.buckets import export_buckets, restore_buckets

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

EVERY_S: Final = 30.0


class Copies:
    """Copies of all buckets in `folder`. `tell` gets what a person should know.

    A stand-in that has just started is empty. Copying it then would wipe the copies, so nothing is copied
    from the moment that it ended (`suspend`) until everything is back (`restore`).
    """

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._copying: asyncio.Task[None] | None = None

    async def restore(self, s3: "S3Client") -> None:
        """Put everything back, then copy every 30 s. Raises IndexUnreadable, with the copies untouched."""
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
            await asyncio.sleep(EVERY_S)
            try:
                await export_buckets(s3, self._folder)
            except Exception as error:  # noqa: BLE001  # disk full, stand-in gone: the copies before stay
                self._tell(f"the buckets could not be copied, trying again in {EVERY_S:g} s: {error!r}")
