"""What one attempt finds in a film, as it comes from the decoder, and what all of it comes to in the end."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import starmap
from typing import Any, Final

from pydantic import TypeAdapter

from sightglass_worker.artifacts import Uploads
from sightglass_worker.decode.results import SceneFound, SpriteSheet
from sightglass_worker.domain.motion.film import FilmMotion, MotionFold
from sightglass_worker.domain.motion.samples import MotionSample, SceneMotion
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.overlay.files import CHUNK_US, chunks, packed, webvtt
from sightglass_worker.domain.overlay.spans import Span, frames
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.domain.score.runs import POSE_GAP_US
from sightglass_worker.domain.score.score import Score, performance_score
from sightglass_worker.domain.texts.folding import ScreenTexts
from sightglass_worker.domain.texts.masking import masked
from sightglass_worker.domain.texts.tracker import Text
from sightglass_worker.pose.film import FilmPeople, FilmPoses
from sightglass_worker.queries import ArtifactRow, SceneRow, TextRow, TrackRow
from sightglass_worker.spill.file import Spill, Spills
from sightglass_worker.spill.tracks import SpilledTracks
from sightglass_worker.spill.values import SpilledList, SpillingQueue
from sightglass_worker.storing import (
    coverage_json,
    pose_coverage_json,
    scene_row,
    score_json,
    text_row,
    track_row,
    with_motion,
)

SPRITE: Final = "sprite.jpg"
STORYBOARD: Final = "storyboard.vtt"
_SAMPLES: Final = TypeAdapter(list[MotionSample])
_SCENES: Final = TypeAdapter(list[SceneRow])


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an attempt has found, as it is stored; and for what follows: what the screens showed (None where no text
    was looked for), and times at which there is a frame.
    """

    scenes: Iterable[SceneRow]
    texts: list[TextRow]
    tracks: Iterable[TrackRow]
    artifacts: list[ArtifactRow]
    text_coverage: dict[str, Any] | None
    pose_coverage: dict[str, Any] | None
    score: dict[str, Any]
    sprite_key: str | None
    storyboard_key: str | None
    screen: ScreenTexts | None
    moments_us: Sequence[int]


class Gathering:
    """Takes what the decoder tells. Pictures go to S3 at once, scenes and motion of a long film to the disk.

    spills: for what it finds, to be there for as long as that is of use. poses: None where none are to be found.
    """

    def __init__(self, uploads: Uploads, spills: Spills, poses: FilmPoses | None = None) -> None:
        self._uploads = uploads
        self._spills = spills
        self._poses = poses
        self._motion = MotionFold(SpillingQueue(_SAMPLES, spills.new()), SpilledTracks(spills.new()))
        self._scenes = SpilledList(_SCENES, spills.new())
        self._sprite_key: str | None = None
        self._storyboard_key: str | None = None

    async def scene(self, found: SceneFound) -> None:
        """Take the next scene."""
        key = await self._uploads.put(f"scene-{found.index:05}.jpg", found.thumbnail.jpeg, "image/jpeg")
        self._scenes.append(scene_row(found, key))
        self._motion.scene(found.scene.start_us, found.scene.end_us)
        await self._follow()

    async def sprite(self, sheet: SpriteSheet) -> None:
        """Take the sprite sheet."""
        self._sprite_key = await self._uploads.put(SPRITE, sheet.jpeg, "image/jpeg")
        self._storyboard_key = await self._uploads.put(STORYBOARD, sheet.webvtt.encode(), "text/vtt")

    async def motion(self, sample: MotionSample) -> None:
        """Take the next sample of motion."""
        self._motion.sample(sample)
        await self._follow()

    async def pose(self, look: PoseLook) -> None:
        """Take the next picture that persons are to be found in, and have it looked at."""
        if self._poses is not None:
            await self._poses.take(look)

    async def finish(self, duration_us: int, read: ScreenTexts | None) -> Findings:
        """What a film that lasts so long comes to; its overlay is on its way to S3. read: None where nobody read."""
        texts = read.texts if read else []
        # Seconds for a film of hours, in which leases must be kept: so in threads.
        motion = await asyncio.to_thread(self._motion.finish)
        people = self._poses and self._poses.finish(motion.boundaries_us, len(motion.tracks))
        tracks = _Together(motion.tracks, people.tracks) if people else motion.tracks
        return Findings(
            scenes=_SceneRows(self._scenes, motion.scenes),
            texts=[text_row(text) for text in texts],
            tracks=_TrackRows(tracks),
            artifacts=await self._overlay(tracks, motion.boundaries_us, texts, duration_us),
            text_coverage=None if read is None else coverage_json(read.coverage),
            pose_coverage=pose_coverage_json(people.coverage) if people else None,
            score=score_json(await asyncio.to_thread(_score, motion, people)),
            sprite_key=self._sprite_key,
            storyboard_key=self._storyboard_key,
            screen=read,
            moments_us=motion.samples_us,
        )

    async def _follow(self) -> None:
        if self._motion.is_due:
            await asyncio.to_thread(self._motion.follow)

    async def _overlay(
        self, tracks: Iterable[Track], boundaries_us: Sequence[int], texts: list[Text], duration_us: int
    ) -> list[ArtifactRow]:
        spans = [Span(span.start_us, span.end_us, masked(text.text), span.box) for text in texts for span in text.spans]
        cues = self._spills.new()
        shown = webvtt(frames(tracks, duration_us, spans=spans, boundaries_us=boundaries_us), cues.append)
        rows: list[ArtifactRow] = []
        for number, chunk in chunks(shown):
            row = await self._file(f"overlay-{number:05}.json", "overlay", "application/json", packed(chunk))
            rows.append(replace(row, start_us=number * CHUNK_US, end_us=int(chunk["end_us"])))
        return [*rows, await self._file("overlay.vtt", "overlay_vtt", "text/vtt", cues)]

    async def _file(self, name: str, kind: str, content_type: str, body: bytes | Spill) -> ArtifactRow:
        key = await self._uploads.put(name, body, content_type)
        size_bytes = body.size_bytes if isinstance(body, Spill) else len(body)
        return ArtifactRow(name, kind, key, content_type, size_bytes)


@dataclass(frozen=True, slots=True)
class _SceneRows:
    """The rows of scenes, each with what moves in it."""

    scenes: Iterable[SceneRow]
    motions: Sequence[SceneMotion | None]

    def __iter__(self) -> Iterator[SceneRow]:
        return starmap(with_motion, zip(self.scenes, self.motions, strict=True))


@dataclass(frozen=True, slots=True)
class _TrackRows:
    """The rows of tracks, each made when it is stored."""

    tracks: Iterable[Track]

    def __iter__(self) -> Iterator[TrackRow]:
        return map(track_row, self.tracks)


@dataclass(frozen=True, slots=True)
class _Together:
    """What moves and who moves, in order of start."""

    motion: Iterable[Track]
    people: Iterable[Track]

    def __iter__(self) -> Iterator[Track]:
        return merge(self.motion, self.people, key=lambda track: track.start_us)


def _score(motion: FilmMotion, people: FilmPeople | None) -> Score:
    """Of the person where there is one, or else of what moves."""
    if people is None or not people.tracks:
        return performance_score(motion.tracks, motion.samples_us, motion.boundaries_us)
    return performance_score(
        people.tracks, people.looks_us, motion.boundaries_us, gap_us=POSE_GAP_US, aspect=people.aspect
    )
