"""The manifest of an inventory: which files it is, and what is in them. Pure.

As AWS describes it in the S3 User Guide, "Locating your inventory list".
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, cast

from sightglass_common.inventory_errors import InventoryBroken
from sightglass_scanner.inventory.entries import FIELDS, NEEDED
from sightglass_scanner.masking import storable

Kind: TypeAlias = Literal["CSV", "Parquet", "ORC"]

_KINDS: Final[Mapping[str, Kind]] = {"csv": "CSV", "parquet": "Parquet", "orc": "ORC"}
_ARN: Final = re.compile(r"arn:aws[a-z-]{0,16}:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")
_MD5: Final = re.compile(r"[0-9a-f]{32}")
# Of the fields of a CSV file, those that are read, by what they are in Parquet and ORC.
_OF_CSV: Final = {
    "Bucket": "bucket",
    "Key": "key",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
    "Size": "size",
    "ETag": "e_tag",
    "StorageClass": "storage_class",
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of an inventory. md5: of its bytes, in hex."""

    key: str
    size_bytes: int
    md5: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says. source: the bucket that is listed. bucket: the one in which the files are.

    columns: of each column of a CSV file what it is in Parquet, "" where it is not read; of others none.
    created_at: when S3 began to look at the bucket.
    """

    source: str
    bucket: str
    kind: Kind
    columns: Sequence[str]
    files: Sequence[DataFile]
    created_at: datetime | None


def manifest_of(text: bytes) -> Manifest:
    """What manifest.json says. Raises InventoryBroken."""
    try:
        told: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InventoryBroken("The manifest is not JSON.") from error
    if not isinstance(told, dict):
        raise InventoryBroken("The manifest is no JSON object.")
    fields = cast("dict[str, Any]", told)
    kind = _KINDS.get(_text(fields, "fileFormat").lower())
    if kind is None:
        raise InventoryBroken("The manifest's fileFormat is none of CSV, Parquet and ORC.")
    arn = _ARN.fullmatch(_text(fields, "destinationBucket"))
    if arn is None:
        raise InventoryBroken("The manifest's destinationBucket is not the ARN of a bucket.")
    columns = _columns(_text(fields, "fileSchema")) if kind == "CSV" else ()
    return Manifest(
        _text(fields, "sourceBucket"), arn[1], kind, columns, _files(fields.get("files")), _created_at(fields)
    )


def bucket_of(arn: str) -> str:
    """The bucket that an ARN names. Raises InventoryBroken."""
    named = _ARN.fullmatch(arn)
    if named is None:
        raise InventoryBroken("The destination of an inventory is not the ARN of a bucket.")
    return named[1]


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or storable(value) != value:
        raise InventoryBroken(f"The manifest has no {name}.")
    return value


def _columns(schema: str) -> list[str]:
    columns = [_OF_CSV.get(name.strip(), "") for name in schema.split(",")]
    named = {of_parquet: of_csv for of_csv, of_parquet in _OF_CSV.items()}
    for field in FIELDS:
        if columns.count(field) > 1:
            raise InventoryBroken(f"The inventory has the field {named[field]} twice.")
        if field in NEEDED and field not in columns:
            raise InventoryBroken(f"The inventory has no field {named[field]}: its configuration must include that.")
    return columns


def _files(told: object) -> list[DataFile]:
    if not isinstance(told, list):
        raise InventoryBroken("The manifest has no files.")
    files = [_file(one) for one in cast("list[object]", told)]
    if len({file.key for file in files}) < len(files):
        raise InventoryBroken("The manifest names a file twice.")
    return files


def _file(told: object) -> DataFile:
    if not isinstance(told, dict):
        raise InventoryBroken("A file of the manifest is no JSON object.")
    fields = cast("dict[str, Any]", told)
    md5, size_bytes = _text(fields, "MD5checksum").lower(), fields.get("size")
    if not _MD5.fullmatch(md5):
        raise InventoryBroken("The MD5checksum of a file of the manifest is none.")
    if not isinstance(size_bytes, int) or isinstance(size_bytes, bool) or size_bytes < 0:
        raise InventoryBroken("A file of the manifest has no size.")
    return DataFile(_text(fields, "key"), size_bytes, md5)


def _created_at(fields: Mapping[str, Any]) -> datetime | None:
    """Milliseconds since 1970, as a text."""
    told = fields.get("creationTimestamp")
    if told is None:
        return None
    try:
        return datetime.fromtimestamp(int(told) / 1000, UTC)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise InventoryBroken("The manifest's creationTimestamp is no time.") from error
