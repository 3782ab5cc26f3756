"""What a detector says of itself in its family file, run through the whole engine."""

from collections.abc import Iterator

import pytest
from tests.unit.detect.examples import expand

from sightglass_detect import Detector, Finding, Settings, detectors, scan

# {} stands for the example. None of these gives context to anything, nor takes it.
_PLACES = {
    "alone": "{}",
    "in a log line": "2026-11-23T03:41:50.123Z INFO worker-3 got {} from upstream\n",
    "in a CSV cell": "n,seen,what\n17,2026-11-23,{}\n18,2026-11-24,none\n",
    "in JSON": '{{"n": 17, "seen": ["{}"], "ok": true}}\n',
    "in prose": "It was late when she wrote {}, and nobody answered.\n",
}

_EVERYTHING = Settings(public_ip=True)


def _finds() -> Iterator[tuple[Detector, str]]:
    for detector in detectors():
        for example in detector.finds:
            yield detector, expand(example)


def _marked(example: str) -> tuple[str, int, int]:
    """The text of an example, and where the value is in it."""
    if "‹" not in example:
        return example, 0, len(example)
    return example.replace("‹", "").replace("›", ""), example.index("‹"), example.index("›") - 1


def _own(text: str, detector: Detector) -> list[Finding]:
    return [finding for finding in scan(text, settings=_EVERYTHING) if finding.detector == detector.id]


@pytest.mark.parametrize("place", _PLACES)
def test_what_a_detector_finds_is_found_and_nothing_around_it(place: str) -> None:
    for detector, example in _finds():
        text, start, end = _marked(example)
        before = len(_PLACES[place].partition("{}")[0].replace("{{", "{"))
        found = [(f.start - before, f.end - before) for f in _own(_PLACES[place].format(text), detector)]
        assert (start, end) in found, f"{detector.id}: {example} {place}: {found}"


def test_what_a_detector_ignores_is_not_found() -> None:
    for detector in detectors():
        for example in detector.ignores:
            assert not _own(expand(example), detector), f"{detector.id}: {example}"


def test_each_detector_shows_what_it_finds_and_what_not() -> None:
    assert not [d.id for d in detectors() if len(d.finds) < 4 or len(d.ignores) < 4]
