"""What a decoder process does for films in ranges: a plan of them, one of them, the sprite sheet of all."""

import socket
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from sightglass_common.sandbox.confine import allow_cpu, allow_memory
from sightglass_common.sandbox.wire import Message
from sightglass_worker.decode import report
from sightglass_worker.decode.asking import Parent
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.picture import Picture
from sightglass_worker.decode.range_results import PieceFound, RangeDone, RangeSpan, TileFound, Unsound
from sightglass_worker.decode.ranged import RangeResult, analyze_range
from sightglass_worker.decode.results import SpriteSheet
from sightglass_worker.decode.seeking import ScatteredError, plan
from sightglass_worker.decode.source import RangedFile
from sightglass_worker.decode.sprite import SpriteMaker
from sightglass_worker.decode.wire import WIRE

RANGED: Final = frozenset({"plan", "range", "sheet"})
# What looking for key frames may read: about a megabyte for each range of the longest film.
_MAX_PLAN_BYTES: Final = 256 * 1024 * 1024
# What a range holds of the film: 4 MiB, asked for by 1 MiB. The parent reads ahead in larger blocks, so that more
# would only lie there twice.
_HELD_BLOCKS: Final = 16


def serve_ranged(connection: socket.socket, parent: Parent, request: Message, limits: Limits) -> None:
    """Answer a request of a kind in RANGED.

    `plan {size_bytes, range_us}` asks back ranges of bytes, as service.py tells, and ends with `plan`.
    `range {size_bytes, span, watch}` asks the same; then come `progress`, `piece`, `tile` and what watchers see, and
    `range` or `unsound` last. `sheet {tiles, expected_us, duration_us}` is followed by so many `tile`, and answered by
    `sprite`.
    Raises what plan and analyze_range raise, GarbledError and ConnectionError.
    """
    allow_cpu(limits.cpu_s)
    allow_memory(limits.memory_bytes)
    fields = request.fields
    if request.kind == "plan":
        source = RangedFile(parent.ranges(_MAX_PLAN_BYTES, ScatteredError), int(fields["size_bytes"]))
        WIRE.send(connection, Message("plan", asdict(plan(source, limits, int(fields["range_us"])))))
    elif request.kind == "range":
        source = RangedFile(parent.ranges(None, ScatteredError), int(fields["size_bytes"]), _HELD_BLOCKS)
        span = RangeSpan(**fields["span"] | {"restarts_us": tuple(fields["span"]["restarts_us"])})
        for told in report.messages(analyze_range(source, limits, span, fields["watch"]), _message):
            WIRE.send(connection, told)
    else:
        WIRE.send(connection, report.message(_sheet(parent, fields)))


def _message(result: RangeResult) -> Message:
    """The message that carries a result: its bytes as the blob, the rest as JSON."""
    match result:
        case PieceFound(thumbnail=thumbnail):
            fields = asdict(result)
            return Message("piece", fields, fields["thumbnail"].pop("jpeg") if thumbnail else b"")
        case TileFound():
            fields = asdict(result)
            return Message("tile", fields, fields.pop("planes"))
        case RangeDone(first_lit=first, last_lit=last):
            fields = asdict(result)
            lits = [fields[name].pop("samples") for name, lit in (("first_lit", first), ("last_lit", last)) if lit]
            return Message("range", fields, b"".join(lits))
        case Unsound():
            return Message("unsound", asdict(result))
        case _:
            return report.message(result)


def _sheet(parent: Parent, fields: dict[str, Any]) -> SpriteSheet:
    maker = SpriteMaker(fields["expected_us"])
    messages = (parent.next("tile") for _ in range(int(fields["tiles"])))
    add_tiles(maker, (TileFound(**message.fields, planes=message.blob) for message in messages))
    return maker.sheet(int(fields["duration_us"]))


def add_tiles(maker: SpriteMaker, tiles: Iterable[TileFound]) -> None:
    """Put those tiles on a sheet that a run over the whole film would have put there."""
    for tile in tiles:
        if maker.wants(tile.t_us):
            maker.add(tile.t_us, _picture(tile))


def _picture(tile: TileFound) -> Picture:
    width, height, values = tile.width, tile.height, np.frombuffer(tile.planes, np.uint8)
    luma, chroma = width * height, width * height // 4
    half = (height // 2, width // 2)
    return Picture(
        values[:luma].reshape(height, width),
        values[luma : luma + chroma].reshape(half),
        values[luma + chroma :].reshape(half),
    )
