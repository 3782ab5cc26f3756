"""What came over the wire, looked at with other eyes than those that made it: FFmpeg's, not Pillow's."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tests import films
from tests.films import Image


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture as a provider gets it. segments: the markers of the file up to its pixels."""

    jpeg: bytes
    image: Image
    segments: list[int]

    @property
    def long_side(self) -> int:
        """Columns or rows, whichever are more."""
        return max(self.image.shape[:2])

    @property
    def has_metadata(self) -> bool:
        """Whether there is EXIF, XMP, a colour profile or a comment in it: APP1 to APP15, COM."""
        return any(0xE1 <= marker <= 0xEF or marker == 0xFE for marker in self.segments)

    def inside(self, x: float, y: float, width: float, height: float) -> Image:
        """The pixels that lie altogether inside a box of shares."""
        rows, columns = self.image.shape[:2]
        top, bottom = int(np.ceil(y * rows)), int(np.floor((y + height) * rows))
        left, right = int(np.ceil(x * columns)), int(np.floor((x + width) * columns))
        return self.image[top:bottom, left:right]


def shown(jpeg: bytes) -> Shown:
    """Take a file apart. Raises ValueError when it is not one whole JPEG."""
    if not (jpeg.startswith(b"\xff\xd8\xff") and jpeg.endswith(b"\xff\xd9")):
        raise ValueError("no JPEG from its start to its end")
    return Shown(jpeg, films.decoded(jpeg), _segments(jpeg))


def _segments(jpeg: bytes) -> list[int]:
    """The markers before the first scan."""
    markers: list[int] = []
    at = 2
    while jpeg[at + 1] != 0xDA:
        markers.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return markers


def schema_problem(schema: Any, path: str = "$") -> str | None:
    """Why strict modes would not take this JSON schema: they know a part of the language only."""
    unknown = set(schema) - {"type", "properties", "required", "additionalProperties", "items", "description", "enum"}
    if unknown:
        return f"{path}: {sorted(unknown)}"
    if schema["type"] == "array":
        return schema_problem(schema["items"], f"{path}[]")
    if schema["type"] != "object":
        return None
    if schema.get("additionalProperties") is not False:
        return f"{path}: additionalProperties is not false"
    if sorted(schema.get("required", [])) != sorted(schema["properties"]):
        return f"{path}: not all properties are required"
    problems = (schema_problem(part, f"{path}.{name}") for name, part in schema["properties"].items())
    return next(filter(None, problems), None)
