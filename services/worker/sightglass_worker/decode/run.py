"""Probing and analysing a film in a decoder process of its own."""

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from sightglass_common.errors import DecoderCrashed, DecodeTimeout
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Decoder, decoder
from sightglass_worker.decode.results import Analysis, Probe, Progress, SceneFound, SpriteSheet
from sightglass_worker.decode.wire import Message

ReadRange = Callable[[int, int], Awaitable[bytes]]
_T = TypeVar("_T")

_PROBE: Final = TypeAdapter(Probe)
_PROGRESS: Final = TypeAdapter(Progress)
_SCENE: Final = TypeAdapter(SceneFound)
_SPRITE: Final = TypeAdapter(SpriteSheet)
_ANALYSIS: Final = TypeAdapter(Analysis)


async def probe_remote(read_range: ReadRange, size_bytes: int, limits: Limits) -> Probe:
    """Find out what a film is by reading few byte ranges of it (256 KiB and up).

    read_range: called as read_range(offset, size), within the film; must return exactly `size`
        bytes. What it raises comes through as it is.
    Raises the errors of decode.probe, DecoderCrashed, OutOfMemory and DecodeTimeout.
    """
    request = Message("probe", {"limits": asdict(limits), "size_bytes": size_bytes})
    async with _deadline(limits.probe_wall_s), decoder("probe", subprocess.DEVNULL, request) as child:
        async for message in child.messages():
            if message.kind == "probe":
                return _checked(_PROBE, message.fields)
            await _answer(child, message, read_range, size_bytes)
        raise await child.fate()


async def analyze(
    file_descriptor: int,
    limits: Limits,
    *,
    on_progress: Callable[[Progress], Awaitable[None]],
    on_scene: Callable[[SceneFound], Awaitable[None]],
    on_sprite: Callable[[SpriteSheet], Awaitable[None]],
) -> Analysis:
    """Decode a film to its end. Scenes come in order and once each, as soon as each is complete.

    file_descriptor: the film, readable and seekable; it is not moved and not closed.
    The callbacks are awaited one at a time; a slow one slows the decoder down. What they raise
    comes through as it is. Cancelling kills the decoder.
    Raises the errors of decode.analysis, DecoderCrashed, OutOfMemory and DecodeTimeout. Scenes
    passed on before that are part of no result.
    """
    request = Message("analyze", {"limits": asdict(limits)})
    async with _deadline(limits.wall_s), decoder("analyze", file_descriptor, request) as child:
        async for message in child.messages():
            match message.kind:
                case "progress":
                    await on_progress(_checked(_PROGRESS, message.fields))
                case "scene":
                    await on_scene(_checked(_SCENE, _with_jpeg(message)))
                case "sprite":
                    await on_sprite(_checked(_SPRITE, message.fields | {"jpeg": message.blob}))
                case "analysis":
                    return _checked(_ANALYSIS, message.fields)
                case _:
                    raise DecoderCrashed("The decoder sent a message of no known kind.")
        raise await child.fate()


async def _answer(child: Decoder, message: Message, read_range: ReadRange, size_bytes: int) -> None:
    """Read the range that a probe asks for, and send it."""
    offset: object = message.fields.get("offset")
    size: object = message.fields.get("size")
    if message.kind != "read" or not isinstance(offset, int) or not isinstance(size, int):
        raise DecoderCrashed("The decoder sent a message of no known kind.")
    if offset < 0 or size < 1 or offset + size > size_bytes:
        raise DecoderCrashed("The decoder asked for bytes that the film does not have.")
    await child.send(Message("bytes", {}, await read_range(offset, size)))


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncGenerator[None]:
    """Turn running out of time into DecodeTimeout, but no timeout of a callback's own."""
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            yield
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise DecodeTimeout(f"Decoding took longer than {seconds:g} s.", limit_s=seconds) from error


def _with_jpeg(message: Message) -> dict[str, Any]:
    thumbnail: object = message.fields.get("thumbnail")
    if not isinstance(thumbnail, dict):
        return message.fields
    return message.fields | {"thumbnail": cast("dict[str, Any]", thumbnail) | {"jpeg": message.blob}}


def _checked(adapter: TypeAdapter[_T], fields: dict[str, Any]) -> _T:
    try:
        return adapter.validate_python(fields)
    except ValidationError as error:
        raise DecoderCrashed("The decoder sent a result that is none.") from error
