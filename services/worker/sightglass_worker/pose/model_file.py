"""A user's model: read once when the worker starts, checked, and held where nothing can change it any more."""

import fcntl
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sightglass_common.errors import SightglassError
from sightglass_common.s3 import head, read_range
from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.pose.manifest import MAX_MANIFEST_BYTES, Manifest, parsed_manifest

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

MAX_MODEL_BYTES: Final = 512 * 1024**2
_S3: Final = "s3://"
_SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A manifest and its model, whose sha256 is the manifest's. descriptor: of a sealed file in memory."""

    manifest: Manifest
    descriptor: int


@contextmanager
def held(manifest: Manifest, model: bytes, name: str) -> Generator[CheckedModel]:
    """The model as a sealed file. Raises EngineMissing when its sha256 is another than the manifest's."""
    found = hashlib.sha256(model).hexdigest()
    if found != manifest.sha256:
        raise EngineMissing(f"{name} has the sha256 {found}, and its manifest says {manifest.sha256}")
    descriptor = os.memfd_create("pose-model", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(model)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        yield CheckedModel(manifest, descriptor)
    finally:
        os.close(descriptor)


async def read_model(address: str, s3: "S3Client") -> tuple[Manifest, bytes]:
    """Read the model at a path or `s3://bucket/key`, and the manifest beside it. Raises EngineMissing."""
    manifest = parsed_manifest(await _read(f"{address}.json", s3, MAX_MANIFEST_BYTES), f"{address}.json")
    return manifest, await _read(address, s3, MAX_MODEL_BYTES)


async def _read(address: str, s3: "S3Client", most_bytes: int) -> bytes:
    try:
        if address.startswith(_S3):
            return await _of_s3(address, s3, most_bytes)
        return _of_disk(Path(address), most_bytes)
    except (OSError, SightglassError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.detail or error.code
        raise EngineMissing(f"{address} cannot be read: {reason}") from error


def _of_disk(path: Path, most_bytes: int) -> bytes:
    with path.open("rb") as file:
        _check_size(str(path), os.fstat(file.fileno()).st_size, most_bytes)
        return file.read(most_bytes)


async def _of_s3(address: str, s3: "S3Client", most_bytes: int) -> bytes:
    bucket, _, key = address.removeprefix(_S3).partition("/")
    if not bucket or not key:
        raise EngineMissing(f"{address} is no s3://bucket/key")
    ref = await head(s3, bucket, key)
    _check_size(address, ref.size_bytes, most_bytes)
    return await read_range(s3, ref, 0, ref.size_bytes)


def _check_size(name: str, size_bytes: int, most_bytes: int) -> None:
    if not 0 < size_bytes <= most_bytes:
        raise EngineMissing(f"{name} has {size_bytes} bytes, which is none or more than {most_bytes}")
