"""How an object is to be uploaded: one form, or parts. Pure."""

from collections.abc import Sequence
from typing import Final

from sightglass_api.objects import ReceivedPart
from sightglass_common.errors import UploadIncomplete, UploadSizeMismatch

# S3 takes 5 GB in one request; above this, resuming is worth more than one request less.
MAX_POST_BYTES: Final = 100_000_000
_MEBIBYTE: Final = 1024 * 1024
_PART_BYTES: Final = 16 * _MEBIBYTE
# S3's limit.
_MAX_PARTS: Final = 10_000


def part_bytes_for(size_bytes: int) -> int:
    """The size of each part but the last: 16 MiB, or the whole MiB from which 10,000 parts suffice."""
    needed = -(-size_bytes // _MAX_PARTS)
    return max(_PART_BYTES, -(-needed // _MEBIBYTE) * _MEBIBYTE)


def part_sizes(size_bytes: int, part_bytes: int) -> list[int]:
    """The size of each part, in order; they add up to `size_bytes`."""
    whole, rest = divmod(size_bytes, part_bytes)
    return [part_bytes] * whole + ([rest] if rest else [])


def check_received(received: Sequence[ReceivedPart], sizes: Sequence[int]) -> None:
    """Check that S3 has every part in its size.

    Raises UploadIncomplete when some are missing, UploadSizeMismatch when one has another size.
    """
    has = {part.number: part.size_bytes for part in received}
    wanted = dict(enumerate(sizes, start=1))
    missing = [number for number in wanted if number not in has]
    if missing:
        detail = f"{len(missing)} of {len(wanted)} parts have not arrived; the first is {missing[0]}."
        raise UploadIncomplete(detail, missing_parts=missing[:100])
    for number, size in has.items():
        if wanted.get(number) != size:
            raise UploadSizeMismatch(f"Part {number} has {size} bytes, not {wanted.get(number, 0)}.", part=number)


def check_size(actual_bytes: int, announced_bytes: int) -> None:
    """Check an object's size. Raises UploadSizeMismatch."""
    if actual_bytes != announced_bytes:
        raise UploadSizeMismatch(
            f"The object has {actual_bytes} bytes, {announced_bytes} were announced.",
            actual_bytes=actual_bytes,
            announced_bytes=announced_bytes,
        )
