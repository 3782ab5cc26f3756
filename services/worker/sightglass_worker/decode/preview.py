"""A look at the key frames of a film: scenes with their pictures as they come, for a fraction of decoding's cost."""

import time
from collections.abc import Iterator
from typing import Final

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_common.video_errors import CorruptStream, MemoryLimit, VideoTooLong
from sightglass_worker.decode.analysis import THUMBNAIL_SIDE
from sightglass_worker.decode.container import header_duration_us, open_container, video_stream
from sightglass_worker.decode.key_frames import KeyFrameReader
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.picture import Picture, Shrinker, jpeg
from sightglass_worker.decode.planes import Sampler
from sightglass_worker.decode.probe import sample_aspect, shown_size, upright_by
from sightglass_worker.decode.results import Preview, PreviewScene, Progress, Thumbnail
from sightglass_worker.decode.source import DescriptorFile, RangedFile
from sightglass_worker.domain.scenes.candidates import Candidate, level
from sightglass_worker.domain.scenes.completeness import missing
from sightglass_worker.domain.scenes.keyframes import KeyScene, KeySceneFinder
from sightglass_worker.domain.scenes.signature import sharpness, signatures

PreviewResult = Progress | PreviewScene | Preview

_PROGRESS_S: Final = 0.25
# What lies within so many times the longest distance of key frames from the last may simply have none.
_REACH: Final = 2


def preview_film(source: RangedFile | DescriptorFile, limits: Limits) -> Iterator[PreviewResult]:
    """Look at a film's key frames once; yield what is found, the Preview last.

    Raises what open_container and video_stream raise, CorruptStream when no key frame can be decoded, VideoTooLong when
    the film is found to be longer than its header said.
    """
    with open_container(source, limits) as container:
        yield from _Pass(container, video_stream(container, limits), limits).run()


class _Pass:
    """The state of one pass, none of which grows with the film."""

    def __init__(self, container: InputContainer, stream: VideoStream, limits: Limits) -> None:
        self._limits = limits
        self._stream = stream
        self._expected_us = header_duration_us(container, stream)
        self._reader = KeyFrameReader(container, stream)
        self._sampler = Sampler()
        self._finder = KeySceneFinder()
        self._best: Candidate[Picture] | None = None  # of the open scene
        self._key_frames = 0
        self._scenes = 0
        self._rotation = 0
        self._shown = (0, 0)
        self._thumbnails = Shrinker((2, 2), 0, 2)

    def run(self) -> Iterator[PreviewResult]:
        reported = time.monotonic()
        for frame in self._reader:
            if self._key_frames == 0:
                self._settle(frame)
            yield from self._take(frame, self._reader.t_us)
            if time.monotonic() - reported >= _PROGRESS_S:
                yield Progress(self._key_frames, self._reader.t_us)
                reported = time.monotonic()
        if self._key_frames == 0:
            raise MemoryLimit if self._reader.starved else CorruptStream(bad_packets=self._reader.bad_packets)
        yield from self._finish(max(self._expected_us or 0, self._reader.end_us))

    def _settle(self, frame: VideoFrame) -> None:
        """Take from the first frame what only a frame tells: how it is shown."""
        self._rotation = upright_by(frame)
        self._shown = shown_size(frame.width, frame.height, sample_aspect(self._stream), self._rotation)
        self._thumbnails = Shrinker(self._shown, self._rotation, THUMBNAIL_SIDE)

    def _take(self, frame: VideoFrame, t_us: int) -> Iterator[PreviewScene]:
        if t_us > self._limits.max_duration_us or self._key_frames >= self._limits.max_frames:
            raise VideoTooLong(duration_us=t_us, frames=self._key_frames)
        (signature,) = signatures(self._sampler.samples([frame]), self._sampler.luma_size, self._sampler.columns)
        ended = self._finder.push(signature, t_us)
        if ended is not None:
            yield self._found(ended)
        sharp = sharpness(self._sampler.luma(signature.samples))
        if self._best is None or level(sharp) > self._best.level:
            self._best = Candidate(self._key_frames, t_us, sharp, self._thumbnails.picture(frame))
        self._key_frames += 1

    def _found(self, scene: KeyScene) -> PreviewScene:
        chosen, self._best = self._best, None
        if chosen is None:
            msg = f"the scene at {scene.start_us} us has no key frame"
            raise ValueError(msg)
        picture = chosen.picture
        index, self._scenes = self._scenes, self._scenes + 1
        thumbnail = Thumbnail(chosen.t_us, picture.width, picture.height, round(chosen.sharpness, 3), jpeg(picture))
        return PreviewScene(index, scene, thumbnail)

    def _finish(self, duration_us: int) -> Iterator[PreviewResult]:
        gap_us = self._finder.longest_gap_us
        yield self._found(self._finder.finish(duration_us))
        reach_us = self._reader.end_us + _REACH * gap_us if gap_us else duration_us
        reason = missing(
            bad_packets=self._reader.bad_packets,
            frames=self._key_frames,
            expected_frames=0,
            duration_us=reach_us,
            expected_us=self._expected_us,
        )
        width, height = self._shown
        yield Preview(
            key_frames=self._key_frames,
            longest_gap_us=self._finder.longest_gap_us,
            duration_us=duration_us,
            scenes=self._scenes,
            bad_packets=self._reader.bad_packets,
            partial=reason is not None,
            partial_reason=reason,
            width=width,
            height=height,
            rotation=self._rotation,
        )
