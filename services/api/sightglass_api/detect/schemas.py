"""Text to look through, and what is found in it, as clients see them."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from sightglass_api.routing import Asked
from sightglass_api.scans.schemas import Severity

MAX_TEXT_BYTES: Final = 256 * 1024
# A page that is full of values is sensitive without any further.
MAX_FINDINGS: Final = 10_000

DetectorName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]


def is_unicode(text: str) -> str:
    """A text that has UTF-8, or ValueError: JSON can hold half a character."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("has half a character") from error
    return text


class NewDetection(Asked):
    """A text, and what to look for in it."""

    text: Annotated[str, AfterValidator(is_unicode)] = Field(description=f"At most {MAX_TEXT_BYTES} bytes of UTF-8.")
    detectors: list[DetectorName] | None = Field(
        default=None, min_length=1, max_length=200, description="Ids or families; default: all but the noisy ones."
    )
    min_confidence: float = Field(default=0.5, ge=0, le=1)
    normalise: bool = Field(
        default=False, description="Find what look-alikes, separators or one layer of encoding hide as well."
    )
    ocr: bool = Field(default=False, description="The text was read by a machine: letters may be digits.")


class TextFinding(BaseModel):
    """A value in the text: `text[start:end]`."""

    detector: str
    title: str
    family: str
    severity: Severity
    confidence: float = Field(description="0 to 1; 0.8 and above is high.")
    start: int = Field(description="Offset in characters (code points).")
    end: int
    masked: str
    checked: bool = Field(description="Its checksum or structure was verified.")
    context: bool = Field(description="A word nearby says what it is.")
    detail: str = Field(description="What was decoded of it: the account of an AWS key id. Empty for most.")


class Detection(BaseModel):
    """What a text holds. Neither the text nor what was found is kept."""

    findings: list[TextFinding] = Field(description="By their places.")
    truncated: bool = Field(description=f"Whether there are more than {MAX_FINDINGS}.")
