"""What a language model answers, which is worth no trust: a picture may have told it what to say."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sightglass_common.provider_errors import AnswerUnusable
from sightglass_worker.labels.provider import KeyFrame, Label

_MAX_CHARACTERS: Final = 40
_MAX_WORDS: Final = 4
# Four in a row are a year at best, and the end of a card number at worst.
_MAX_DIGITS: Final = 3
_SHORT: Final = re.compile(r"[^\W_](?:[ '\u2019/&-]?[^\W_])*")


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True)

    labels: list[Any]


class _Seen(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    picture: int
    name: str
    confidence: float = Field(ge=0, le=1)


def labels_of(answer: str | dict[str, Any], frames: Sequence[KeyFrame], max_labels: int) -> list[Label]:
    """The labels in an answer of the form `prompt.SCHEMA`, as text or taken apart; what is no label is left out.

    Raises AnswerUnusable when the answer has another form.
    """
    try:
        found = _Answer.model_validate_json(answer) if isinstance(answer, str) else _Answer.model_validate(answer)
    except ValidationError:
        # Its message quotes the answer, and an answer may quote the picture.
        raise AnswerUnusable("the answer has another form than was asked for") from None
    return tidy((label for item in found.labels for label in _read(item, frames)), max_labels)


def tidy(labels: Iterable[Label], max_labels: int) -> list[Label]:
    """Frame by frame, each name once, the surest first, at most `max_labels`; only what is a short name."""
    frames: dict[tuple[int, int], dict[str, Label]] = {}
    for label in labels:
        name = short_name(label.name)
        if name is None:
            continue
        names = frames.setdefault((label.t_us, label.scene), {})
        if name not in names or label.confidence > names[name].confidence:
            names[name] = Label(name, round(label.confidence, 4), label.t_us, label.scene, label.box)
    return [
        label
        for _, names in sorted(frames.items())
        for label in sorted(names.values(), key=lambda found: (-found.confidence, found.name))[:max_labels]
    ]


def short_name(text: str) -> str | None:
    """The name in lower case and with single spaces; None if it is anything but a few words."""
    if len(text) > 4 * _MAX_CHARACTERS:
        return None
    name = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    fits = len(name) <= _MAX_CHARACTERS and name.count(" ") < _MAX_WORDS and _SHORT.fullmatch(name) is not None
    return name if fits and sum(c.isdigit() for c in name) <= _MAX_DIGITS else None


def _read(item: object, frames: Sequence[KeyFrame]) -> Iterable[Label]:
    try:
        seen = _Seen.model_validate(item)
    except ValidationError:
        return
    if 1 <= seen.picture <= len(frames):
        frame = frames[seen.picture - 1]
        yield Label(seen.name, seen.confidence, frame.t_us, frame.scene)
