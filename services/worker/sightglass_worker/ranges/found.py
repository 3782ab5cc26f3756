"""What a range has found, as it lies in S3 until all ranges are put together."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
from pydantic import TypeAdapter

from sightglass_worker.decode.range_results import LitSamples, PieceFound, RangeDone, TileFound
from sightglass_worker.decode.results import Thumbnail
from sightglass_worker.domain.merging.marks import Lit, Piece, RangeEnds
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.scenes.candidates import Candidate
from sightglass_worker.domain.scenes.signature import signatures
from sightglass_worker.domain.texts.folding import ReadLook
from sightglass_worker.ranges.sections import Packer, Section, sections

_T = TypeVar("_T")


class UnreadableError(ValueError):
    """What was stored of a range is not in this version's form: a worker of another version has put it there."""


_DONE: Final = TypeAdapter(RangeDone)
_PIECE: Final = TypeAdapter(PieceFound)
_TILE: Final = TypeAdapter(TileFound)
_MOTION: Final = TypeAdapter(list[MotionSample])
_LOOK: Final = TypeAdapter(ReadLook)
# Of what is stored. Another one is another version's.
_FORM: Final = b"2"
# Samples that are stored as one value: of ten seconds of film.
_SAMPLES_AT_ONCE: Final = 100


class FoundWriter:
    """Takes what a range finds, each kind in order of time, and holds it as it will be stored."""

    def __init__(self) -> None:
        self._pieces, self._tiles, self._motion, self._looks = Packer(), Packer(), Packer(), Packer()
        self._samples: list[MotionSample] = []

    def piece(self, piece: PieceFound) -> None:
        """Take the next piece."""
        picture = b"" if piece.thumbnail is None else piece.thumbnail.jpeg
        self._pieces.add(_PIECE.dump_json(_with_jpeg(piece, b"")), picture)

    def tile(self, tile: TileFound) -> None:
        """Take the next tile."""
        self._tiles.add(_TILE.dump_json(replace(tile, planes=b"")), tile.planes)

    def motion(self, sample: MotionSample) -> None:
        """Take the next sample of motion."""
        self._samples.append(sample)
        if len(self._samples) == _SAMPLES_AT_ONCE:
            self._pack_samples()

    def look(self, look: ReadLook) -> None:
        """Take the next look at the screen."""
        self._looks.add(_LOOK.dump_json(look))

    def finish(self, done: RangeDone, *, is_read: bool) -> bytes:
        """What is stored. is_read: whether text was to be read at all."""
        first = Packer()
        first.add(_DONE.dump_json(done), _FORM)
        self._pack_samples()
        packers = [first, self._pieces, self._tiles, self._motion, *([self._looks] if is_read else [])]
        return b"".join(packer.finish() for packer in packers)

    def _pack_samples(self) -> None:
        self._motion.add(_MOTION.dump_json(self._samples))
        self._samples = []


class RangeFound:
    """All that is known of a range. Held as it was stored; made anew, one at a time, of each kind that is asked for.

    data: of FoundWriter. Raises UnreadableError for any other; ValueError or zlib.error, when it is come to, for what
    is damaged within.
    """

    def __init__(self, data: bytes) -> None:
        try:
            first, self._pieces, self._tiles, self._motion, *looks = sections(data)
            ((text, form),) = first
            if form != _FORM:
                raise UnreadableError
            self.done = _DONE.validate_json(text)
        except (ValueError, zlib.error) as error:
            raise UnreadableError from error
        self._looks: Section | None = looks[0] if looks else None

    def pieces(self) -> Iterator[PieceFound]:
        """The pieces."""
        return (_with_jpeg(piece, jpeg) for piece, jpeg in _values(_PIECE, self._pieces))

    def tiles(self) -> Iterator[TileFound]:
        """What may be on the sprite sheet."""
        return (replace(tile, planes=planes) for tile, planes in _values(_TILE, self._tiles))

    def motion(self) -> Iterator[MotionSample]:
        """The samples of motion."""
        return (sample for samples, _ in _values(_MOTION, self._motion) for sample in samples)

    def looks(self) -> Iterator[ReadLook] | None:
        """The looks at the screen; None where no text was to be read."""
        return None if self._looks is None else (look for look, _ in _values(_LOOK, self._looks))


def pieces_of(found: RangeFound) -> list[Piece[Thumbnail]]:
    """The pieces as SceneJoiner takes them."""
    return [Piece(_candidate(piece), piece.end, piece.inherits) for piece in found.pieces()]


def ends_of(found: RangeFound) -> RangeEnds:
    """What the range's neighbours need to know, as SceneJoiner takes it."""
    done = found.done
    return RangeEnds(done.cadence, _lit(done.first_lit), _lit(done.last_lit), done.level)


def _values(kind: TypeAdapter[_T], section: Section) -> Iterator[tuple[_T, bytes]]:
    return ((kind.validate_json(text), picture) for text, picture in section)


def _with_jpeg(piece: PieceFound, jpeg: bytes) -> PieceFound:
    return piece if piece.thumbnail is None else replace(piece, thumbnail=replace(piece.thumbnail, jpeg=jpeg))


def _candidate(piece: PieceFound) -> Candidate[Thumbnail] | None:
    thumbnail = piece.thumbnail
    return None if thumbnail is None else Candidate(piece.frame, thumbnail.t_us, thumbnail.sharpness, thumbnail)


def _lit(lit: LitSamples | None) -> Lit | None:
    if lit is None:
        return None
    samples = np.frombuffer(lit.samples, np.uint8)[None]
    return Lit(lit.frame, signatures(samples, lit.luma_size, lit.columns)[0])
