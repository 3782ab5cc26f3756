"""Films in ranges, seen from the worker: planned, decoded range by range, and their sprite sheet put together."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final, cast

from pydantic import TypeAdapter

from sightglass_common.sandbox.wire import Message
from sightglass_common.video_errors import DecoderCrashed
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Child
from sightglass_worker.decode.range_results import (
    FilmPlan,
    PieceFound,
    RangeDone,
    RangeSpan,
    TileFound,
    Unsound,
)
from sightglass_worker.decode.results import Progress, SpriteSheet
from sightglass_worker.decode.run import (
    FilmDecoder,
    ReadRange,
    answer_read,
    checked,
    deadline,
    decoder,
    tell_motion,
)
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.screen.looks import ScreenLook

_PLAN: Final = TypeAdapter(FilmPlan)
_PROGRESS: Final = TypeAdapter(Progress)
_PIECE: Final = TypeAdapter(PieceFound)
_TILE: Final = TypeAdapter(TileFound)
_DONE: Final = TypeAdapter(RangeDone)
_UNSOUND: Final = TypeAdapter(Unsound)
_SPRITE: Final = TypeAdapter(SpriteSheet)
_LOOK: Final = TypeAdapter(ScreenLook)


class RangeDecoder:
    """A decoder process for one film in ranges. After an error it is of no further use."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self._child = child
        self._limits = limits

    async def plan(self, read_range: ReadRange, size_bytes: int, range_us: int) -> FilmPlan:
        """Where the film may be cut into ranges of about `range_us`. Reads a small part of it.

        Raises the errors of decode.seeking.plan, DecoderCrashed, OutOfMemory and DecodeTimeout, and what read_range
        raises.
        """
        request = Message("plan", {"size_bytes": size_bytes, "range_us": range_us})
        async with deadline(self._limits.wall_s):
            async for message in self._asked(request, read_range, size_bytes):
                return checked(_PLAN, message.fields)
            raise await self._child.fate()

    async def analyze(
        self,
        span: RangeSpan,
        read_range: ReadRange,
        size_bytes: int,
        *,
        on_progress: Callable[[Progress], Awaitable[None]],
        on_piece: Callable[[PieceFound], Awaitable[None]],
        on_tile: Callable[[TileFound], Awaitable[None]],
        on_motion: Callable[[MotionSample], Awaitable[None]],
        on_look: Callable[[ScreenLook], Awaitable[None]] | None,
    ) -> RangeDone | Unsound:
        """Decode one range to its end; pieces and tiles come in order.

        read_range: as in FilmDecoder.probe; asked for the range's own bytes mostly, in order.
        on_look: without it nobody watches the screen.
        Raises the errors of decode.ranged, DecoderCrashed, OutOfMemory, MemoryLimit, DecodeTimeout and ProcessorLimit.
        """
        watch = ["motion", *(["screen"] if on_look else [])]
        request = Message("range", {"size_bytes": size_bytes, "span": asdict(span), "watch": watch})
        async with deadline(self._limits.wall_s):
            async for message in self._asked(request, read_range, size_bytes):
                match message.kind:
                    case "progress":
                        await on_progress(checked(_PROGRESS, message.fields))
                    case "piece":
                        await on_piece(checked(_PIECE, _with_jpeg(message)))
                    case "tile":
                        await on_tile(checked(_TILE, message.fields | {"planes": message.blob}))
                    case "range":
                        return checked(_DONE, _with_samples(message))
                    case "unsound":
                        return checked(_UNSOUND, message.fields)
                    case "motion":
                        await tell_motion(message, on_motion)
                    case "look" if on_look:
                        await on_look(checked(_LOOK, message.fields | {"luma": message.blob}))
                    case _:
                        raise DecoderCrashed("The decoder sent a message of no known kind.")
            raise await self._child.fate()

    async def sheet(self, tiles: Sequence[TileFound], *, expected_us: int | None, duration_us: int) -> SpriteSheet:
        """The sprite sheet of a film out of the tiles of all its ranges, in order.

        Raises DecoderCrashed, OutOfMemory and DecodeTimeout.
        """
        async with deadline(self._limits.wall_s):
            fields = {"tiles": len(tiles), "expected_us": expected_us, "duration_us": duration_us}
            await self._child.send(Message("sheet", fields))
            for tile in tiles:
                where = {"t_us": tile.t_us, "width": tile.width, "height": tile.height}
                await self._child.send(Message("tile", where, tile.planes))
            async for message in self._child.messages():
                return checked(_SPRITE, message.fields | {"jpeg": message.blob})
            raise await self._child.fate()

    async def _asked(self, request: Message, read_range: ReadRange, size_bytes: int) -> AsyncIterator[Message]:
        """Send a request; what comes back, but for reads, which are answered."""
        await self._child.send(request)
        async for message in self._child.messages():
            if message.kind in {"window", "read"}:
                await answer_read(self._child, message, read_range, size_bytes)
            else:
                yield message


@asynccontextmanager
async def range_decoder(limits: Limits) -> AsyncGenerator[RangeDecoder]:
    """A decoder process. It is dead and reaped when the block is left, also by a cancel."""
    async with decoder(limits) as film:
        yield ranges_of(film)


def ranges_of(film: FilmDecoder) -> RangeDecoder:
    """The same process, for the same film in ranges."""
    return RangeDecoder(film.child, film.limits)


def _with_jpeg(message: Message) -> dict[str, Any]:
    thumbnail: object = message.fields.get("thumbnail")
    if not isinstance(thumbnail, dict):
        return message.fields
    return message.fields | {"thumbnail": cast("dict[str, Any]", thumbnail) | {"jpeg": message.blob}}


def _with_samples(message: Message) -> dict[str, Any]:
    """The fields of a finished range, its lit frames with their samples: those of the first come first."""
    lits = [name for name in ("first_lit", "last_lit") if isinstance(message.fields.get(name), dict)]
    size, rest = divmod(len(message.blob), len(lits) or 1)
    if rest:
        raise DecoderCrashed("The decoder sent a result that is none.")
    fields = dict(message.fields)
    for number, name in enumerate(lits):
        samples = message.blob[number * size : (number + 1) * size]
        fields[name] = cast("dict[str, Any]", fields[name]) | {"samples": samples}
    return fields
