"""What every format of an export is: its name, its type, and how findings become its text."""

from collections.abc import Sequence
from typing import ClassVar, Final, Protocol

from sightglass_api.exports.kinds import Kinds
from sightglass_api.scans.finding_queries import FindingRow

NDJSON: Final = "application/x-ndjson"


class Writer(Protocol):
    """Writes one export, in pieces, of which it keeps none."""

    media_type: ClassVar[str]
    suffix: ClassVar[str]

    def __init__(self, kinds: Kinds) -> None: ...

    def begin(self) -> str:
        """What stands before all findings."""
        ...

    def some(self, rows: Sequence[FindingRow]) -> str:
        """The next findings."""
        ...

    def end(self) -> str:
        """What stands behind all findings: without it the export is not whole."""
        ...
