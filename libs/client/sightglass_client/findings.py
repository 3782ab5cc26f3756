"""What is found of a video, as the API answers it: from its header to its scenes, texts, tracks and score.

Names and units are those of the API: `_us` is media time in microseconds.
"""

from sightglass_client.answer import Answer, Link


class Probe(Answer):
    """What the header of a video says. Width and height are in display orientation."""

    container: str | None = None
    codec: str | None = None
    profile: str | None = None
    pix_fmt: str | None = None
    bit_depth: int | None = None
    width: int | None = None
    height: int | None = None
    coded_width: int | None = None
    coded_height: int | None = None
    rotation: int | None = None
    sar: str | float | None = None
    frame_rate: float | None = None
    vfr: bool | None = None
    duration_us: int | None = None
    frames: int | None = None
    start_offset_us: int | None = None
    audio_streams: int | None = None
    size_bytes: int | None = None


class TextCoverage(Answer):
    """How much of what the screens showed was read: looks in all, and what became of them."""

    looks: int = 0
    read: int = 0
    capped: int = 0
    failed: int = 0
    unread_us: int = 0


class Preview(Answer):
    """How closely a preview looked: a scene begins at most `longest_gap_us` before its `start_us`."""

    key_frames: int = 0
    longest_gap_us: int = 0


class PoseCoverage(Answer):
    """In how many pictures persons were looked for, and what became of them."""

    looks: int = 0
    found: int = 0
    failed: int = 0
    reason: str | None = None


class ScorePart(Answer):
    """One measure of the score; null what could not be measured."""

    name: str
    raw: float | None = None
    reference: tuple[float, float] | None = None
    weight: float | None = None
    score: float | None = None
    from_us: int | None = None
    to_us: int | None = None
    samples: int | None = None


class Score(Answer):
    """How the main subject moves, 0..100, or why there is no such number."""

    analysis_id: str | None = None
    version: int | None = None
    total: float | None = None
    reason: str | None = None
    parts: tuple[ScorePart, ...] = ()


class LabelSummary(Answer):
    """What became of labelling the scenes, frame by frame; the counts that are no `labelled` are of frames without."""

    status: str
    reason: str | None = None
    labelled: int = 0
    cached: int = 0
    sent: int = 0
    calls: int = 0
    provider_refused: int = 0
    provider_unavailable: int = 0
    answer_unusable: int = 0
    picture_unreadable: int = 0
    text_not_looked_for: int = 0
    text_capped: int = 0
    text_failed: int = 0
    budget: int = 0

    @property
    def withheld(self) -> int:
        """Frames that were shown to nobody, as it is not known what text is on them."""
        return self.text_not_looked_for + self.text_capped + self.text_failed


class Boundary(Answer):
    """Why a scene begins where it does."""

    kind: str
    score: float | None = None


class Motion(Answer):
    """What moves in a scene: `still`, `camera`, `object` or `both`; and how fast, in shares of the frame a second."""

    kind: str
    mean: float | None = None
    p95: float | None = None


class Label(Answer):
    """A thing that a frame of a scene shows, as a provider says; `box`: where, if it says so."""

    name: str
    confidence: float | None = None
    box: tuple[float, float, float, float] | None = None
    t_us: int


class Scene(Answer):
    """A scene: from its first frame up to, and without, `end_us`."""

    number: int
    start_us: int
    end_us: int
    first_frame: int | None = None
    last_frame: int | None = None
    boundary: Boundary | None = None
    keyframe_us: int | None = None
    thumbnail: Link | None = None
    motion: Motion | None = None
    labels: tuple[Label, ...] = ()


class Scenes(Answer):
    """The scenes of one analysis, and how and how far that is made; all None without any."""

    analysis_id: str | None = None
    tier: str | None = None
    status: str | None = None
    items: tuple[Scene, ...] = ()


class Span(Answer):
    """Where a text stands for a while: x, y, width, height as shares of the picture as shown."""

    start_us: int
    end_us: int
    box: tuple[float, float, float, float]


class Text(Answer):
    """A line of text that a video shows. `masked`: letters and digits are hidden."""

    number: int
    start_us: int
    end_us: int
    text: str
    masked: bool = False
    confidence: float | None = None
    spans: tuple[Span, ...] = ()


class ScreenFinding(Answer):
    """Something sensitive that a video shows. `spans`: each time that it is seen, and where."""

    finding_id: str
    detector: str
    severity: str
    confidence: float
    masked: str = ""
    value_hash: str = ""
    detail: str = ""
    state: str = "new"
    note: str = ""
    start_us: int
    end_us: int
    spans: tuple[Span, ...] = ()


class Track(Answer):
    """Something that moves. `bounds`: the box around all of its boxes; `samples`: how many there are."""

    number: int
    method: str
    label: str
    start_us: int
    end_us: int
    samples: int | None = None
    bounds: tuple[float, float, float, float] | None = None


class Chunk(Link):
    """What to draw over a video between two moments: JSON behind a link."""

    start_us: int
    end_us: int


class Overlay(Answer):
    """What to draw over a video. `next_us`: from where to ask for the chunks that follow."""

    analysis_id: str | None = None
    chunk_us: int | None = None
    chunks: tuple[Chunk, ...] = ()
    next_us: int | None = None
    webvtt: Link | None = None
