"""What a range has found, as it lies in S3 until all ranges are put together."""

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import TypeAdapter

from sightglass_worker.decode.range_results import LitSamples, PieceFound, RangeDone, TileFound
from sightglass_worker.decode.results import Thumbnail
from sightglass_worker.domain.merging.marks import Lit, Piece, RangeEnds
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.scenes.candidates import Candidate
from sightglass_worker.domain.scenes.signature import signatures
from sightglass_worker.domain.texts.folding import ReadLook


@dataclass(frozen=True, slots=True)
class RangeFound:
    """All that is known of a range, each in order of time. looks: None where no text was to be read."""

    pieces: tuple[PieceFound, ...]
    tiles: tuple[TileFound, ...]
    motion: tuple[MotionSample, ...]
    looks: tuple[ReadLook, ...] | None
    done: RangeDone


_FOUND: Final = TypeAdapter(RangeFound)


def to_bytes(found: RangeFound) -> bytes:
    """What is stored."""
    return zlib.compress(_FOUND.dump_json(found))


def from_bytes(data: bytes) -> RangeFound:
    """What was stored, by this version of the worker or one like it. Raises ValueError for anything else."""
    return _FOUND.validate_json(zlib.decompress(data))


def pieces_of(found: RangeFound) -> list[Piece[Thumbnail]]:
    """The pieces as SceneJoiner takes them."""
    return [Piece(_candidate(piece), piece.end, piece.inherits) for piece in found.pieces]


def ends_of(found: RangeFound) -> RangeEnds:
    """What the range's neighbours need to know, as SceneJoiner takes it."""
    done = found.done
    return RangeEnds(done.cadence, _lit(done.first_lit), _lit(done.last_lit), done.level)


def _candidate(piece: PieceFound) -> Candidate[Thumbnail] | None:
    thumbnail = piece.thumbnail
    return None if thumbnail is None else Candidate(piece.frame, thumbnail.t_us, thumbnail.sharpness, thumbnail)


def _lit(lit: LitSamples | None) -> Lit | None:
    if lit is None:
        return None
    samples = np.frombuffer(lit.samples, np.uint8)[None]
    return Lit(lit.frame, signatures(samples, lit.luma_size, lit.columns)[0])
