"""Files of an inventory in S3: opened in one state, compared with their checksum, and read piece by piece."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import md5
from typing import TYPE_CHECKING, Final

from sightglass_common.errors import AccessDenied, ObjectChanged, ObjectNotFound
from sightglass_common.inventory_errors import (
    InventoryBroken,
    InventoryChecksumMismatch,
    InventoryFileMissing,
    InventoryNotFound,
)
from sightglass_common.s3 import ObjectRef, head, read_range
from sightglass_scanner.inventory.csv_rows import read_csv
from sightglass_scanner.inventory.entries import FIELDS, NEEDED
from sightglass_scanner.inventory.piece import Piece, Place
from sightglass_scanner.objects import BLOCK_BYTES, S3Object
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.row_groups import Unreadable, Wanted
from sightglass_scanner.readers.rows import rows_of

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# Of some 100,000 files, each of which may list millions of objects.
_MANIFEST_BYTES: Final = 16 * 1024**2
# Between two looks whether the scan goes on, while a checksum is made.
_LOOK_EVERY: Final = 16 * BLOCK_BYTES
_LIMITS: Final = Limits()


async def read_manifest(s3: "S3Client", bucket: str, key: str) -> bytes:
    """The bytes of a manifest, which are as manifest.checksum beside it says, if that is there.

    Raises InventoryNotFound, InventoryBroken, InventoryChecksumMismatch, AccessDenied, and what `read_range` does.
    """
    text = await _whole(s3, bucket, key)
    folder, _, name = key.rpartition("/")
    try:
        told = await _whole(s3, bucket, f"{folder}/{name.removesuffix('.json')}.checksum")
    except InventoryNotFound:
        return text
    if told.strip().lower() != md5(text, usedforsecurity=False).hexdigest().encode():
        raise InventoryChecksumMismatch(f"The manifest s3://{bucket}/{key} is not as manifest.checksum says.")
    return text


async def _whole(s3: "S3Client", bucket: str, key: str) -> bytes:
    try:
        ref = await head(s3, bucket, key)
    except ObjectNotFound as error:
        raise InventoryNotFound(f"There is no manifest s3://{bucket}/{key}.") from error
    except AccessDenied as error:
        raise AccessDenied(f"S3 denies reading the manifest s3://{bucket}/{key}.") from error
    if ref.size_bytes > _MANIFEST_BYTES:
        raise InventoryBroken(f"The manifest is larger than {_MANIFEST_BYTES} bytes.")
    return await read_range(s3, ref, 0, ref.size_bytes) if ref.size_bytes else b""


async def checked(s3: "S3Client", piece: Piece, goes_on: Callable[[], Awaitable[object]]) -> str:
    """The ETag of a piece's file, whose bytes have the checksum of the manifest.

    goes_on: raises when nobody waits any more. Raises InventoryFileMissing, InventoryChecksumMismatch, AccessDenied,
    and what `read_range` does.
    """
    file = piece.file
    wrong = InventoryChecksumMismatch(f"The file s3://{piece.bucket}/{file.key} is not as the manifest says.")
    try:
        ref = await head(s3, piece.bucket, file.key)
        if ref.size_bytes != file.size_bytes:
            raise wrong
        # Of what was put at once, and not encrypted with a key of KMS, S3 has made the same sum.
        if ref.etag.strip('"') == file.md5:
            return ref.etag
        seen = md5(usedforsecurity=False)
        for start in range(0, ref.size_bytes, BLOCK_BYTES):
            if start % _LOOK_EVERY == 0:
                await goes_on()
            block = await read_range(s3, ref, start, min(BLOCK_BYTES, ref.size_bytes - start))
            await asyncio.to_thread(seen.update, block)
    except ObjectNotFound as error:
        raise InventoryFileMissing(f"There is no file s3://{piece.bucket}/{file.key}.") from error
    except AccessDenied as error:
        raise AccessDenied(f"S3 denies reading the file s3://{piece.bucket}/{file.key} of the inventory.") from error
    except ObjectChanged as error:
        raise wrong from error
    if seen.hexdigest() != file.md5:
        raise wrong
    return ref.etag


async def read_piece(s3: "S3Client", piece: Piece, etag: str, *, most: int) -> tuple[list[list[object]], Place | None]:
    """Up to `most` rows, of FIELDS, of a piece's file in the state that has this ETag; and the place behind them.

    Raises InventoryFileMissing, InventoryChecksumMismatch, InventoryBroken, and what `read_range` does.
    """
    file = piece.file
    ref = ObjectRef(piece.bucket, file.key, "", etag, file.size_bytes)
    try:
        first = await read_range(s3, ref, 0, min(BLOCK_BYTES, file.size_bytes)) if file.size_bytes else b""
        source = S3Object(s3, ref, first)
        reading = asyncio.create_task(asyncio.to_thread(_rows, source, piece, most))
        try:
            return await asyncio.shield(reading)
        finally:
            # Cancelled, the thread goes on until it looks; what it ends with then is nobody's.
            source.stop()
            reading.add_done_callback(lambda task: task.cancelled() or task.exception())
    except ObjectNotFound as error:
        raise InventoryFileMissing(f"There is no file s3://{piece.bucket}/{file.key} any more.") from error
    except ObjectChanged as error:
        wrong = f"The file s3://{piece.bucket}/{file.key} was replaced while it was read."
        raise InventoryChecksumMismatch(wrong) from error
    except Unreadable as error:
        raise InventoryBroken(f"The file s3://{piece.bucket}/{file.key} cannot be read: {error}.") from error


def _rows(source: S3Object, piece: Piece, most: int) -> tuple[list[list[object]], Place | None]:
    if piece.kind == "CSV":
        return read_csv(source, piece.columns, piece.place, most)
    wanted = Wanted(piece.kind, FIELDS, sorted(NEEDED), piece.place, most)
    rows, place = rows_of(source, wanted, _LIMITS)
    return rows, None if place is None else Place(*place)
