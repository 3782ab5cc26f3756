"""Probing and analysing a film in a decoder process of its own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from sightglass_common.sandbox.ended import Ended
from sightglass_common.sandbox.wire import Message
from sightglass_common.video_errors import DecoderCrashed, DecodeTimeout
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Child
from sightglass_worker.decode.results import (
    Analysis,
    Glance,
    Preview,
    PreviewScene,
    Probe,
    Progress,
    SceneFound,
    SpriteSheet,
)
from sightglass_worker.decode.source import LARGEST_READ_BYTES
from sightglass_worker.decode.still_source import Stills
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.domain.screen.looks import ScreenLook

ReadRange = Callable[[int, int], Awaitable[bytes]]
_T = TypeVar("_T")

_GLANCE: Final = TypeAdapter(Glance)
_PROBE: Final = TypeAdapter(Probe)
_PROGRESS: Final = TypeAdapter(Progress)
_SCENE: Final = TypeAdapter(SceneFound)
_SPRITE: Final = TypeAdapter(SpriteSheet)
_ANALYSIS: Final = TypeAdapter(Analysis)
_PREVIEW: Final = TypeAdapter(Preview)
_PREVIEW_SCENE: Final = TypeAdapter(PreviewScene)
_MOTION: Final = TypeAdapter(list[MotionSample])
_LOOK: Final = TypeAdapter(ScreenLook)
_POSE: Final = TypeAdapter(PoseLook)


class FilmDecoder:
    """A decoder process, for one film: glance at it, probe, preview or analyse it, take stills. Each may be left out.

    The time between these, in which the film is fetched, counts for none's limits. After an
    error the decoder is of no further use.
    """

    def __init__(self, child: Child, limits: Limits) -> None:
        self._child = child
        self._limits = limits

    @property
    def child(self) -> Child:
        """The process."""
        return self._child

    @property
    def limits(self) -> Limits:
        """What it is held to."""
        return self._limits

    @property
    def spent(self) -> Ended:
        """What the film took of the machine. Once the decoder has ended; ValueError before."""
        if self._child.ended is None:
            raise ValueError("The decoder still runs.")
        return self._child.ended

    async def glance(self, read_range: ReadRange, size_bytes: int) -> Glance:
        """Find out whether a film is worth fetching, by four byte ranges of it and a megabyte at most.

        read_range: as in `probe`.
        Raises the errors of decode.glance, DecoderCrashed, OutOfMemory, MemoryLimit, DecodeTimeout and ProcessorLimit.
        """
        async with deadline(self._limits.probe_wall_s):
            await self._child.send(Message("glance", {"size_bytes": size_bytes}))
            async for message in self._child.messages():
                if message.kind == "glance":
                    return checked(_GLANCE, message.fields)
                await answer_read(self._child, message, read_range, size_bytes)
            raise await self._child.fate()

    async def probe(self, read_range: ReadRange, size_bytes: int) -> Probe:
        """Find out all that is told of a film by reading byte ranges of it (256 KiB and up, 64 MiB together at most).

        read_range: called as read_range(offset, size), within the film; must return exactly `size`
            bytes. What it raises comes through as it is.
        Raises the errors of decode.probe, DecoderCrashed, OutOfMemory, MemoryLimit, DecodeTimeout and ProcessorLimit.
        """
        async with deadline(self._limits.probe_wall_s):
            await self._child.send(Message("probe", {"size_bytes": size_bytes}))
            async for message in self._child.messages():
                if message.kind == "probe":
                    return checked(_PROBE, message.fields)
                await answer_read(self._child, message, read_range, size_bytes)
            raise await self._child.fate()

    async def probe_film(self, file_descriptor: int) -> Probe:
        """Find out all that is told of a film that was fetched.

        file_descriptor: as for `analyze`. Raises what `probe` raises.
        """
        given = False
        async with deadline(self._limits.probe_wall_s):
            await self._child.send(Message("probe_film", {}))
            async for message in self._child.messages():
                match message.kind:
                    case "film" if not given:
                        self._child.hand_over(file_descriptor)
                        given = True
                    case "probe":
                        return checked(_PROBE, message.fields)
                    case _:
                        raise DecoderCrashed("The decoder sent a message of no known kind.")
            raise await self._child.fate()

    async def analyze(
        self,
        file_descriptor: int,
        *,
        on_progress: Callable[[Progress], Awaitable[None]],
        on_scene: Callable[[SceneFound], Awaitable[None]],
        on_sprite: Callable[[SpriteSheet], Awaitable[None]],
        on_motion: Callable[[MotionSample], Awaitable[None]] | None = None,
        on_look: Callable[[ScreenLook], Awaitable[None]] | None = None,
        on_pose: Callable[[PoseLook], Awaitable[None]] | None = None,
    ) -> Analysis:
        """Decode a film to its end. Scenes come in order and once each, as soon as each is complete.

        file_descriptor: the film, readable and seekable; it is not moved and not closed.
        on_motion, on_look, on_pose: without them nobody watches for motion, the screen, or persons.
        The callbacks are awaited one at a time; a slow one slows the decoder down. What they raise
        comes through as it is.
        Raises the errors of decode.analysis, DecoderCrashed, OutOfMemory, MemoryLimit, DecodeTimeout
        and ProcessorLimit. Scenes passed on before that are part of no result.
        """
        given = False
        async with deadline(self._limits.wall_s):
            watch = {"motion": on_motion, "screen": on_look, "people": on_pose}
            await self._child.send(Message("analyze", {"watch": [name for name, told in watch.items() if told]}))
            async for message in self._child.messages():
                match message.kind:
                    case "film" if not given:
                        self._child.hand_over(file_descriptor)
                        given = True
                    case "progress":
                        await on_progress(checked(_PROGRESS, message.fields))
                    case "scene":
                        await on_scene(checked(_SCENE, _with_jpeg(message)))
                    case "sprite":
                        await on_sprite(checked(_SPRITE, message.fields | {"jpeg": message.blob}))
                    case "motion" if on_motion:
                        await tell_motion(message, on_motion)
                    case "look" if on_look:
                        await on_look(checked(_LOOK, message.fields | {"luma": message.blob}))
                    case "pose" if on_pose:
                        await on_pose(checked(_POSE, message.fields | {"rgb": message.blob}))
                    case "analysis":
                        return checked(_ANALYSIS, message.fields)
                    case _:
                        raise DecoderCrashed("The decoder sent a message of no known kind.")
            raise await self._child.fate()

    def stills(self, file_descriptor: int, origin_us: int | None) -> Stills:
        """Single frames of a film that was analysed. Once one was asked for, the decoder is of no other use.

        file_descriptor: as for `analyze`. origin_us: of the Analysis.
        """
        return Stills(self._child, file_descriptor, origin_us, self._limits.probe_wall_s)

    async def preview(
        self,
        read_range: ReadRange,
        size_bytes: int,
        *,
        on_progress: Callable[[Progress], Awaitable[None]],
        on_scene: Callable[[PreviewScene], Awaitable[None]],
    ) -> Preview:
        """Look at a film's key frames, reading byte ranges of it. Scenes come in order, as soon as each is complete.

        read_range: as in `probe`. The callbacks: as in `analyze`.
        Raises the errors of decode.preview, DecoderCrashed, OutOfMemory, MemoryLimit, DecodeTimeout and ProcessorLimit.
        """
        async with deadline(self._limits.wall_s):
            await self._child.send(Message("preview", {"size_bytes": size_bytes}))
            async for message in self._child.messages():
                match message.kind:
                    case "progress":
                        await on_progress(checked(_PROGRESS, message.fields))
                    case "scene":
                        await on_scene(checked(_PREVIEW_SCENE, _with_jpeg(message)))
                    case "preview":
                        return checked(_PREVIEW, message.fields)
                    case _:
                        await answer_read(self._child, message, read_range, size_bytes)
            raise await self._child.fate()


@asynccontextmanager
async def decoder(limits: Limits) -> AsyncGenerator[FilmDecoder]:
    """A decoder process for one film. It is dead and reaped when the block is left, also by a cancel."""
    child = await Child.decoder()
    try:
        await child.send(Message("limits", {"limits": asdict(limits)}))
        yield FilmDecoder(child, limits)
    finally:
        child.end()


async def answer_read(child: Child, message: Message, read_range: ReadRange, size_bytes: int) -> None:
    """Show a decoder the bytes that it asks for, in a window of its own. Raises DecoderCrashed for anything else."""
    if message.kind == "window":
        child.hand_over(child.window.descriptor)
        return
    offset: object = message.fields.get("offset")
    size: object = message.fields.get("size")
    if message.kind != "read" or not isinstance(offset, int) or not isinstance(size, int):
        raise DecoderCrashed("The decoder sent a message of no known kind.")
    if offset < 0 or not 1 <= size <= LARGEST_READ_BYTES or offset + size > size_bytes:
        raise DecoderCrashed("The decoder asked for bytes that the film does not have.")
    data = await read_range(offset, size)
    child.window.show(data)
    await child.send(Message("bytes", {"size": len(data)}))


@asynccontextmanager
async def deadline(seconds: float) -> AsyncGenerator[None]:
    """Turn running out of time into DecodeTimeout, but no timeout of a callback's own."""
    end = asyncio.timeout(seconds)
    try:
        async with end:
            yield
    except TimeoutError as error:
        if not end.expired():
            raise
        raise DecodeTimeout(f"Decoding took longer than {seconds:g} s.", limit_s=seconds) from error


async def tell_motion(message: Message, on_motion: Callable[[MotionSample], Awaitable[None]]) -> None:
    """Pass on the samples of motion that a message carries. Raises DecoderCrashed for one that carries others."""
    for sample in checked(_MOTION, message.fields.get("samples")):
        await on_motion(sample)


def _with_jpeg(message: Message) -> dict[str, Any]:
    thumbnail: object = message.fields.get("thumbnail")
    if not isinstance(thumbnail, dict):
        return message.fields
    return message.fields | {"thumbnail": cast("dict[str, Any]", thumbnail) | {"jpeg": message.blob}}


def checked(adapter: TypeAdapter[_T], fields: object) -> _T:
    """A result of that type. Raises DecoderCrashed for fields that are none."""
    try:
        return adapter.validate_python(fields)
    except ValidationError as error:
        raise DecoderCrashed("The decoder sent a result that is none.") from error
