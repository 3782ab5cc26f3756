"""An inventory as S3 would deliver it, written by a test."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any
from urllib.parse import quote_plus

import pyarrow as pa
from pyarrow import orc, parquet
from tests.integration.scanner.yard import Yard

from sightglass_common.ids import new_id

SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"
MADE_AT_MS = 1_763_600_400_000  # 2025-11-20T01:00:00Z
ENDINGS = {"CSV": "csv.gz", "Parquet": "parquet", "ORC": "orc"}


@dataclass(frozen=True, slots=True)
class Stock:
    """The bucket in which the inventories of a yard's bucket are, linked to its tenant."""

    yard: Yard
    bucket: str

    async def rows(self) -> list[dict[str, Any]]:
        """The bucket as it is now."""
        found: list[dict[str, Any]] = []
        async for page in self.yard.s3.get_paginator("list_objects_v2").paginate(Bucket=self.yard.bucket):
            found += [
                {"Key": one.get("Key", ""), "Size": one.get("Size", 0), "ETag": one.get("ETag", "").strip('"')}
                for one in page.get("Contents", [])
            ]
        return found

    async def deliver(
        self,
        files: Sequence[Sequence[Mapping[str, Any]]],
        *,
        kind: str = "CSV",
        folder: str = "daily/2025-11-20T01-00Z",
        changes: Mapping[str, Any] | None = None,
    ) -> str:
        """Put an inventory of so many files there; the address of its manifest."""
        told: list[dict[str, Any]] = []
        for number, rows in enumerate(files):
            body = _BODIES[kind]([{"Bucket": self.yard.bucket, **row} for row in rows])
            key = f"stock/{self.yard.bucket}/{folder.partition('/')[0]}/data/{number}-{new_id()}.{ENDINGS[kind]}"
            await self.yard.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
            told.append({"key": key, "size": len(body), "MD5checksum": _md5(body)})
        manifest: dict[str, Any] = {
            "sourceBucket": self.yard.bucket,
            "destinationBucket": f"arn:aws:s3:::{self.bucket}",
            "version": "2016-11-30",
            "creationTimestamp": str(MADE_AT_MS),
            "fileFormat": kind,
            "fileSchema": SCHEMA,
            "files": told,
        } | dict(changes or {})
        text = json.dumps(manifest).encode()
        key = f"stock/{self.yard.bucket}/{folder}/manifest"
        await self.yard.s3.put_object(Bucket=self.bucket, Key=f"{key}.json", Body=text)
        await self.yard.s3.put_object(Bucket=self.bucket, Key=f"{key}.checksum", Body=_md5(text).encode())
        return f"s3://{self.bucket}/{key}.json"

    async def configure(self, name: str, *, prefix: str = "", enabled: bool = True) -> None:
        """Have the yard's bucket name this one as the destination of an inventory."""
        configuration: Any = {
            "Id": name,
            "IsEnabled": enabled,
            "IncludedObjectVersions": "Current",
            "Schedule": {"Frequency": "Daily"},
            "OptionalFields": ["Size", "ETag", "StorageClass"],
            "Destination": {
                "S3BucketDestination": {"Bucket": f"arn:aws:s3:::{self.bucket}", "Format": "CSV", "Prefix": "stock"}
            },
        } | ({"Filter": {"Prefix": prefix}} if prefix else {})
        await self.yard.s3.put_bucket_inventory_configuration(
            Bucket=self.yard.bucket, Id=name, InventoryConfiguration=configuration
        )


def _md5(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in rows:
        named = {"VersionId": "", "IsLatest": "true", "IsDeleteMarker": "false", "StorageClass": "STANDARD"} | dict(row)
        named |= {"Key": quote_plus(named["Key"], safe="/"), "LastModifiedDate": "2025-11-20T00:00:00.000Z"}
        writer.writerow([named[name.strip()] for name in SCHEMA.split(",")])
    return gzip.compress(text.getvalue().encode())


def _table(rows: Sequence[Mapping[str, Any]]) -> Any:
    return pa.table(
        {
            "bucket": pa.array([row["Bucket"] for row in rows], pa.string()),
            "key": pa.array([row["Key"] for row in rows], pa.string()),
            "is_latest": pa.array([row.get("IsLatest", "true") == "true" for row in rows], pa.bool_()),
            "is_delete_marker": pa.array([row.get("IsDeleteMarker") == "true" for row in rows], pa.bool_()),
            "size": pa.array([row["Size"] for row in rows], pa.int64()),
            "e_tag": pa.array([row["ETag"] for row in rows], pa.string()),
            "storage_class": pa.array([row.get("StorageClass", "STANDARD") for row in rows], pa.string()),
        }
    )


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    file = io.BytesIO()
    parquet.write_table(_table(rows), file, row_group_size=9)
    return file.getvalue()


def _orc(rows: Sequence[Mapping[str, Any]]) -> bytes:
    file = io.BytesIO()
    orc.write_table(_table(rows), file)
    return file.getvalue()


_BODIES = {"CSV": _csv, "Parquet": _parquet, "ORC": _orc}
