"""`link`: lets the tenant of a stack that runs look into a bucket. Done beside the stack, from another process."""

import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sightglass_embedded.api_key import Owner
from sightglass_embedded.backing import Backing
from sightglass_embedded.process import Command, Start, running
from sightglass_embedded.readiness import http_status
from sightglass_embedded.run_file import RunFile
from sightglass_embedded.services import SERVICES

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# What takes the place of a child of the stack's own. The stack's own goes before what a shell has set since.
_OUTSIDE: Final = {"postgres": "SIGHTGLASS_DATABASE_URL", "localstack": "AWS_ENDPOINT_URL"}


class LinkFailed(RuntimeError):
    """The bucket was not linked. The message says why."""


async def link_bucket(folder: Path, bucket: str, environ: Mapping[str, str], *, files: Path | None = None) -> int:
    """Link a bucket of the stack on `folder` to its tenant; linked already is no error.

    environ: of the stack, where it runs on a database or an S3 of others.
    files: a folder, or a file, that is put there first, into a bucket that is made if there is none.

    Returns how many files were put. Raises LinkFailed, CommandFailed, NoApiKey, and OSError for files.
    """
    async with AsyncExitStack() as lifetime:
        backing = await _backing_of(folder, environ, lifetime)
        if bucket == backing.bucket:
            raise LinkFailed(f"{bucket} is the platform's own bucket, which holds every tenant's uploads.")
        async with _in_words():
            s3, _ = await backing.clients.get()
            put = 0 if files is None else await _put(s3, bucket, files)
            names = [entry.get("Name", "") for entry in (await s3.list_buckets()).get("Buckets", [])]
            if bucket not in names:
                await _check(s3, bucket, backing, names)
        await Owner(folder, lambda *words: _api(backing, *words)).link(bucket)
        return put


async def _backing_of(folder: Path, environ: Mapping[str, str], lifetime: AsyncExitStack) -> Backing:
    ports = {child.name: child.port for child in RunFile(folder / "run.json").children() if child.lives()}
    if "api" not in ports or not await _answers(ports["api"]):
        raise LinkFailed(f"Nothing runs on {folder}, or it is starting still: `make dev`, and wait until it is ready.")
    for child, variable in _OUTSIDE.items():
        if child not in ports and variable not in environ:
            raise LinkFailed(f"The stack was started with {variable}: set it here too.")
    inside = {_OUTSIDE[child] for child in _OUTSIDE if child in ports}
    return Backing(
        folder,
        environ={name: value for name, value in environ.items() if name not in inside},
        ports=ports,
        lifetime=lifetime,
        tell=lambda _: None,
        refilled=_nothing,
    )


async def _answers(port: int) -> bool:
    try:
        return await http_status(port, "/readyz") == 200
    except (OSError, ValueError):
        return False


async def _nothing() -> None:
    """The stack itself looks after what LocalStack forgets."""


async def _check(s3: "S3Client", bucket: str, backing: Backing, names: list[str]) -> None:
    """Somebody else's bucket is not among `names`, and may be there. Raises LinkFailed when none is."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  # not at the start of the command line

    try:
        await s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in {"404", "NoSuchBucket"}:
            raise
        place = backing.aws.endpoint_url or "AWS"
        there = ", ".join(sorted(names)) or "none"
        raise LinkFailed(f"There is no bucket {bucket} at {place}. Those there: {there}.") from error


async def _put(s3: "S3Client", bucket: str, files: Path) -> int:
    names = {entry.get("Name") for entry in (await s3.list_buckets()).get("Buckets", [])}
    found = list(_keyed(files))
    if bucket not in names:
        await s3.create_bucket(Bucket=bucket)
    for key, path in found:
        with path.open("rb") as file:
            await s3.put_object(Bucket=bucket, Key=key, Body=file)
    return len(found)


def _keyed(files: Path) -> Iterator[tuple[str, Path]]:
    """Files with the keys that they get: their paths below the folder."""
    if files.is_file():
        yield files.name, files
        return
    if not files.is_dir():
        raise LinkFailed(f"There is no file or folder {files}.")
    for path in sorted(files.rglob("*")):
        if path.is_file():
            yield path.relative_to(files).as_posix(), path


@asynccontextmanager
async def _in_words() -> AsyncGenerator[None]:
    """Turn what S3, or its client, says into LinkFailed."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as in _check()

    try:
        yield
    except (ClientError, BotoCoreError, UnicodeEncodeError) as error:
        raise LinkFailed(str(error)) from error


def _api(backing: Backing, *words: str) -> Start:
    module = SERVICES["api"].module
    own = {"SIGHTGLASS_DATABASE_URL": backing.database.url_for(SERVICES["api"].role)}
    return running(lambda: Command((sys.executable, "-m", module, *words), {**backing.environment, **own}))
