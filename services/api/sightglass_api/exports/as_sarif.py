"""Findings as one SARIF 2.1.0 log. The tool and its rules come last, so that only rules of findings are told."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from urllib.parse import quote

from sightglass_api.exports.kinds import Kinds
from sightglass_api.exports.places import place_of
from sightglass_api.scans.finding_queries import FindingRow

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}


class SarifWriter:
    """One log with one run. Columns count characters."""

    media_type: ClassVar[str] = "application/sarif+json"
    suffix: ClassVar[str] = "sarif"

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._rules: dict[str, int] = {}
        self._separator = "\n"

    def begin(self) -> str:
        """The log up to its first result."""
        log = json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": []})
        return log.removesuffix("]}") + '{"columnKind": "unicodeCodePoints", "results": ['

    def some(self, rows: Sequence[FindingRow]) -> str:
        """Results."""
        pieces: list[str] = []
        for row in rows:
            pieces.append(self._separator + json.dumps(self._result(row)))
            self._separator = ",\n"
        return "".join(pieces)

    def end(self) -> str:
        """The tool, and all that closes the log."""
        driver = {
            "name": "Sightglass",
            "version": self._kinds.source.version,
            "rules": [self._rule(detector) for detector in self._rules],
        }
        return "\n], " + json.dumps({"tool": {"driver": driver}}).removeprefix("{") + "]}\n"

    def _rule(self, detector: str) -> dict[str, Any]:
        family = self._kinds.family(detector)
        return {
            "id": detector,
            "shortDescription": {"text": self._kinds.title(detector)},
            "properties": {"family": family, "tags": ["security", family]},
        }

    def _result(self, row: FindingRow) -> dict[str, Any]:
        result: dict[str, Any] = {
            "ruleId": row.detector,
            "ruleIndex": self._rules.setdefault(row.detector, len(self._rules)),
            "level": _LEVELS[row.severity],
            "rank": round(row.confidence * 100, 2),
            "message": {"text": f"{self._kinds.title(row.detector)}: {row.masked}{_besides(row)}"},
            "locations": [_location(row)],
            "partialFingerprints": {"sightglassFinding/v1": str(row.finding_id), "value/v1": row.value_hash},
            "properties": {
                "severity": row.severity,
                "state": row.state,
                "objectVersion": row.version,
                "locator": row.locator,
            }
            | ({"detail": row.detail} if row.detail else {}),
        }
        if row.state == "false_positive":
            suppression = {"kind": "external", "status": "accepted"}
            result["suppressions"] = [suppression | ({"justification": row.note} if row.note else {})]
        return result


def _besides(row: FindingRow) -> str:
    return f" ({row.detail})" if row.detail else ""


def _location(row: FindingRow) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": f"s3://{row.bucket}/{quote(row.object_key)}"}}
    at = row.locator
    # A line of a page or of an archive's member is not a line of the object.
    if at.get("kind") == "text" and isinstance(at.get("line"), int) and not at.keys() & {"member", "page", "part"}:
        region = {"startLine": at["line"]} | ({"startColumn": at["column"]} if "column" in at else {})
        physical["region"] = region
    place = place_of(at)
    return {"physicalLocation": physical} | (
        {"logicalLocations": [{"fullyQualifiedName": place}]} if place and "region" not in physical else {}
    )
