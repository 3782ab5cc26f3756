"""Finds personal data and credentials in bytes and text. Needs nothing of the rest of Sightglass.

>>> from sightglass_detect import scan
>>> [(f.detector, f.start, f.end) for f in scan("mail ann@example.com")]
[('email', 5, 20)]
"""

from sightglass_detect.blocks import BlockScanner
from sightglass_detect.columns import ColumnEvidence
from sightglass_detect.custom import custom_detector
from sightglass_detect.described import OWN_FAMILY, described_detector, described_settings
from sightglass_detect.detector import Detector
from sightglass_detect.engine.engine import Look, Passage
from sightglass_detect.engine.pattern import UnusablePattern
from sightglass_detect.finding import Finding, Severity
from sightglass_detect.redact import Redacted, Redactor, keyed_hash, masked, redact
from sightglass_detect.scanning import block_scanner, detectors, look_each, scan, scan_each, scan_nested
from sightglass_detect.settings import AllowList, Settings, UnknownDetector
from sightglass_detect.streams import ModeScanner, stream_scanner
from sightglass_detect.tables import CellFinding, scan_table

__all__ = [
    "OWN_FAMILY",
    "AllowList",
    "BlockScanner",
    "CellFinding",
    "ColumnEvidence",
    "Detector",
    "Finding",
    "Look",
    "ModeScanner",
    "Passage",
    "Redacted",
    "Redactor",
    "Settings",
    "Severity",
    "UnknownDetector",
    "UnusablePattern",
    "block_scanner",
    "custom_detector",
    "described_detector",
    "described_settings",
    "detectors",
    "keyed_hash",
    "look_each",
    "masked",
    "redact",
    "scan",
    "scan_each",
    "scan_nested",
    "scan_table",
    "stream_scanner",
]
