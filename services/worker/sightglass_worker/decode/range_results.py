"""What a decoder tells of a film's ranges: where they begin, and what is in each. Plain values, as in results.py."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from sightglass_worker.decode.results import Thumbnail
from sightglass_worker.domain.merging.cadence import Cadence
from sightglass_worker.domain.merging.marks import Mark

# For whoever stores these as JSON with pydantic, which is not imported here: a decoder has no need of it.
_BASE64: Final = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """Where a film may be cut into ranges.

    first_pts: of the film's first frame, in ticks of the stream. key_pts: of the key frames at which a range may begin,
    ascending; without the film's first. key_us: the same in microseconds from the first frame.
    whole_because: why there are none: `length_unknown`, `no_timestamps`, `no_key_frames` or `scattered`; None if there
    are some.
    """

    first_pts: int
    key_pts: tuple[int, ...] = ()
    key_us: tuple[int, ...] = ()
    whole_because: str | None = None


@dataclass(frozen=True, slots=True)
class RangeSpan:
    """The part of a film from one key frame to the next; None is the film's own beginning or end.

    first_pts: of the film's first frame. restarts_us: where to look at the screen anew, as ranges do at their
    beginnings; for a run over the whole of a film that was planned in ranges.
    """

    first_pts: int
    start_pts: int | None = None
    end_pts: int | None = None
    restarts_us: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is all of the film."""
        return self.start_pts is None and self.end_pts is None


@dataclass(frozen=True, slots=True)
class PieceFound:
    """Frames up to a mark, with the picture that may stand for them; frames count from the range's first own one.

    inherits: as in Piece.
    """

    frame: int
    thumbnail: Thumbnail | None
    end: Mark | None
    inherits: bool


@dataclass(frozen=True, slots=True)
class TileFound:
    """A picture that may be on the sprite sheet: its planes Y, U and V, one after the other."""

    t_us: int
    width: int
    height: int
    planes: bytes


@dataclass(frozen=True, slots=True)
class LitSamples:
    """A lit frame's samples, for comparing it with one of another range."""

    __pydantic_config__: ClassVar[Any] = _BASE64

    frame: int
    luma_size: int
    columns: int
    samples: bytes


@dataclass(frozen=True, slots=True)
class RangeDone:
    """All of a range but its pieces and tiles.

    cadence: of its own frames. first_lit, last_lit, level: as in RangeEnds. head: checksum of its first frames as
    decoded from its key frame on; tail: of the next range's first frames, as decoded from this range's key frame on.
    end_us: the film's end, None unless this range came to it. expected_frames, expected_us: what the film's header
    claims. origin_us: as of Analysis. stored: width, height and format of its first frame. width, height: as shown.
    """

    cadence: Cadence
    first_lit: LitSamples | None
    last_lit: LitSamples | None
    level: int | None
    head: str
    tail: str
    bad_packets: int
    end_us: int | None
    expected_frames: int
    expected_us: int | None
    stored: tuple[int, int, str]
    width: int
    height: int
    rotation: int
    origin_us: int | None


@dataclass(frozen=True, slots=True)
class Unsound:
    """The film cannot be taken in ranges after all: `lost_key_frame`, `no_timestamps` or `times_jump`."""

    reason: str
