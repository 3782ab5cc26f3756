"""What is known of detectors beside their ids: names for people, and which sort of data they find."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sightglass_detect import Detector


class Sort(StrEnum):
    """A sort of sensitive data, as other systems tell them apart."""

    CREDENTIALS = "credentials"
    FINANCIAL = "financial"
    PERSONAL = "personal"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Source:
    """Whose findings these are, for systems that ask. account, region: of AWS, for ARNs."""

    tenant: str = ""
    version: str = ""
    account: str = "000000000000"
    region: str = "us-east-1"


class Kinds:
    """Detectors by their ids; one that is not known, as it was removed, is named by its id."""

    def __init__(self, detectors: Iterable[Detector], source: Source = Source()) -> None:
        self._detectors = {detector.id: detector for detector in detectors}
        self.source = source

    def title(self, detector: str) -> str:
        """Its name for people."""
        known = self._detectors.get(detector)
        return known.title if known else detector

    def family(self, detector: str) -> str:
        """The family that it is of."""
        known = self._detectors.get(detector)
        return known.family if known else "custom"

    def sort(self, detector: str) -> Sort:
        """The sort of data that it finds."""
        family = self.family(detector)
        if family in {Sort.CREDENTIALS, Sort.FINANCIAL, Sort.CUSTOM}:
            return Sort(family)
        return Sort.PERSONAL


def zulu(moment: datetime) -> str:
    """A moment in RFC 3339, in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
