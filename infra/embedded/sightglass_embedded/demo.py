"""`demo`: puts sample videos, a bucket of files and questions through the system by its public face, and says what came
out.
"""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from sightglass_embedded.demo_files import files, planted
from sightglass_embedded.demo_handbook import PLANTED, QUESTIONS, SHOWN, documents
from sightglass_embedded.foreground import in_foreground
from sightglass_embedded.private_file import replace_private
from sightglass_embedded.stack import Stack

_SAMPLES: Final = Path(__file__).with_name("samples")
_SUFFIXES: Final = frozenset({".mp4", ".webm"})
_T = TypeVar("_T")


class DemoFailed(RuntimeError):
    """A sample, the scan, or a question did not get through."""


async def run_demo(stack: Stack, report: Path) -> int:
    """Start the stack, put all samples through it, scan a bucket, ask about documents, stop it, write `report`.

    Returns 1 if anything is missing.

    Raises DemoFailed, and what starting the stack raises. The report of an earlier run is removed first, so that
    it is never taken for this one's.
    """
    await asyncio.to_thread(report.unlink, missing_ok=True)
    clock = _Laps()
    content: dict[str, Any] = {"videos": [], "scan": None, "chat": []}

    async def work(stack: Stack) -> int:
        clock.lap("start")
        key = await stack.api_key(stack.folder / "env")
        videos = await asyncio.to_thread(_analysed, stack, key)
        content["videos"] = [{name: value for name, value in video.items() if name != "missing"} for video in videos]
        clock.lap("videos")
        bucket = await stack.bucket_with(files(), name="demo")
        scan = content["scan"] = await asyncio.to_thread(_scanned, stack, key, bucket)
        clock.lap("scan")
        chat = content["chat"] = await asyncio.to_thread(_asked, stack, key)
        clock.lap("chat")
        whole = videos and all(not video["missing"] for video in videos)
        exact = scan["status"] == "done" and not scan["missed"] and not scan["invented"]
        right = chat and all(turn["hit"] for turn in chat)
        return 0 if whole and exact and right else 1

    code = 1
    try:
        code = await in_foreground(stack, work)
    finally:
        clock.lap("stop")
        told = {"ok": code == 0, **content, "seconds": clock.seconds}
        replace_private(report, json.dumps(told, indent=2).encode() + b"\n")
    return code


def _analysed(stack: Stack, key: str) -> list[dict[str, Any]]:
    # The client library, when it is needed.
    from sightglass_embedded.demo_videos import analysed  # noqa: PLC0415

    samples = sorted(path for path in _SAMPLES.iterdir() if path.suffix in _SUFFIXES)
    thumbnails = stack.folder / "thumbnails"
    return _through(stack, lambda: analysed(samples, url=stack.url, api_key=key, thumbnails=thumbnails))


def _scanned(stack: Stack, key: str, bucket: str) -> dict[str, Any]:
    from sightglass_embedded.demo_scan import scanned  # noqa: PLC0415  # as above

    return _through(stack, lambda: scanned(bucket, planted(), url=stack.url, api_key=key))


def _asked(stack: Stack, key: str) -> list[dict[str, Any]]:
    from sightglass_embedded.demo_chat import asked  # noqa: PLC0415  # as above

    return _through(stack, lambda: asked(documents(), QUESTIONS, (*PLANTED, *SHOWN), url=stack.url, api_key=key))


def _through(stack: Stack, act: Callable[[], _T]) -> _T:
    from sightglass_client.errors import ClientError  # noqa: PLC0415  # as above

    try:
        return act()
    except ClientError as error:
        raise DemoFailed(f"{error} {error.hint} The logs are in {stack.logs}.") from error


class _Laps:
    """Seconds of each step, and of all."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """The step `name` ends now."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 2)
        self.seconds["total"] = round(now - self._began, 2)
        self._last = now
