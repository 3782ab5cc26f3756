"""What an analysis found of the video as a whole, as clients see it."""

from typing import Literal

from pydantic import BaseModel, Field


class TextCoverage(BaseModel):
    """How much of what the screens showed was read."""

    looks: int = Field(description="How often the picture had changed enough to be read.")
    read: int
    capped: int = Field(description="Not read: too many looks a minute.")
    failed: int = Field(description="Not read: the reader failed or took too long.")
    unread_us: int = Field(description="How much of the video shows what was not read.")


class Preview(BaseModel):
    """How closely a preview has looked. What happened between two key frames it has not seen."""

    key_frames: int = Field(description="How many were looked at.")
    longest_gap_us: int = Field(
        description="The longest time without one: a scene begins at most so long before its `start_us`."
    )


class PoseCoverage(BaseModel):
    """In how many pictures persons were looked for."""

    looks: int = Field(description="Five pictures a second.")
    found: int = Field(description="Pictures in which somebody was.")
    failed: int = Field(description="Pictures not looked at: the engine failed or took too long.")
    reason: str | None = Field(description="The error code of the first that failed.")


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


class LabelSummary(BaseModel):
    """What became of labelling the scenes: of each frame that was to be shown to the provider."""

    status: Literal["done", "partial", "failed", "off"] = Field(description="`off`: no provider is set.")
    reason: str | None = Field(description="Why frames have no labels; of several reasons the one to hear of first.")
    labelled: int = Field(description="Frames that were answered for, be it with no label.")
    cached: int = Field(description="Of these: without asking anybody.")
    sent: int = Field(description="Pictures that left the system, in all calls.")
    calls: int = Field(description="Of the provider, retries among them.")
    provider_refused: int = Field(description="Not labelled: the provider takes no call.")
    provider_unavailable: int = Field(description="Not labelled: it does not answer.")
    answer_unusable: int = Field(description="Not labelled: its answer has another form.")
    picture_unreadable: int = Field(description="Not labelled: the frame could not be fetched again.")
    text_not_looked_for: int = Field(description="Withheld: no text was looked for.")
    text_capped: int = Field(description="Withheld: what it shows was not read, as the screen changed too often.")
    text_failed: int = Field(description="Withheld: the text engine failed on what it shows.")
    budget: int = Field(description="Not labelled: the frames or calls of an analysis were spent.")
