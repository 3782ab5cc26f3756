"""`Sightglass`: everything that the HTTP API does, typed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from sightglass_client import download as downloads
from sightglass_client.answer import Link
from sightglass_client.answers import read
from sightglass_client.bots import Bots
from sightglass_client.corpus import Corpus
from sightglass_client.errors import ClientError
from sightglass_client.findings import Overlay, Scene, Scenes, Score, ScreenFinding, Text, Track
from sightglass_client.history import History
from sightglass_client.models import (
    Analysis,
    Artifact,
    Bucket,
    Health,
    Identity,
    Job,
    Queue,
    QueuedMessage,
    Redriven,
    Submitted,
    Video,
)
from sightglass_client.providers import Providers
from sightglass_client.scans import Detector, Finding, Scan, ScanObject, Schedule, Scores, StartedScan
from sightglass_client.session import items, segment
from sightglass_client.upload import Progress, Uploader, videos
from sightglass_client.watch import Watch

M = TypeVar("M", bound=BaseModel)


class Sightglass(Corpus, Bots, Providers, History):
    """A connection to Sightglass.

    url, api_key: else `SIGHTGLASS_URL` and `SIGHTGLASS_API_KEY` of the environment, else of the nearest
    `.sightglass/env`. tries: how often a call that may be repeated is made. transport: other than the network.

    Raises NotConfigured here; any call raises ApiError for an error that the API answers and Unreachable when no
    answer comes. May be shared between threads.
    """

    # --- putting in

    def upload(
        self, source: str | os.PathLike[str], on_progress: Progress | None = None, *, tier: str | None = None
    ) -> Submitted:
        """Upload a file, or name an object as `s3://BUCKET/KEY`, and start its analysis.

        on_progress: told (bytes sent, bytes in all). tier: `exact`, the default, or `preview`.
        A cut upload of a file goes on at the next call.
        Raises SourceUnreadable, SourceChanged and TransferFailed besides.
        """
        if isinstance(source, str) and source.startswith("s3://"):
            return self.analyse(*parse_s3(source), tier=tier)
        return Uploader(self._session, Path(source), videos(tier), states=self._states, on_progress=on_progress).run()

    def analyse(self, bucket: str, key: str, *, version_id: str | None = None, tier: str | None = None) -> Submitted:
        """Start the analysis of an object in a bucket that is linked to the tenant."""
        options = {"version_id": version_id, "tier": tier}
        body = {"bucket": bucket, "key": key, **{name: value for name, value in options.items() if value}}
        return read(Submitted, self._session.post("/v1/analyses", body))

    def rerun(self, video_id: str, *, tier: str | None = None) -> Submitted:
        """Analyse a known video once more; while that is under way in this tier, tell what was started."""
        path = f"/v1/videos/{segment(video_id)}/analyses"
        # A repetition finds what the first call has started.
        return read(Submitted, self._session.post(path, {"tier": tier} if tier else {}, repeatable=True))

    # --- scans

    def start_scan(
        self,
        bucket: str,
        prefix: str = "",
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        detectors: Sequence[str] | None = None,
        min_confidence: float | None = None,
        max_object_bytes: int | None = None,
        incremental: bool = False,
        sample: float | None = None,
        seed: int = 0,
        normalise: bool = False,
        ocr: bool = False,
        media: bool = True,
        source: str = "list",
        inventory: str | None = None,
    ) -> StartedScan:
        """Begin to look through a bucket that is linked to the tenant. include, exclude: shell patterns of keys.

        incremental: read no object that is as an earlier scan has seen it. sample: a share of the objects (a float), or
        so many (an int); the same ones for the same seed. normalise: find what is hidden or encoded as well. ocr: texts
        were read by a machine. media: whether videos and images are read for the text that they show. source: "list",
        or "inventory" to take the objects from an S3 inventory of the bucket; inventory: its manifest, as
        s3://bucket/key; None: the newest.
        """
        body = _scan(bucket, prefix, include=include, exclude=exclude, detectors=detectors)
        body |= {} if min_confidence is None else {"min_confidence": min_confidence}
        body |= {} if max_object_bytes is None else {"max_object_bytes": max_object_bytes}
        body |= {"incremental": True} if incremental else {}
        part = "objects" if isinstance(sample, int) else "share"
        body |= {} if sample is None else {"sample": {part: sample, "seed": seed}}
        body |= {"normalise": True} if normalise else {}
        body |= {"ocr": True} if ocr else {}
        body |= {} if media else {"media": False}
        body |= {} if source == "list" else {"source": source}
        body |= {"inventory": inventory} if inventory else {}
        return read(StartedScan, self._session.post("/v1/scans", body))

    def scan(self, scan_id: str) -> Scan:
        """One scan as it is now."""
        return self._session.get_as(Scan, f"/v1/scans/{segment(scan_id)}")

    def scans(self, *, page_size: int = 50) -> Iterator[Scan]:
        """Scans, newest first, fetched page by page."""
        return self._session.each(Scan, "/v1/scans", limit=page_size)

    def findings(
        self,
        scan_id: str,
        *,
        detector: str | None = None,
        severity: str | None = None,
        confidence: float | None = None,
        prefix: str | None = None,
        state: str | None = None,
        page_size: int = 200,
    ) -> Iterator[Finding]:
        """What a scan has found, fetched page by page. confidence: at least. state: new, reviewed or false_positive."""
        least = None if confidence is None else str(confidence)
        filters = {"detector": detector, "severity": severity, "confidence": least, "prefix": prefix, "state": state}
        wanted = {name: value for name, value in filters.items() if value}
        return self._session.each(Finding, f"/v1/scans/{segment(scan_id)}/findings", wanted, limit=page_size)

    def export_findings(self, scan_id: str, kind: str, out: IO[bytes]) -> int:
        """Write what a scan has found to a file, as it comes; how many bytes. kind: csv, jsonl, sarif, asff or ocsf.

        Raises TransferFailed when the transfer was cut: what is written then is not whole.
        """
        return downloads.export(
            self._session, f"/v1/scans/{segment(scan_id)}/findings/export?format={quote(kind)}", out
        )

    def unread(self, scan_id: str, *, status: str | None = None, page_size: int = 200) -> Iterator[ScanObject]:
        """The objects that a scan did not read as a whole, fetched page by page. status: skipped, failed or partly."""
        wanted = {"status": status} if status else None
        return self._session.each(ScanObject, f"/v1/scans/{segment(scan_id)}/objects", wanted, limit=page_size)

    def scores(self, scan_id: str, prefix: str | None = None, *, depth: int = 1, limit: int = 100) -> Scores:
        """How sensitive a prefix is (default: the scan's own), and the folders `depth` levels below it."""
        wanted: dict[str, str | int] = {"depth": depth, "limit": limit}
        if prefix is not None:
            wanted["prefix"] = prefix
        return read(Scores, self._session.get(f"/v1/scans/{segment(scan_id)}/scores", wanted))

    def cancel_scan(self, scan_id: str) -> Scan:
        """Ask for a scan to be stopped; what it has found stays."""
        return read(Scan, self._session.post(f"/v1/scans/{segment(scan_id)}/cancel"))

    # --- detectors

    def detectors(self) -> list[Detector]:
        """All detectors: the tenant's own, then the shipped ones."""
        return items(Detector, self._session.get("/v1/detectors"))

    def add_detector(
        self,
        detector_id: str,
        *,
        pattern: str | None = None,
        words: Sequence[str] = (),
        keywords: Sequence[str] = (),
        severity: str = "medium",
    ) -> Detector:
        """Add a detector of the tenant's own: a pattern, or words. keywords: one of which must stand near a value."""
        body: dict[str, object] = {"detector_id": detector_id, "keywords": list(keywords), "severity": severity}
        body |= {"words": list(words)} if pattern is None else {"pattern": pattern}
        return read(Detector, self._session.post("/v1/detectors", body))

    def remove_detector(self, detector_id: str) -> None:
        """Remove a detector of the tenant's own; what it has found stays."""
        self._session.delete(f"/v1/detectors/{segment(detector_id)}")

    # --- schedules

    def add_schedule(
        self,
        cron: str,
        bucket: str,
        prefix: str = "",
        *,
        timezone: str = "UTC",
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        detectors: Sequence[str] | None = None,
    ) -> Schedule:
        """Have a bucket scanned again and again. cron: five fields, in the time zone."""
        scan = _scan(bucket, prefix, include=include, exclude=exclude, detectors=detectors)
        return read(Schedule, self._session.post("/v1/schedules", {"cron": cron, "timezone": timezone, "scan": scan}))

    def schedules(self, *, page_size: int = 50) -> Iterator[Schedule]:
        """Schedules, newest first, fetched page by page."""
        return self._session.each(Schedule, "/v1/schedules", limit=page_size)

    def pause_schedule(self, schedule_id: str, *, paused: bool = True) -> Schedule:
        """Pause a schedule, or let it go on."""
        return read(Schedule, self._session.patch(f"/v1/schedules/{segment(schedule_id)}", {"paused": paused}))

    def remove_schedule(self, schedule_id: str) -> None:
        """Remove a schedule; its scans stay."""
        self._session.delete(f"/v1/schedules/{segment(schedule_id)}")

    # --- jobs

    def job(self, job_id: str) -> Job:
        """One job as it is now."""
        return self._session.get_as(Job, f"/v1/jobs/{segment(job_id)}")

    def jobs(self, *, status: str | None = None, page_size: int = 50) -> Iterator[Job]:
        """Jobs, newest first, fetched page by page."""
        return self._session.each(Job, "/v1/jobs", {"status": status} if status else None, limit=page_size)

    def watch(self, job_id: str, *, timeout: float | None = None) -> Iterator[Job]:
        """The job as it is now, then after each change, up to its final state.

        timeout: seconds, after which WaitTimedOut is raised and the job goes on.
        """
        return iter(Watch(self._session, job_id, timeout_s=timeout))

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Wait for the job's final state. timeout: as in `watch`."""
        *_, last = self.watch(job_id, timeout=timeout)
        return last

    def cancel(self, job_id: str) -> Job:
        """Ask for the job to be stopped."""
        return read(Job, self._session.post(f"/v1/jobs/{segment(job_id)}/cancel"))

    def retry(self, job_id: str) -> Job:
        """Queue a failed or cancelled job again."""
        return read(Job, self._session.post(f"/v1/jobs/{segment(job_id)}/retry"))

    # --- results

    def video(self, video_id: str) -> Video:
        """One video, with its newest analysis and a link to the original."""
        return self._session.get_as(Video, f"/v1/videos/{segment(video_id)}")

    def videos(self, *, page_size: int = 50) -> Iterator[Video]:
        """Videos, newest first, fetched page by page."""
        return self._session.each(Video, "/v1/videos", limit=page_size)

    def analysis(self, analysis_id: str) -> Analysis:
        """One analysis."""
        return self._session.get_as(Analysis, f"/v1/analyses/{segment(analysis_id)}")

    def scenes(self, video_id: str, *, analysis_id: str | None = None) -> Iterator[Scene]:
        """All scenes of the analysis that stands for a video, or of the one that is named.

        The newest exact one with a result stands for it; until there is one a preview, also one that is under way.
        """
        return self._found(Scene, video_id, "scenes", analysis_id)

    def scene_list(self, video_id: str, *, analysis_id: str | None = None) -> Scenes:
        """The scenes that `scenes` gives, all at once, with the tier that they were found in."""
        params = {"analysis_id": analysis_id} if analysis_id else None
        pages = [read(Scenes, page) for page in self._session.pages(f"/v1/videos/{segment(video_id)}/scenes", params)]
        return pages[0].model_copy(update={"items": tuple(scene for page in pages for scene in page.items)})

    def texts(self, video_id: str, *, analysis_id: str | None = None) -> Iterator[Text]:
        """All texts on screen, of the analysis that `scenes` takes."""
        return self._found(Text, video_id, "texts", analysis_id)

    def screen_findings(self, video_id: str, *, analysis_id: str | None = None) -> Iterator[ScreenFinding]:
        """What is sensitive in the texts on screen, of the analysis that `scenes` takes, by time."""
        return self._found(ScreenFinding, video_id, "findings", analysis_id)

    def tracks(self, video_id: str, *, analysis_id: str | None = None) -> Iterator[Track]:
        """All tracks, of the analysis that `scenes` takes."""
        return self._found(Track, video_id, "tracks", analysis_id)

    def artifacts(self, video_id: str, *, analysis_id: str | None = None) -> Iterator[Artifact]:
        """All files but the thumbnails, of the analysis that `scenes` takes."""
        return self._found(Artifact, video_id, "artifacts", analysis_id)

    def score(self, video_id: str, *, analysis_id: str | None = None) -> Score:
        """The score of the analysis that `scenes` takes; its `analysis_id` says which that is, None without any."""
        path = f"/v1/videos/{segment(video_id)}/score"
        return read(Score, self._session.get(path, {"analysis_id": analysis_id} if analysis_id else None))

    def overlay(self, video_id: str, *, analysis_id: str | None = None, from_us: int = 0) -> Overlay:
        """What to draw over the video from a moment on, for an hour or less; of the analysis that `scenes` takes."""
        params: dict[str, str | int] = {"from_us": from_us}
        if analysis_id:
            params["analysis_id"] = analysis_id
        return read(Overlay, self._session.get(f"/v1/videos/{segment(video_id)}/overlay", params))

    def download(self, link: Link, path: str | os.PathLike[str], on_progress: downloads.Progress | None = None) -> Path:
        """Fetch what a link names into a file, whole or not at all. Raises TransferFailed, and OSError of the disk."""
        return downloads.download(self._session, link, Path(path), on_progress)

    # --- the system

    def whoami(self) -> Identity:
        """The key's tenant and role."""
        return self._session.get_as(Identity, "/v1/whoami")

    def buckets(self) -> list[Bucket]:
        """The buckets that are linked to the tenant."""
        return items(Bucket, self._session.get("/v1/buckets"))

    def health(self) -> Health:
        """How the API finds what it depends on."""
        return self._session.get_as(Health, "/v1/health")

    def queues(self) -> list[Queue]:
        """All queues with their depth (platform_admin)."""
        return items(Queue, self._session.get("/v1/admin/queues"))

    def peek(self, queue: str, *, limit: int = 10) -> list[QueuedMessage]:
        """Some messages of a queue or, with `-dlq`, of its dead letters. Changes nothing (platform_admin)."""
        path = f"/v1/admin/queues/{segment(queue)}/messages"
        return items(QueuedMessage, self._session.get(path, {"limit": limit}))

    def redrive(self, queue: str, *, limit: int | None = None) -> Redriven:
        """Retry what the dead letters of a queue are about (platform_admin)."""
        path = f"/v1/admin/queues/{segment(queue)}/redrive"
        return read(Redriven, self._session.post(path, {} if limit is None else {"limit": limit}))

    def _found(self, model: type[M], video_id: str, what: str, analysis_id: str | None) -> Iterator[M]:
        path = f"/v1/videos/{segment(video_id)}/{what}"
        return self._session.each(model, path, {"analysis_id": analysis_id} if analysis_id else None)


def parse_s3(address: str) -> tuple[str, str]:
    """Bucket and key of `s3://BUCKET/KEY`. The key is taken as it stands. Raises ClientError if one is missing."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise ClientError(f"{address!r} names no object.", hint="Write s3://BUCKET/KEY.")
    return bucket, key


def _scan(bucket: str, prefix: str, **options: Sequence[str] | None) -> dict[str, object]:
    return {"bucket": bucket, "prefix": prefix, **{name: list(value) for name, value in options.items() if value}}
