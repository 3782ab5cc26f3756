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
        detectors = [detector_of(source, tenant_id, key, settings) for source in sources]
        _look_through([(one, text) for one, text in zip(detectors, texts, strict=True) if text], settings)
        return [
            ObjectResult("done", source.size_bytes, detector.finish(), []) if text and not detector.full else None
            for source, text, detector in zip(sources, texts, detectors, strict=True)
        ]
    except Exception:  # noqa: BLE001  # reading each by itself tells what it is, and of which
        return [None] * len(sources)


def _look_through(texts: Sequence[tuple[Detector, Text]], settings: Settings) -> None:
    """Have each detector hear what is found in its text, and in cells of it that are worth a look of their own."""
    wholes = [Whole(text) for _, text in texts]
    looks = look_each([whole.passage for whole in wholes], settings=settings)
    cells = [
        (detector, some)
        for (detector, text), look in zip(texts, looks, strict=True)
        for some in detector.cells(text, matched=look.matched)
    ]
    for (detector, some), found in zip(
        cells, scan_each([some.passage for _, some in cells], settings=settings), strict=True
    ):
        detector.hear(some, found)
    for (detector, _), whole, look in zip(texts, wholes, looks, strict=True):
        if look.findings:
            detector.hear(whole, look.findings)
