"""Detectors as clients write them and see them."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from sightglass_api.analyses.schemas import is_key
from sightglass_api.routing import Asked
from sightglass_api.scans.schemas import Severity

MOST_OF_A_TENANT: Final = 100

DetectorId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
_Word = Annotated[str, AfterValidator(is_key), Field(min_length=1, max_length=200)]
_Words = Annotated[list[_Word], Field(max_length=200)]
_Pattern = Annotated[str, AfterValidator(is_key), Field(min_length=1, max_length=2000)]
_Near = Annotated[int, Field(ge=0, le=200)]
_Share = Annotated[float, Field(ge=0, le=1)]


class Definition(Asked):
    """What a detector of a tenant's own looks for: a pattern, or words."""

    title: str = Field(default="", max_length=200)
    pattern: _Pattern | None = Field(
        default=None,
        description="Regular expression of the value, or with one group that is the value. Each repeat has a bound, "
        "and none of varying length stands in another. ^ and $ are the ends of a line.",
    )
    words: _Words = Field(default=[], description="Values as they are, in any case, as whole words.")
    keywords: _Words = Field(default=[], description="One of which must stand near the value. None: it stands alone.")
    within: tuple[_Near, _Near] = Field(
        default=(50, 30), description="How far a keyword may stand before the value and behind it, in bytes."
    )
    severity: Severity = "medium"
    stop: _Words = Field(default=[], description="Words that no value holds.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.pattern is None) == (not self.words):
            raise ValueError("A detector has either a pattern or words.")
        return self


class NewDetector(Definition):
    """A detector to add."""

    detector_id: DetectorId


class Detector(BaseModel):
    """A detector: a shipped one, or, with its definition, one of the tenant's own."""

    detector_id: str
    title: str
    family: str = Field(description="`custom` of the tenant's own.")
    severity: Severity
    on: bool = Field(description="Whether scans that name no detectors look for it.")
    own: bool
    definition: Definition | None = None
    changed_at: datetime | None = None


class Detectors(BaseModel):
    """All detectors: the tenant's own first."""

    items: list[Detector]


class Allowed(Asked):
    """What is never told."""

    texts: _Words = Field(default=[], description="Values as a whole, as they are written.")
    patterns: Annotated[list[_Pattern], Field(max_length=100)] = Field(
        default=[], description="Regular expressions of values as a whole, with the bounds of a detector's."
    )
    paths: Annotated[list[_Pattern], Field(max_length=100)] = Field(
        default=[], description="Shell patterns of keys, whose objects are not read: they count as `excluded`."
    )


class DetectionSettings(Asked):
    """What holds for all scans of the tenant that begin from now on."""

    allow: Allowed = Allowed()
    min_confidence_of: Annotated[dict[DetectorId, _Share], Field(max_length=500)] = Field(
        default={}, description="By detector, the confidence below which its findings are not told."
    )
