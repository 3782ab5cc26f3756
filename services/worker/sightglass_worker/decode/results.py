"""What the decoder tells about a film. Plain values, so that they cross a process border as JSON."""

from dataclasses import dataclass

from sightglass_worker.domain.scenes.finder import Scene
from sightglass_worker.domain.scenes.keyframes import KeyScene


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One audio stream, as the header names it: `unknown`, of 0 channels and 0 Hz, where there is no decoder for it."""

    codec: str
    channels: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What the header says, before anything is downloaded.

    container: mp4, mov, 3gp, webm, matroska, avi, mpegts ...: decode.container.container_name.
    width, height: as shown: rotation and sample aspect applied. coded_*: as stored.
    rotation: degrees counter-clockwise by which the stored frame is turned to be shown: 0, 90, 180, 270.
    average_rate: frames a second, None if unknown. variable_rate: a hint; only decoding tells.
    duration_us, frames: None where the header has none. start_offset_us: first PTS of the video.
    """

    container: str
    codec: str
    profile: str | None
    pix_fmt: str
    bit_depth: int
    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation: int
    sample_aspect: tuple[int, int]
    average_rate: float | None
    variable_rate: bool
    duration_us: int | None
    frames: int | None
    start_offset_us: int
    audio: tuple[AudioStream, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Glance:
    """What little reading tells of a film that it does not refuse.

    length_us: how long it is as far as was read: as its header, the time stamps at its end or those parts say that were
        seen; None where nothing does. probe: None where not all was read that it tells of.
    """

    length_us: int | None
    probe: Probe | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far decoding has come. t_us: time of the newest frame."""

    frames: int
    t_us: int


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A JPEG of a scene's key frame, upright. sharpness: mean step between neighbouring samples of luma."""

    t_us: int
    width: int
    height: int
    sharpness: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class SceneFound:
    """A complete scene with its thumbnail. index: from 0, ascending without gaps."""

    index: int
    scene: Scene
    thumbnail: Thumbnail


@dataclass(frozen=True, slots=True)
class SpriteSheet:
    """Small pictures of the whole film in one JPEG, and the WebVTT that says which is where.

    webvtt names the picture `sprite.jpg`, relative to itself.
    """

    tiles: int
    tile_width: int
    tile_height: int
    jpeg: bytes
    webvtt: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What decoding the whole film has shown.

    duration_us: measured, from the first frame to the end of the last.
    partial: something is missing; `partial_reason` says why: `bad_packets`, or `ends_early` when
        clearly fewer frames came than the header announces.
    origin_us: how much later each frame's PTS is than its time, so that it can be found again; None where PTS are
        missing, or jump.
    """

    frames: int
    duration_us: int
    scenes: int
    bad_packets: int
    partial: bool
    partial_reason: str | None
    variable_rate: bool
    width: int
    height: int
    rotation: int
    origin_us: int | None


@dataclass(frozen=True, slots=True)
class PreviewScene:
    """A complete scene of a preview with its thumbnail. index: from 0, ascending without gaps."""

    index: int
    scene: KeyScene
    thumbnail: Thumbnail


@dataclass(frozen=True, slots=True)
class Preview:
    """What the key frames of a film have shown.

    key_frames: how many were looked at. longest_gap_us: the longest time in which none was: what happened there was
        not seen, and a scene begins at most so long before it is said to.
    duration_us: as the header says; where it does not, to the last packet.
    partial, partial_reason: as of an Analysis. Whether a film ends early is told only where key frames come often.
    """

    key_frames: int
    longest_gap_us: int
    duration_us: int
    scenes: int
    bad_packets: int
    partial: bool
    partial_reason: str | None
    width: int
    height: int
    rotation: int
