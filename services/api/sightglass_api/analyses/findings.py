"""What an analysis found of the video as a whole, as clients see it."""

from pydantic import BaseModel, Field


class TextCoverage(BaseModel):
    """How much of what the screens showed was read."""

    looks: int = Field(description="How often the picture had changed enough to be read.")
    read: int
    capped: int = Field(description="Not read: too many looks a minute.")
    failed: int = Field(description="Not read: the reader failed or took too long.")
    unread_us: int = Field(description="How much of the video shows what was not read.")


class ScorePart(BaseModel):
    """One measure of the score; what could not be measured is null, and counts for nothing."""

    name: str
    raw: float | None = Field(description="As measured.")
    reference: tuple[float, float] | None = Field(description="The raw values that make 0 and 100.")
    weight: float
    score: float | None = Field(description="0..100.")
    from_us: int | None
    to_us: int | None
    samples: int | None = Field(description="How many moments were measured.")


class Score(BaseModel):
    """How the main subject moves, 0..100, with all that it was reckoned from: docs/score.md."""

    version: int = Field(description="Of the formula: scores of two versions do not compare.")
    total: float | None
    reason: str | None = Field(description="Why there is no total.")
    parts: list[ScorePart]
