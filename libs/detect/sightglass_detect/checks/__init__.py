"""What can be verified of a value by itself: pure functions of the bytes as they stand, separators included."""

from collections.abc import Callable, Mapping
from typing import Final

from sightglass_detect.checks import national_americas

Check = Callable[[bytes], bool]

CHECKS: Final[Mapping[str, Check]] = {
    "us_ssn": national_americas.us_ssn,
}
