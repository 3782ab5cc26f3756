"""A preview: scenes as key frames show them, stored while they are found, so that they are seen within seconds."""

import asyncio
from typing import TYPE_CHECKING, Final

from sightglass_common.job_context import JobContext
from sightglass_common.s3 import ObjectRef
from sightglass_worker import queries
from sightglass_worker.artifacts import Shelf, Uploads
from sightglass_worker.decode.results import Preview, PreviewScene, Progress
from sightglass_worker.decode.run import FilmDecoder
from sightglass_worker.download import read_patiently
from sightglass_worker.storing import preview_scene_row

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# Scenes found and not stored yet; a megabyte of thumbnails.
_WAITING: Final = 64


async def preview(
    s3: "S3Client", ref: ObjectRef, film: FilmDecoder, shelf: Shelf, job: JobContext, *, expected_us: int | None
) -> Preview:
    """Look at a film's key frames, and store each scene as soon as it is known. Nothing comes to the disk.

    expected_us: how long its header says it is.
    What an earlier attempt has stored must be gone. What this one has stored stays if it fails, with its thumbnails,
    until the next attempt. Raises what `FilmDecoder.preview` and `read_range` raise, and LeaseLost.
    """
    await job.report("scenes", 0, expected_us)

    async def ranged(start: int, length: int) -> bytes:
        return await read_patiently(s3, ref, start, length)

    async def on_progress(progress: Progress) -> None:
        total = max(expected_us, progress.t_us) if expected_us else None
        await job.report("scenes", progress.t_us, total)

    storing = _Storing(s3, shelf, job)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(storing.run())
            found = await film.preview(ranged, ref.size_bytes, on_progress=on_progress, on_scene=storing.add)
            await storing.close()
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return found


class _Storing:
    """Stores scenes in order, all that have come in the meantime at once: first their thumbnails, then their rows."""

    def __init__(self, s3: "S3Client", shelf: Shelf, job: JobContext) -> None:
        self._s3 = s3
        self._shelf = shelf
        self._job = job
        self._waiting: asyncio.Queue[PreviewScene | None] = asyncio.Queue(_WAITING)

    async def add(self, found: PreviewScene) -> None:
        """Have a scene stored soon. Waits while too many are waiting."""
        await self._waiting.put(found)

    async def close(self) -> None:
        """No scene is to come."""
        await self._waiting.put(None)

    async def run(self) -> None:
        """Store what comes until `close`. Raises what `s3_errors` names, and LeaseLost."""
        more = True
        while more:
            coming = [await self._waiting.get()]
            while not self._waiting.empty():
                coming.append(self._waiting.get_nowait())
            more = coming[-1] is not None
            await self._store([found for found in coming if found is not None])

    async def _store(self, batch: list[PreviewScene]) -> None:
        if not batch:
            return
        try:
            async with asyncio.TaskGroup() as group:
                uploads = Uploads(self._s3, self._shelf, group)
                keys = [await uploads.put(_name(found), found.thumbnail.jpeg, "image/jpeg") for found in batch]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        rows = [preview_scene_row(found, key) for found, key in zip(batch, keys, strict=True)]
        async with self._job.transaction() as db:
            await queries.add_scenes(db, self._shelf.tenant_id, self._shelf.analysis_id, rows)


def _name(found: PreviewScene) -> str:
    return f"scene-{found.index:05}.jpg"
