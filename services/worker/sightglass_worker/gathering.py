"""What one attempt finds in a film, as it comes from the decoder, and what all of it comes to in the end."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Final

from sightglass_worker.artifacts import Uploads
from sightglass_worker.decode.results import SceneFound, SpriteSheet
from sightglass_worker.domain.motion.film import FilmMotion, MotionFold
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.overlay.files import CHUNK_US, chunks, packed, webvtt
from sightglass_worker.domain.overlay.spans import Frame, Span, frames
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.domain.score.runs import POSE_GAP_US
from sightglass_worker.domain.score.score import Score, performance_score
from sightglass_worker.domain.texts.folding import ScreenTexts
from sightglass_worker.domain.texts.masking import masked
from sightglass_worker.domain.texts.tracker import Text
from sightglass_worker.pose.film import FilmPeople, FilmPoses
from sightglass_worker.queries import ArtifactRow, SceneRow, TextRow, TrackRow
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


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an attempt has found, as it is stored; and for what follows: what the screens showed (None where no text
    was looked for), and times at which there is a frame.
    """

    scenes: list[SceneRow]
    texts: list[TextRow]
    tracks: list[TrackRow]
    artifacts: list[ArtifactRow]
    text_coverage: dict[str, Any] | None
    pose_coverage: dict[str, Any] | None
    score: dict[str, Any]
    sprite_key: str | None
    storyboard_key: str | None
    screen: ScreenTexts | None
    moments_us: list[int]


class Gathering:
    """Takes what the decoder tells. Pictures go to S3 at once; a thousand scenes' rows are half a megabyte.

    poses: None where none are to be found.
    """

    def __init__(self, uploads: Uploads, poses: FilmPoses | None = None) -> None:
        self._uploads = uploads
        self._poses = poses
        self._motion = MotionFold()
        self._scenes: list[SceneRow] = []
        self._sprite_key: str | None = None
        self._storyboard_key: str | None = None

    async def scene(self, found: SceneFound) -> None:
        """Take the next scene."""
        key = await self._uploads.put(f"scene-{found.index:05}.jpg", found.thumbnail.jpeg, "image/jpeg")
        self._scenes.append(scene_row(found, key))
        self._motion.scene(found.scene.start_us, found.scene.end_us)

    async def sprite(self, sheet: SpriteSheet) -> None:
        """Take the sprite sheet."""
        self._sprite_key = await self._uploads.put(SPRITE, sheet.jpeg, "image/jpeg")
        self._storyboard_key = await self._uploads.put(STORYBOARD, sheet.webvtt.encode(), "text/vtt")

    async def motion(self, sample: MotionSample) -> None:
        """Take the next sample of motion."""
        self._motion.sample(sample)

    async def pose(self, look: PoseLook) -> None:
        """Take the next picture that persons are to be found in, and have it looked at."""
        if self._poses is not None:
            await self._poses.take(look)

    async def finish(self, duration_us: int, read: ScreenTexts | None) -> Findings:
        """What a film that lasts so long comes to; its overlay is on its way to S3. read: None where nobody read."""
        texts = read.texts if read else []
        motion = self._motion.finish()
        people = self._poses and self._poses.finish(motion.boundaries_us, len(motion.tracks))
        tracks = [*motion.tracks, *people.tracks] if people else motion.tracks
        return Findings(
            scenes=[with_motion(row, found) for row, found in zip(self._scenes, motion.scenes, strict=True)],
            texts=[text_row(text) for text in texts],
            tracks=await asyncio.to_thread(lambda: [track_row(track) for track in tracks]),
            artifacts=await self._overlay(tracks, motion.boundaries_us, texts, duration_us),
            text_coverage=None if read is None else coverage_json(read.coverage),
            pose_coverage=pose_coverage_json(people.coverage) if people else None,
            # Seconds for a film of hours, in which leases must be kept: so in threads, as the cues are.
            score=score_json(await asyncio.to_thread(_score, motion, people)),
            sprite_key=self._sprite_key,
            storyboard_key=self._storyboard_key,
            screen=read,
            moments_us=motion.samples_us,
        )

    async def _overlay(
        self, tracks: list[Track], boundaries_us: list[int], texts: list[Text], duration_us: int
    ) -> list[ArtifactRow]:
        spans = [Span(span.start_us, span.end_us, masked(text.text), span.box) for text in texts for span in text.spans]

        def shown() -> Iterator[Frame]:
            # Made twice, as all of a long film's frames at once would take tens of megabytes.
            return frames(tracks, duration_us, spans=spans, boundaries_us=boundaries_us)

        rows: list[ArtifactRow] = []
        for number, chunk in chunks(shown()):
            row = await self._file(f"overlay-{number:05}.json", "overlay", "application/json", packed(chunk))
            rows.append(replace(row, start_us=number * CHUNK_US, end_us=int(chunk["end_us"])))
        cues = await asyncio.to_thread(_encoded, webvtt(shown()))
        return [*rows, await self._file("overlay.vtt", "overlay_vtt", "text/vtt", cues)]

    async def _file(self, name: str, kind: str, content_type: str, body: bytes) -> ArtifactRow:
        key = await self._uploads.put(name, body, content_type)
        return ArtifactRow(name, kind, key, content_type, len(body))


def _encoded(cues: Iterable[str]) -> bytes:
    """All of them, encoded as they come: together they would be held three times over."""
    encoded = BytesIO()
    for cue in cues:
        encoded.write(cue.encode())
    return encoded.getvalue()


def _score(motion: FilmMotion, people: FilmPeople | None) -> Score:
    """Of the person where there is one, or else of what moves."""
    if people is None or not people.tracks:
        return performance_score(motion.tracks, motion.samples_us, motion.boundaries_us)
    return performance_score(
        people.tracks, people.looks_us, motion.boundaries_us, gap_us=POSE_GAP_US, aspect=people.aspect
    )
