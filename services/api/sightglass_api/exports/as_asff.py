"""Findings in the AWS Security Finding Format, one object a line, for BatchImportFindings of Security Hub."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from sightglass_api.exports.kinds import Kinds, Sort, zulu
from sightglass_api.exports.places import place_of
from sightglass_api.exports.writers import NDJSON
from sightglass_api.scans.finding_queries import FindingRow

# Of the format's taxonomy of types.
_TYPES: Final = {
    Sort.CREDENTIALS: "Sensitive Data Identifications/Passwords",
    Sort.FINANCIAL: "Sensitive Data Identifications/Financial",
    Sort.PERSONAL: "Sensitive Data Identifications/PII",
    Sort.CUSTOM: "Sensitive Data Identifications/Business",
}
_CATEGORIES: Final = {
    Sort.CREDENTIALS: "CREDENTIALS",
    Sort.FINANCIAL: "FINANCIAL_INFORMATION",
    Sort.PERSONAL: "PERSONAL_INFORMATION",
}
_WORKFLOW: Final = {"new": "NEW", "reviewed": "NOTIFIED", "false_positive": "SUPPRESSED"}
# The format's own limits, in characters.
_TITLE, _TEXT, _RESOURCE, _FIELD, _NOTE = 256, 1024, 512, 2048, 512


class AsffWriter:
    """A line for each finding."""

    media_type: ClassVar[str] = NDJSON
    suffix: ClassVar[str] = "asff.jsonl"

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def begin(self) -> str:
        """Nothing."""
        return ""

    def some(self, rows: Sequence[FindingRow]) -> str:
        """A line for each."""
        return "".join(f"{json.dumps(self._finding(row))}\n" for row in rows)

    def end(self) -> str:
        """Nothing: JSON Lines have no closing mark."""
        return ""

    def _finding(self, row: FindingRow) -> dict[str, Any]:
        source, sort, found_at = self._kinds.source, self._kinds.sort(row.detector), zulu(row.found_at)
        title = self._kinds.title(row.detector)
        name = f"s3://{row.bucket}/{row.object_key}"
        finding: dict[str, Any] = {
            "SchemaVersion": "2018-10-08",
            "Id": f"sightglass/{row.finding_id}",
            "ProductArn": f"arn:aws:securityhub:{source.region}:{source.account}:product/{source.account}/default",
            "ProductName": "Sightglass",
            "CompanyName": "Sightglass",
            "GeneratorId": f"sightglass/{row.detector}",
            "AwsAccountId": source.account,
            "Types": [_TYPES[sort]],
            "CreatedAt": found_at,
            "UpdatedAt": found_at,
            "Severity": {"Label": row.severity.upper(), "Original": row.severity},
            "Confidence": round(row.confidence * 100),
            "Title": f"{title} in an object of {row.bucket}"[:_TITLE],
            "Description": f"{title}: {row.masked}, {place_of(row.locator) or 'somewhere'} in {name}"[:_TEXT],
            "ProductFields": {
                "sightglass/key": _told(row.object_key),
                "sightglass/version": _told(row.version),
                "sightglass/locator": _told(json.dumps(row.locator)),
            }
            | ({"sightglass/detail": _told(row.detail)} if row.detail else {}),
            "Resources": [self._resource(row, sort)],
            "Workflow": {"Status": _WORKFLOW[row.state]},
            "RecordState": "ACTIVE",
        }
        if row.note.strip():
            finding["Note"] = {"Text": row.note[:_NOTE], "UpdatedBy": "sightglass", "UpdatedAt": found_at}
        return finding

    def _resource(self, row: FindingRow, sort: Sort) -> dict[str, Any]:
        seen: dict[str, Any] = {"Count": 1, "Occurrences": _occurrences(row.locator)}
        result: dict[str, Any] = {"Status": {"Code": "COMPLETE"}}
        if sort in _CATEGORIES:
            detections = [{"Type": row.detector} | seen]
            result["SensitiveData"] = [{"Category": _CATEGORIES[sort], "Detections": detections, "TotalCount": 1}]
        else:
            result["CustomDataIdentifiers"] = {"Detections": [{"Name": row.detector} | seen], "TotalCount": 1}
        return {
            "Type": "AwsS3Object",
            "Id": f"arn:aws:s3:::{row.bucket}/{row.object_key}"[:_RESOURCE],
            "Partition": "aws",
            "Region": self._kinds.source.region,
            "DataClassification": {"Result": result},
        }


def _told(text: str) -> str:
    """A value of a field, which the format wants not to be blank."""
    return text[:_FIELD] if text.strip() else "-"


def _occurrences(at: Mapping[str, Any]) -> dict[str, Any]:
    if at.get("page"):
        return {"Pages": [{"PageNumber": at["page"]}]}
    if at.get("path"):
        return {"Records": [{"JsonPath": at["path"]}]}
    if at.get("cell") or at.get("field"):
        cell = {"CellReference": at.get("cell"), "ColumnName": at.get("field"), "Row": at.get("row")}
        return {"Cells": [{name: value for name, value in cell.items() if value}]}
    if at.get("line"):
        line = {"Start": at["line"], "End": at["line"]}
        return {"LineRanges": [line | ({"StartColumn": at["column"]} if at.get("column") else {})]}
    return {}
