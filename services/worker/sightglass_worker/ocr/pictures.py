"""Pictures as files, read by a text engine's process, which decodes them too. Seen from its parent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_common.sandbox.wire import Message
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.process import TextReader

# A message takes at most twice as much.
PART_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PictureRead:
    """The lines of a picture; boxes are 0 to 1 of it as it is shown. left_out: lines beyond the most that are told.

    refused: the code of the error, of one that cannot be read.
    """

    lines: Sequence[Line]
    left_out: int = 0
    refused: str | None = None


async def picture_read(reader: TextReader, parts: Sequence[bytes], most_pixels: int) -> PictureRead:
    """What a file says, which comes in parts of PART_BYTES. Raises CallFailed and EngineMissing."""
    for number, part in enumerate(parts):
        await reader.give(Message("part", {"first": number == 0}, part))
    return await reader.told(Message("picture", {"most_pixels": most_pixels}), PictureRead)
