"""Short objects of text, looked through at once: one after the other, each would cost many times what is in it."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from sightglass_detect import Settings, look_each, scan_each
from sightglass_scanner.asked import Whole
from sightglass_scanner.detecting import Detector, Sealer
from sightglass_scanner.objects import S3Object
from sightglass_scanner.readers.reader import read_whole
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.results import ObjectResult
from sightglass_scanner.sealing import Place

# Above this an object costs about the same by itself.
_SHORT_BYTES: Final = 32 * 1024


def detector_of(source: S3Object, tenant_id: UUID, key: bytes, settings: Settings) -> Detector:
    """What takes the texts of an object. key: of the tenant's hashes."""
    place = Place(tenant_id, source.ref.bucket, source.ref.key, source.version)
    return Detector(settings, Sealer(place, key, settings))


def runs_of(sources: Sequence[S3Object]) -> Iterator[Sequence[S3Object]]:
    """The objects in their order: short ones that follow one another together, each other one alone."""
    start = 0
    for number, source in enumerate(sources):
        if source.size_bytes > _SHORT_BYTES:
            if start < number:
                yield sources[start:number]
            yield sources[number : number + 1]
            start = number + 1
    if start < len(sources):
        yield sources[start:]


def read_together(
    sources: Sequence[S3Object], tenant_id: UUID, key: bytes, settings: Settings
) -> Sequence[ObjectResult | None]:
    """What is found in each short text, held as a whole; None for what is to be read by itself.

    That is every object when there is a fault in one of them, as nobody knows in which.
    """
    if len(sources) == 1:
        return [None]
    try:
        texts = [read_whole(source.read(0, source.size_bytes), source.ref.key) for source in sources]
        read = [(source, text) for source, text in zip(sources, texts, strict=True) if text]
        detectors = _Detectors(tenant_id, key, settings)
        _look_through(read, detectors, settings)
        return [detectors.result(source) if text else None for source, text in zip(sources, texts, strict=True)]
    except Exception:  # noqa: BLE001  # reading each by itself tells what it is, and of which
        return [None] * len(sources)


class _Detectors:
    """What takes what is found in each object; made at the first need, as most hold nothing."""

    def __init__(self, tenant_id: UUID, key: bytes, settings: Settings) -> None:
        self._of = (tenant_id, key, settings)
        self._made: dict[S3Object, Detector] = {}

    def __getitem__(self, source: S3Object) -> Detector:
        made = self._made.get(source)
        if made is None:
            made = self._made[source] = detector_of(source, *self._of)
        return made

    def result(self, source: S3Object) -> ObjectResult | None:
        """What a text comes to that was looked through; None when more is found in it than is kept."""
        made = self._made.get(source)
        found = made.finish() if made is not None else []
        return None if made is not None and made.full else ObjectResult("done", source.size_bytes, found, [])


def _look_through(texts: Sequence[tuple[S3Object, Text]], detectors: _Detectors, settings: Settings) -> None:
    """Have each detector hear what is found in its text, and in cells of it that are worth a look of their own."""
    wholes = [Whole(text) for _, text in texts]
    looks = look_each([whole.passage for whole in wholes], settings=settings)
    cells = [
        (source, some)
        for (source, text), look in zip(texts, looks, strict=True)
        if text.columns is not None
        for some in detectors[source].cells(text, matched=look.matched)
    ]
    for (source, some), found in zip(
        cells, scan_each([some.passage for _, some in cells], settings=settings), strict=True
    ):
        detectors[source].hear(some, found)
    for (source, _), whole, look in zip(texts, wholes, looks, strict=True):
        if look.findings:
            detectors[source].hear(whole, look.findings)
