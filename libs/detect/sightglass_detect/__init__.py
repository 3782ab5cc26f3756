"""Finds personal data and credentials in bytes and text. Needs nothing of the rest of Sightglass.

>>> from sightglass_detect import scan
>>> [(f.detector, f.start, f.end) for f in scan("mail ann@example.com")]
[('email', 5, 20)]
"""

from sightglass_detect.detector import Detector
from sightglass_detect.finding import Finding, Severity
from sightglass_detect.scanning import detectors, scan
from sightglass_detect.settings import AllowList, Settings

__all__ = ["AllowList", "Detector", "Finding", "Settings", "Severity", "detectors", "scan"]
