"""Findings as events of OCSF 1.5.0, class Data Security Finding (2006), one object a line."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from sightglass_api.exports.kinds import Kinds, Sort
from sightglass_api.exports.places import place_of
from sightglass_api.exports.writers import NDJSON
from sightglass_api.scans.finding_queries import FindingRow

_CLASS: Final = 2006
_CREATE: Final = 1
_SEVERITIES: Final = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
_STATES: Final = {"new": (1, "New"), "reviewed": (99, "Reviewed"), "false_positive": (3, "Suppressed")}
_CATEGORIES: Final = {
    Sort.PERSONAL: (1, "Personal"),
    Sort.FINANCIAL: (3, "Financial"),
    Sort.CREDENTIALS: (6, "Security"),
    Sort.CUSTOM: (99, "Custom"),
}
_DISCOVERY: Final = 4  # of detection systems: "Data Discovery & Classification"
_S3: Final = 1  # of data buckets
_FILE: Final = 1  # a regular one


class OcsfWriter:
    """A line for each finding."""

    media_type: ClassVar[str] = NDJSON
    suffix: ClassVar[str] = "ocsf.jsonl"

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def begin(self) -> str:
        """Nothing."""
        return ""

    def some(self, rows: Sequence[FindingRow]) -> str:
        """A line for each."""
        return "".join(f"{json.dumps(self._event(row))}\n" for row in rows)

    def end(self) -> str:
        """Nothing: JSON Lines have no closing mark."""
        return ""

    def _event(self, row: FindingRow) -> dict[str, Any]:
        source, title, at = self._kinds.source, self._kinds.title(row.detector), int(row.found_at.timestamp() * 1000)
        severity_id, severity = _SEVERITIES[row.severity]
        status_id, status = _STATES[row.state]
        event: dict[str, Any] = {
            "activity_id": _CREATE,
            "activity_name": "Create",
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": _CLASS,
            "class_name": "Data Security Finding",
            "type_uid": _CLASS * 100 + _CREATE,
            "type_name": "Data Security Finding: Create",
            "time": at,
            "severity_id": severity_id,
            "severity": severity,
            "confidence_score": round(row.confidence * 100),
            "status_id": status_id,
            "status": status,
            "message": f"{title}: {row.masked} in s3://{row.bucket}/{row.object_key} {place_of(row.locator)}".rstrip(),
            "metadata": {
                "version": "1.5.0",
                "product": {"name": "Sightglass", "vendor_name": "Sightglass", "version": source.version},
                "uid": str(row.finding_id),
                "tenant_uid": source.tenant,
            },
            "finding_info": {
                "uid": str(row.finding_id),
                "title": title,
                "types": [self._kinds.family(row.detector)],
                "created_time": at,
            },
            "data_security": self._data_security(row),
            "databucket": {"type_id": _S3, "type": "S3", "name": row.bucket, "file": _file(row)},
            "unmapped": {"locator": row.locator, "value_hash": row.value_hash}
            | ({"detail": row.detail} if row.detail else {}),
        }
        return event | ({"comment": row.note} if row.note else {})

    def _data_security(self, row: FindingRow) -> dict[str, Any]:
        category_id, category = _CATEGORIES[self._kinds.sort(row.detector)]
        return {
            "category_id": category_id,
            "category": category,
            "detection_pattern": row.detector,
            "detection_system_id": _DISCOVERY,
            "detection_system": "Data Discovery & Classification",
            "pattern_match": row.masked,
        }


def _file(row: FindingRow) -> dict[str, Any]:
    name = row.object_key.rstrip("/").rpartition("/")[2] or row.object_key
    return {"name": name, "path": row.object_key, "type_id": _FILE, "type": "Regular File", "version": row.version}
