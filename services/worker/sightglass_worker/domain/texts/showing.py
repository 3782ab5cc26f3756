"""A text while it is followed: what is known of it, and where it stands."""

from dataclasses import dataclass, field

from sightglass_worker.domain.box import Box


@dataclass(slots=True)
class Kept:
    """A text as far as it is known. key: the reading, folded. spans: with the key of what was shown."""

    text: str
    confidence: float
    key: str
    order: int
    spans: list[tuple[int, int, Box, str]] = field(default_factory=list[tuple[int, int, Box, str]])

    @property
    def end_us(self) -> int:
        """When it was last shown, as far as that is over."""
        return self.spans[-1][1] if self.spans else 0

    def add(self, start_us: int, end_us: int, box: Box, key: str) -> None:
        """Note that it was shown."""
        if self.spans and self.spans[-1][1:] == (start_us, box, key):
            start_us = self.spans.pop()[0]
        if start_us < end_us:
            self.spans.append((start_us, end_us, box, key))

    def cut(self, end_us: int) -> None:
        """Note that it was gone from then on."""
        while self.spans and self.spans[-1][0] >= end_us:
            self.spans.pop()
        if self.spans and self.spans[-1][1] > end_us:
            start_us, _, box, key = self.spans.pop()
            self.spans.append((start_us, end_us, box, key))


@dataclass(slots=True)
class Shown:
    """A text that stands somewhere now. key: of what is shown of it. seen_us: when it was last read there."""

    kept: Kept
    key: str
    box: Box
    start_us: int
    seen_us: int

    def close(self, end_us: int) -> None:
        """End the span under way, and all of it that lies after `end_us`."""
        self.kept.add(self.start_us, end_us, self.box, self.key)
        self.kept.cut(end_us)
