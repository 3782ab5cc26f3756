"""Findings as JSON Lines: one object a line, as the lists of the API give them."""

import json
from collections.abc import Sequence
from typing import ClassVar

from sightglass_api.exports.kinds import Kinds
from sightglass_api.exports.writers import NDJSON
from sightglass_api.scans.finding_queries import FindingRow
from sightglass_api.scans.rules import finding_of


class JsonLinesWriter:
    """A line for each finding."""

    media_type: ClassVar[str] = NDJSON
    suffix: ClassVar[str] = "jsonl"

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def begin(self) -> str:
        """Nothing."""
        return ""

    def some(self, rows: Sequence[FindingRow]) -> str:
        """A line for each, in ASCII: some readers end lines at other signs too."""
        return "".join(f"{json.dumps(finding_of(row).model_dump(mode='json'))}\n" for row in rows)

    def end(self) -> str:
        """Nothing: JSON Lines have no closing mark."""
        return ""
