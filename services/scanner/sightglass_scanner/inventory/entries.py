"""Rows of an inventory as objects of a listing: pure."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_plus

from sightglass_common.inventory_errors import InventoryBroken, InventoryOfAnotherBucket
from sightglass_scanner.selection import Listed

# What is read of a row, in this order, by the names in Parquet and ORC.
FIELDS: Final = ("bucket", "key", "is_latest", "is_delete_marker", "size", "e_tag", "storage_class")
NEEDED: Final = frozenset({"bucket", "key", "size"})


def listed_of(row: Sequence[object], bucket: str, *, encoded: bool) -> Listed | None:
    """A row, of FIELDS, as a listing would tell the object; None for an old version or a delete marker.

    bucket: of which the inventory is. encoded: whether the key is as in a URL, a space being %20 or +; a field that is
    not there is None or "". Raises InventoryBroken, InventoryOfAnotherBucket.
    """
    source, key, is_latest, is_delete_marker, size, etag, storage_class = row
    if source != bucket:
        raise InventoryOfAnotherBucket(f"A row of the inventory is not of the bucket {bucket}.")
    if not _true(is_latest, default=True) or _true(is_delete_marker, default=False):
        return None
    try:
        name = unquote_plus(str(key or ""), errors="strict") if encoded else str(key or "")
        size_bytes = int(str(size))
    except ValueError as error:
        raise InventoryBroken("A row of the inventory has no size, or a key that is no text.") from error
    if not name or size_bytes < 0:
        raise InventoryBroken("A row of the inventory has no key, or a size below 0.")
    return Listed(name, size_bytes, str(etag or ""), str(storage_class or "STANDARD"))


def _true(told: object, *, default: bool) -> bool:
    said = str(told).lower() if told is not None else ""
    if said in {"true", "false"}:
        return said == "true"
    if said:
        raise InventoryBroken("A row of the inventory says neither true nor false where one of them belongs.")
    return default
