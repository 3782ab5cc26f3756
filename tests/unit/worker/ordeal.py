"""What becomes of a film in a decoder process of its own, and what that took."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from sightglass_common.errors import SightglassError
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Analysis, Probe, Progress, SceneFound, SpriteSheet
from sightglass_worker.decode.run import ReadRange, decoder

# A sample film takes a second of this. What takes more has sent the decoder round in circles.
LIMITS = Limits(cpu_s=30, probe_cpu_s=15)
# The most memory that a damaged film may take.
MOST_BYTES = 400 * 1024**2
# How a damaged film may end: with a result, or with what is said of films in docs/errors.md. A decoder that crashes,
# runs out of time or of memory has a code too, but bears a closer look.
ENDS = {
    "done", "partial", "empty_file", "not_a_video", "no_video_stream", "corrupt_container", "corrupt_stream",
    "unsupported_codec", "encrypted", "dimensions_too_large", "too_long",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ordeal:
    """How it ended. peak_bytes: the most memory that the decoder had resident. reads: byte ranges of the glance."""

    probe: Probe | None
    analysis: Analysis | None
    error: SightglassError | None
    peak_bytes: int
    reads: tuple[int, ...]

    @property
    def end(self) -> str:
        """The error's code, or `partial` or `done`."""
        if self.analysis is None:
            return "unended" if self.error is None else self.error.code
        return "partial" if self.analysis.partial else "done"


async def ordeal(data: bytes, limits: Limits = LIMITS) -> Ordeal:
    """Glance at a film, probe it whole where that was not enough, and analyse it, as the worker does."""
    probe = analysis = failed = None
    reads: list[int] = []
    async with decoder(limits) as child:
        try:
            seen = await child.glance(_reader(data, reads), len(data))
            with _fetched(data) as descriptor:
                probe = seen.probe or await child.probe_film(descriptor)
                analysis = await child.analyze(descriptor, on_progress=_ignore, on_scene=_ignore, on_sprite=_ignore)
        except SightglassError as error:
            failed = error
    return Ordeal(probe, analysis, failed, child.spent.peak_bytes, tuple(reads))


def _reader(data: bytes, reads: list[int]) -> ReadRange:
    async def read_range(offset: int, size: int) -> bytes:
        reads.append(size)
        return data[offset : offset + size]

    return read_range


@contextmanager
def _fetched(data: bytes) -> Generator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file.fileno()


async def _ignore(_told: Progress | SceneFound | SpriteSheet) -> None:
    pass
