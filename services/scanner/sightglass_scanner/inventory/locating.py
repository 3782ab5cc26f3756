"""Where a bucket's newest inventory is, by its own inventory configurations."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sightglass_common.errors import AccessDenied, BucketNotFound, BucketNotLinked, ObjectNotFound
from sightglass_common.inventory_errors import InventoryNotFound
from sightglass_common.s3 import head, s3_errors
from sightglass_scanner.inventory.manifest import bucket_of

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client
    from types_aiobotocore_s3.type_defs import InventoryConfigurationOutputTypeDef

# When S3 began with an inventory; what else lies beside these folders is `data/` and `hive/`.
_DATED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}Z")
# The newest may be without a manifest yet; before so many others S3 has ended with some.
_MOST_TRIED: Final = 10


@dataclass(frozen=True, slots=True)
class _Folder:
    """Where S3 puts the inventories of one configuration. key: ends with a slash."""

    bucket: str
    key: str


async def newest(s3: "S3Client", bucket: str, prefix: str, linked: Callable[[str], Awaitable[bool]]) -> tuple[str, str]:
    """Bucket and key of the newest manifest for a bucket, of an inventory of all keys with a prefix.

    linked: whether the tenant may have a bucket read. Raises InventoryNotFound, BucketNotLinked, BucketNotFound,
    AccessDenied, InventoryBroken, and what `s3_errors` names.
    """
    folders = [_folder(bucket, one) async for one in _configurations(s3, bucket) if _covers(one, prefix)]
    if not folders:
        raise InventoryNotFound(f"The bucket {bucket} has no inventory that is on and has all keys below {prefix!r}.")
    readable = [folder for folder in folders if await linked(folder.bucket)]
    if not readable:
        raise BucketNotLinked(
            f"The inventories of {bucket} are in {folders[0].bucket}, which is not linked to this tenant."
        )
    dated = [(date, folder) for folder in readable for date in await _dates(s3, folder)]
    for date, folder in sorted(dated, key=lambda found: found[0], reverse=True)[:_MOST_TRIED]:
        key = f"{folder.key}{date}/manifest.json"
        try:
            await head(s3, folder.bucket, key)
        except ObjectNotFound:
            continue
        return folder.bucket, key
    where = f"s3://{readable[0].bucket}/{readable[0].key}"
    raise InventoryNotFound(f"S3 has delivered no inventory of {bucket} to {where} yet.")


async def _configurations(s3: "S3Client", bucket: str) -> AsyncIterator["InventoryConfigurationOutputTypeDef"]:
    asked: dict[str, Any] = {"Bucket": bucket}
    while True:
        try:
            with s3_errors():
                answer = await s3.list_bucket_inventory_configurations(**asked)
        except AccessDenied as error:
            raise AccessDenied(
                f"S3 denies looking at the inventory configurations of {bucket}; name a manifest, or allow "
                "s3:GetInventoryConfiguration."
            ) from error
        except ObjectNotFound as error:
            raise BucketNotFound(f"S3 has no bucket {bucket}.") from error
        for one in answer.get("InventoryConfigurationList", []):
            yield one
        if not answer.get("IsTruncated"):
            return
        asked["ContinuationToken"] = answer["NextContinuationToken"]


def _covers(configuration: "InventoryConfigurationOutputTypeDef", prefix: str) -> bool:
    return configuration["IsEnabled"] and prefix.startswith(configuration.get("Filter", {"Prefix": ""})["Prefix"])


def _folder(bucket: str, configuration: "InventoryConfigurationOutputTypeDef") -> _Folder:
    destination = configuration["Destination"]["S3BucketDestination"]
    parts = [destination.get("Prefix", ""), bucket, configuration["Id"], ""]
    return _Folder(bucket_of(destination["Bucket"]), "/".join(parts[0 if parts[0] else 1 :]))


async def _dates(s3: "S3Client", folder: _Folder) -> list[str]:
    found: list[str] = []
    asked: dict[str, Any] = {"Bucket": folder.bucket, "Prefix": folder.key, "Delimiter": "/"}
    while True:
        try:
            with s3_errors():
                answer = await s3.list_objects_v2(**asked)
        except AccessDenied as error:
            raise AccessDenied(f"S3 denies listing the bucket {folder.bucket}, where the inventories are.") from error
        except ObjectNotFound as error:
            raise BucketNotFound(f"S3 has no bucket {folder.bucket}, where the inventories are to be.") from error
        folders = [one.get("Prefix", "") for one in answer.get("CommonPrefixes", [])]
        found += [date for one in folders if _DATED.fullmatch(date := one.removeprefix(folder.key)[:-1])]
        if not answer.get("IsTruncated"):
            return found
        asked["ContinuationToken"] = answer["NextContinuationToken"]
