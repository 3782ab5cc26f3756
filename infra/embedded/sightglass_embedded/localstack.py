"""Launcher of LocalStack, our stand-in for S3 and SQS, from an environment of its own."""

import os
import shutil
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sightglass_embedded.output import LogFile
from sightglass_embedded.ports import LOOPBACK, free_ports
from sightglass_embedded.process import Command, Process, StopSteps
from sightglass_embedded.readiness import NotReady, http_status, until_ready

REGION: Final = "us-east-1"
ACCESS_KEY: Final = "test"  # LocalStack's account 000000000000; it takes any, but signs links with this one
STOP: Final[StopSteps] = ((signal.SIGTERM, 3.0),)  # then SIGKILL: now and then it closes its port and lives on
READY_S: Final = 60.0

_MAIN: Final = Path(__file__).with_name("localstack_main.py")
_SIGNED: Final = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
)


class LocalStackFailed(RuntimeError):
    """LocalStack did not start. The message ends with what it said last."""


class LocalStack:
    """One LocalStack on 127.0.0.1 alone, with its files in `folder`.

    It forgets everything when it stops: each start begins with no bucket and no queue.
    port: 0 takes a free one, which stays the same as long as this object lives.
    python: interpreter of the environment that LocalStack is installed in; by default
        SIGHTGLASS_LOCALSTACK_PYTHON, else .venv-localstack in the root of the checkout.
    """

    def __init__(self, folder: Path, *, port: int = 0, python: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.port = port or free_ports(1)[0]
        self.log = LogFile(self.folder / "localstack.log")
        self._python = python
        self._objects = self.folder / "s3"

    @property
    def endpoint_url(self) -> str:
        """The address of both S3 and SQS."""
        return f"http://{LOOPBACK}:{self.port}"

    async def prepare(self) -> None:
        """Make the folders, without the objects of an earlier run: nothing refers to them any more."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._objects.exists():
            shutil.rmtree(self._objects)
        self._objects.mkdir(mode=0o700)

    def command(self) -> Command:
        """Its command line. `prepare` comes first. Raises LocalStackFailed when it is not installed."""
        python = self._python or _python_of(os.environ)
        if not python.is_file():
            raise LocalStackFailed(f"LocalStack is not installed ({python} is missing): run `make setup`.")
        return Command(
            # -P: our folder is not to be on its module path, where it would hide the real `localstack`.
            argv=(str(python), "-P", str(_MAIN), str(self._objects)),
            env={"PATH": os.defpath, "HOME": str(self.folder), **self._settings()},
            cwd=self.folder,
        )

    async def ready(self) -> bool:
        """Whether S3 and SQS both answer a real call. Raises OSError if it does not listen."""
        buckets = await http_status(self.port, "/", headers={"Authorization": _SIGNED.format(service="s3")})
        queues = await http_status(
            self.port,
            "/",
            method="POST",
            body=b"{}",
            headers={
                "Authorization": _SIGNED.format(service="sqs"),
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "AmazonSQS.ListQueues",
            },
        )
        return buckets == queues == 200

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["LocalStack"]:
        """Run it while the block runs. Raises LocalStackFailed."""
        await self.prepare()
        process = await Process.start(self.command(), self.log)
        try:
            await until_ready("LocalStack", process, self.ready, timeout_s=READY_S)
            yield self
        except NotReady as error:
            raise LocalStackFailed(f"{error}\n{self.log.tail()}") from error
        finally:
            await process.stop(STOP)

    def _settings(self) -> dict[str, str]:
        return {
            "GATEWAY_LISTEN": f"{LOOPBACK}:{self.port}",
            "GATEWAY_SERVER": "hypercorn",  # the default one listens on all addresses
            "LOCALSTACK_HOST": f"{LOOPBACK}:{self.port}",
            "SQS_ENDPOINT_STRATEGY": "path",  # queue URLs that need no name service
            "FILESYSTEM_ROOT": str(self.folder / "files"),
            "OVERRIDE_IN_DOCKER": "false",  # else a container's /.dockerenv makes it write outside our folder
            "DNS_ADDRESS": "0",
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "S3_SKIP_SIGNATURE_VALIDATION": "0",  # else a presigned link admits anything
            "SERVICES": "s3,sqs",
            "EAGER_SERVICE_LOADING": "1",
            "LS_LOG": "warning",
            "PYTHONUNBUFFERED": "1",
        }


def _python_of(environ: Mapping[str, str]) -> Path:
    chosen = environ.get("SIGHTGLASS_LOCALSTACK_PYTHON")
    python = Path(chosen) if chosen else _checkout() / ".venv-localstack" / "bin" / "python"
    return python.absolute()  # not resolved: the link is what makes it that environment's interpreter


def _checkout() -> Path:
    for folder in Path(__file__).resolve().parents:
        if (folder / ".venv-localstack").is_dir():
            return folder
    return Path.cwd()
