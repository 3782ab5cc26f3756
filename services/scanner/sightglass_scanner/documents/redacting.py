"""What stands in a document's texts for the values that were flagged in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sightglass_detect import Finding, Redacted, Redactor, Settings, Severity, redact
from sightglass_detect.offsets import in_characters
from sightglass_scanner.documents.seeking import add_each
from sightglass_scanner.documents.stretches import Place, Span
from sightglass_scanner.documents.values import FlaggedValues, whole_characters
from sightglass_scanner.masking import storable

# Of names in places; as findings have them.
_MOST_NAME_CHARS: Final = 512


class Redaction:
    """Of one document: its values, and their tokens, which are the same in all of its texts.

    Every text is looked through before any is redacted: a value that is flagged in one is replaced in all.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.values = FlaggedValues()
        self.replaced = 0
        self._redactor = Redactor()
        self._looked: set[str] = set()
        self._names: dict[str, str] = {}

    def look(self, texts: Iterable[str]) -> None:
        """Look through short texts: names, titles. They must be storable."""
        new = {text: None for text in texts if text and text not in self._looked}
        self._looked.update(new)
        add_each([(text.encode(), self.values) for text in new], self.settings)

    def look_at_names(self, places: Sequence[Place]) -> None:
        """Look through what places name: sheets, columns, members, paths."""
        self.look(storable(part) for place in places for part in place.values() if isinstance(part, str))

    def text(self, text: str) -> Redacted:
        """A short text, redacted. It must be storable."""
        data = text.encode()
        return self.bytes(data, whole_characters(data, self.values.places(data)))

    def bytes(self, data: bytes, spans: Sequence[Span]) -> Redacted:
        """Text as UTF-8, redacted at its spans."""
        if not spans:
            return redact(data.decode("utf-8", "replace"), ())
        findings = [Finding(start, end, detector, 1.0, Severity.HIGH) for start, end, detector in spans]
        self.replaced += len(findings)
        return self._redactor.redact(data.decode(), in_characters(findings, data))

    def place(self, place: Place) -> Mapping[str, str | int]:
        """A place, with its names redacted."""
        return {key: self._name(part) if isinstance(part, str) else part for key, part in place.items()}

    def _name(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = str(self.text(storable(name)))[:_MOST_NAME_CHARS]
        return known
