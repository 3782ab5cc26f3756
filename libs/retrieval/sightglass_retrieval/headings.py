"""The Markdown headings of a text, and which of them a place stands under."""

import re
from bisect import bisect_left, bisect_right
from typing import Final

# A line `## Heading ##`, or one that begins or ends a block of code, in which lines with # are no headings.
_LINE: Final = re.compile(
    r"^ {0,3}(?:(?P<depth>#{1,6})[ \t]+(?P<heading>\S.*)|(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*)$", re.MULTILINE
)
_LONGEST: Final = 200


class Headings:
    """Of one text. title: of the document; a heading that only says this again is left out of paths."""

    def __init__(self, text: str, title: str) -> None:
        self._starts: list[int] = []
        self._paths: list[tuple[str, ...]] = []
        self._title = title.strip()
        open_fence, path = "", dict[int, str]()
        for line in _LINE.finditer(text):
            if fence := line["fence"]:
                open_fence = _fence_after(open_fence, fence)
            elif not open_fence and len(heading := _told(line["heading"])) <= _LONGEST:
                depth = len(line["depth"])
                path = {other: told for other, told in path.items() if other < depth} | {depth: heading}
                self._starts.append(line.start())
                self._paths.append(self._below_title(tuple(path.values())))

    def above(self, at: int) -> tuple[str, ...]:
        """The heading that a place is under, after those that this is under; that of its own line is one."""
        number = bisect_right(self._starts, at)
        return self._paths[number - 1] if number else ()

    def last(self, at: int) -> int:
        """Where the last heading up to `at` begins; 0 when there is none."""
        number = bisect_right(self._starts, at)
        return self._starts[number - 1] if number else 0

    def first(self, start: int, end: int) -> int | None:
        """Where the first heading from `start` up to `end` begins; None when none does."""
        number = bisect_left(self._starts, start)
        return self._starts[number] if number < len(self._starts) and self._starts[number] <= end else None

    def _below_title(self, path: tuple[str, ...]) -> tuple[str, ...]:
        return path[1:] if path[0] == self._title else path


def _told(heading: str) -> str:
    """Without the signs that may close it, which stand by themselves: `C#` keeps its own."""
    heading = heading.rstrip()
    bare = heading.rstrip("#")
    return bare.rstrip() if bare == "" or bare[-1].isspace() else heading


def _fence_after(open_fence: str, fence: str) -> str:
    """The block that is open after such a line: one ends by a line of its own sign, as long as that it began with."""
    if not open_fence:
        return fence
    return "" if fence.startswith(open_fence) else open_fence
