"""The labels of a film that was analysed: which of its frames are shown to a provider."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from sightglass_common.db import Pool
from sightglass_common.job_context import JobContext
from sightglass_worker.decode.still_source import Stills
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.gathering import Findings
from sightglass_worker.labels.choice import LabelLimits
from sightglass_worker.labels.labelling import SceneFrame, Still, labelled
from sightglass_worker.labels.moments import moments_of
from sightglass_worker.labels.outcome import OFF, Labelled
from sightglass_worker.labels.provider import LabelProvider
from sightglass_worker.labels.showing import withheld_at
from sightglass_worker.labels.stills import CheckedStills
from sightglass_worker.labels.tenant_cache import TenantLabelCache
from sightglass_worker.ocr.readers import TextReaders


class Labeller:
    """Labels films. provider: None where nothing is to be labelled. readers: None where no text is looked for."""

    def __init__(
        self, provider: LabelProvider | None, pool: Pool, readers: TextReaders | None, limits: LabelLimits
    ) -> None:
        self._provider = provider
        self._pool = pool
        self._readers = readers
        self._limits = limits

    @property
    def wanted(self) -> bool:
        """Whether there is anybody to ask for labels."""
        return self._provider is not None

    async def label(self, stills: Stills, findings: Findings, job: JobContext) -> Labelled:
        """Label the scenes that were found. What the provider, the decoder or the text engine does is in the result.

        Raises what `job.report` raises, and the errors of Postgres.
        """
        if self._provider is None:
            return OFF

        async def on_progress(done: int, total: int) -> None:
            await job.report("labels", done, total)

        await job.report("labels", 0, None)
        cache = TenantLabelCache(self._pool, job.claim.tenant_id)
        async with self._loader(stills, findings) as load:
            frames = _frames(findings, self._limits.frames_per_scene, load)
            found = await labelled(self._provider, cache, frames, self._limits, on_progress=on_progress)
        job.log.info("labels.over", **found.summary())
        return found

    @asynccontextmanager
    async def _loader(self, stills: Stills, findings: Findings) -> AsyncGenerator[Callable[[int], Awaitable[Still]]]:
        if self._readers is None or findings.screen is None:
            yield _nothing
            return
        async with self._readers.reader() as reader:
            texts = findings.screen.texts
            yield CheckedStills(stills, reader, [span for text in texts for span in text.spans]).load


def _frames(findings: Findings, per_scene: int, load: Callable[[int], Awaitable[Still]]) -> list[SceneFrame]:
    unread = findings.screen.unread if findings.screen else None
    return [
        SceneFrame(scene.number, t_us, withheld_at(t_us, unread), load)
        for scene in findings.scenes
        for t_us in moments_of(scene, findings.moments_us, per_scene)
    ]


async def _nothing(_t_us: int) -> Still:
    raise CallFailed("text_not_looked_for")
