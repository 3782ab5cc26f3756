"""One pass over a film: scenes with their pictures, progress and the sprite sheet, as they come."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_common.video_errors import CorruptStream, MemoryLimit, VideoTooLong
from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.container import header_duration_us, open_container, video_stream
from sightglass_worker.decode.frames import FrameReader, in_bursts
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.picture import Picture, Shrinker, jpeg
from sightglass_worker.decode.planes import Sampler
from sightglass_worker.decode.probe import sample_aspect, shown_size, upright_by
from sightglass_worker.decode.results import Analysis, Progress, SceneFound, SpriteSheet, Thumbnail
from sightglass_worker.decode.source import DescriptorFile
from sightglass_worker.decode.sprite import TILE_SIDE, SpriteMaker
from sightglass_worker.decode.watching import Seen, Watcher
from sightglass_worker.domain.scenes.candidates import Candidate, CandidateRule, Held, Role
from sightglass_worker.domain.scenes.completeness import missing
from sightglass_worker.domain.scenes.finder import Scene, SceneFinder
from sightglass_worker.domain.scenes.signature import Signature, sharpness, signatures
from sightglass_worker.domain.screen.scrolling import left_by_scroll

Result = Progress | SceneFound | SpriteSheet | Analysis | Seen

_MICROSECOND: Final = Fraction(1, 1_000_000)
THUMBNAIL_SIDE: Final = 320
_PROGRESS_S: Final = 0.25


def analyze_film(source: DescriptorFile, limits: Limits, watchers: Sequence[Watcher] = ()) -> Iterator[Result]:
    """Decode a film once; yield what is found, the Analysis last.

    watchers: shown the frames that they want; what each sees comes in order of time.
    Raises what open_container and video_stream raise, CorruptStream when no frame can be decoded,
    VideoTooLong when it is found to be longer than its header said.
    """
    with open_container(source, limits) as container:
        yield from _Pass(container, video_stream(container, limits), limits, watchers).run()


def left_by_scroll_of(sampler: Sampler, before: VideoFrame | None, after: VideoFrame) -> float:
    """What CutFinder asks of two frames in a row: see `left_by_scroll`; 1 for those that cannot be compared."""
    if before is None or (before.width, before.height) != (after.width, after.height):
        return 1.0
    return left_by_scroll(sampler.rows(before), sampler.rows(after))


class _Pass:
    """The state of one pass, none of which grows with the film."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, limits: Limits, watchers: Sequence[Watcher]
    ) -> None:
        self._limits = limits
        self._watchers = watchers
        self._stream = stream
        self._expected_us = header_duration_us(container, stream)
        self._reader = FrameReader(container, stream)
        self._clock = FrameClock(stream.time_base or _MICROSECOND, stream.average_rate)
        self._sampler = Sampler()
        self._finder = SceneFinder()
        self._rule = CandidateRule()
        self._held: Held[Picture] = Held()
        self._sprite = SpriteMaker(self._expected_us)
        self._frames = 0
        self._scenes = 0
        self._rotation = 0
        self._shown = (0, 0)
        self._thumbnails = self._tiles = Shrinker((2, 2), 0, 2)
        self._latest: VideoFrame | None = None

    def run(self) -> Iterator[Result]:
        duration: int | None = None
        t_us, reported = 0, time.monotonic()
        for burst in in_bursts(self._reader):
            times_us = [self._clock.time_us(frame.pts) for frame in burst]
            t_us, duration = times_us[-1], burst[-1].duration
            yield from self._take(burst, times_us)
            if time.monotonic() - reported >= _PROGRESS_S:
                yield Progress(self._frames, t_us)
                reported = time.monotonic()
        if self._frames == 0:
            raise MemoryLimit if self._reader.starved else CorruptStream(bad_packets=self._reader.bad_packets)
        yield Progress(self._frames, t_us)
        yield from self._finish(self._clock.end_us(duration))

    def _take(self, burst: deque[VideoFrame], times_us: list[int]) -> Iterator[SceneFound | Seen]:
        if self._frames == 0:
            self._settle(burst[0])
        samples = self._sampler.samples(burst)
        seen = signatures(samples, self._sampler.luma_size, self._sampler.columns)
        for t_us, signature in zip(times_us, seen, strict=True):
            self._check_length(t_us)
            number, self._frames = self._frames, self._frames + 1
            before, self._latest = self._latest, burst.popleft()
            frame = self._latest
            done = self._finder.push(signature, t_us, partial(left_by_scroll_of, self._sampler, before, frame))
            self._offer(frame, signature, number, t_us)
            for watcher in self._watchers:
                if watcher.wants(t_us):
                    yield from watcher.look(frame, t_us)
            for scene in done:
                yield self._found(scene)
        if self._held.several:  # not after each frame: it costs more than what is held meanwhile
            self._held.thin(self._finder.certain)

    def _settle(self, frame: VideoFrame) -> None:
        """Take from the first frame what only a frame tells: how it is shown."""
        self._rotation = upright_by(frame)
        self._shown = shown_size(frame.width, frame.height, sample_aspect(self._stream), self._rotation)
        self._thumbnails = Shrinker(self._shown, self._rotation, THUMBNAIL_SIDE)
        self._tiles = Shrinker(self._shown, self._rotation, TILE_SIDE)

    def _check_length(self, t_us: int) -> None:
        if t_us > self._limits.max_duration_us or self._frames >= self._limits.max_frames:
            raise VideoTooLong(duration_us=t_us, frames=self._frames)

    def _offer(self, frame: VideoFrame, signature: Signature, number: int, t_us: int) -> None:
        role = self._rule.role(signature, t_us, may_be_cut=self._finder.latest_may_start_scene)
        if role is not Role.NONE:
            sharp = sharpness(self._sampler.luma(signature.samples))
            if self._held.wants(role, sharp):
                self._held.add(Candidate(number, t_us, sharp, self._thumbnails.picture(frame)))
        if self._sprite.wants(t_us):
            self._sprite.add(t_us, self._tiles.picture(frame))

    def _found(self, scene: Scene) -> SceneFound:
        chosen = self._held.take(scene.last_frame + 1)
        if chosen is None:
            msg = f"the scene at {scene.start_us} us has no candidate"
            raise ValueError(msg)
        picture = chosen.picture
        index, self._scenes = self._scenes, self._scenes + 1
        thumbnail = Thumbnail(chosen.t_us, picture.width, picture.height, round(chosen.sharpness, 3), jpeg(picture))
        return SceneFound(index, scene, thumbnail)

    def _finish(self, duration_us: int) -> Iterator[Result]:
        for watcher in self._watchers:
            yield from watcher.finish()
        for scene in self._finder.finish(duration_us):
            yield self._found(scene)
        yield self._sprite.sheet(duration_us)
        reason = missing(
            bad_packets=self._reader.bad_packets,
            frames=self._frames,
            expected_frames=self._stream.frames,
            duration_us=duration_us,
            expected_us=self._expected_us,
        )
        width, height = self._shown
        yield Analysis(
            frames=self._frames,
            duration_us=duration_us,
            scenes=self._scenes,
            bad_packets=self._reader.bad_packets,
            partial=reason is not None,
            partial_reason=reason,
            variable_rate=self._clock.variable,
            width=width,
            height=height,
            rotation=self._rotation,
            origin_us=self._clock.origin_us,
        )
