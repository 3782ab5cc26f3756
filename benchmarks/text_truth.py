"""What the sample film of a screen shows, and how right a reading of it is."""

import json
import re
from pathlib import Path
from statistics import mean
from typing import Any, cast

from benchmarks.scenes_films import SAMPLES
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.lines import folded
from sightglass_worker.domain.texts.places import likeness, part_of

_WIDTH, _HEIGHT = 1920, 1080
TRUTH: dict[str, Any] = json.loads((SAMPLES / "screen_light.truth.json").read_text())
VALUES = cast("list[dict[str, Any]]", TRUTH["items"])
# The film's other lines, as they were drawn: a number and one of these.
_PHRASES = (
    "TODO rewrite the parser|cache hit ratio 0.93|region eu-west bucket list complete|Build passed in 41 seconds|"
    "Meeting notes from Tuesday|Open invoices this week|INFO request finished status=200 took=12ms"
)
_OTHERS = ("Customers", "Console log", "Mail", "Dashboard", "Checkout", "New message")
_LABELS = {"credit_card": "card ", "phone": "tel ", "ssn": "SSN ", "aws_key": "key="}


def is_true(text: str) -> bool:
    """Whether the film shows this line; what engines cannot tell apart counts as right."""
    phrases = "|".join(re.escape(folded(phrase)) for phrase in _PHRASES.split("|"))
    numbered = re.fullmatch(rf"[\d]{{3}}({phrases})", folded(text)) is not None
    return numbered or folded(text) in {folded(line) for line in (*_OTHERS, *_value_lines())}


def _value_lines() -> list[str]:
    lines = [_LABELS[value["kind"]] + value["text"] for value in VALUES if value["kind"] in _LABELS]
    emails = [value["text"] for value in VALUES if value["kind"] == "email"]
    return [*lines, *("mail " + email for email in emails), *("To: " + email for email in emails)]


def found(value: dict[str, Any], texts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The texts that hold a value, letter by letter."""
    return [text for text in texts if value["text"] in text["text"]]


def time_error_s(value: dict[str, Any], texts: list[dict[str, Any]]) -> float:
    """By how much the time in which a value is shown whole is wrong at its start or its end, the worse of both."""
    spans = [span for text in found(value, texts) for span in text["spans"] if span["whole"]]
    start, end = min(s["start_us"] for s in spans) / 1e6, max(s["end_us"] for s in spans) / 1e6
    return max(abs(start - value["spans"][0]["start"]), abs(end - value["spans"][-1]["end"]))


def overlap(value: dict[str, Any], texts: list[dict[str, Any]]) -> float:
    """Mean likeness (IoU) of the value's boxes to the true ones at the moments at which they are told."""
    found_here: list[float] = []
    for text in found(value, texts):
        at = text["text"].index(value["text"])
        for span in (span for span in text["spans"] if span["whole"]):
            box = part_of(Box(*span["box"]), text["text"], at, at + len(value["text"]))
            true = [s for s in value["spans"] if s["start"] <= span["start_us"] / 1e6 + 1e-3 < s["end"] + 1e-3]
            if true:
                left, top, right, bottom = true[0]["box"]
                real = Box(left / _WIDTH, top / _HEIGHT, (right - left) / _WIDTH, (bottom - top) / _HEIGHT)
                found_here.append(likeness(box, real))
    return mean(found_here) if found_here else 0.0


def screen_film() -> Path:
    """The film."""
    return SAMPLES / "screen_light.mp4"
