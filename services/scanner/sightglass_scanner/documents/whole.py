"""One document of all that is read of an object: looked through as a whole, then redacted and cut into passages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sightglass_detect import Redacted, Settings
from sightglass_scanner.documents.addresses import address, names
from sightglass_scanner.documents.cutting import parts
from sightglass_scanner.documents.redacting import Redaction
from sightglass_scanner.documents.seeking import Seeker
from sightglass_scanner.documents.stretches import Stretch
from sightglass_scanner.masking import storable
from sightglass_scanner.readers.reading import Ended, Handed, Piece, Skipped, Text

# A document with more is a table of secrets, and no text that a question could be answered from.
_MOST_VALUES: Final = 250_000
_MOST_DETAIL_CHARS: Final = 500


class Unfit(Exception):
    """A document is not taken. reason: a code, as that of `document`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document. place: of its beginning in the object, its names redacted."""

    text: Redacted
    place: Mapping[str, object]


class Whole:
    """Takes all pieces of an object, and gives its passages when there are no more.

    title: the object's name. most_chars: more text makes it Unfit.
    """

    def __init__(self, title: str, settings: Settings, most_chars: int) -> None:
        self.redaction = Redaction(settings)
        self._title = storable(title)
        self._most_chars = most_chars
        self._chars = 0
        self._stretches: list[Stretch] = []
        self._seeker: Seeker | None = None
        self._unread: dict[str, str] = {}

    def take(self, piece: Piece | Ended) -> None:
        """Take the next piece. Raises Unfit."""
        match piece:
            case Text():
                self._text(piece)
            case Skipped():
                member = piece.place.member if piece.place else None
                self._unread.setdefault(str(piece.reason), ": ".join(filter(None, (member, piece.detail))))
            case Handed():
                self._unread.setdefault(str(piece.kind), piece.member or "")
            case Ended():
                self._end()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something of it was not read."""
        return tuple(self._unread)

    def finish(self) -> None:
        """There are no more pieces."""
        self._end()
        # An ending may make a value look like none: `ann@example.com.txt`.
        stem = self._title.rpartition(".")[0]
        self.redaction.look([self._title, stem, *map(storable, self._unread.values())])

    def title(self) -> Redacted:
        """Its name, redacted."""
        return self.redaction.text(self._title)

    def address(self, bucket: str, key: str) -> str:
        """Where its object is, redacted as all of it is. Called before its passages are asked for."""
        self.redaction.look(names(key))
        return address(bucket, key, self.redaction)

    def detail(self) -> str:
        """What of it was not read, redacted."""
        told = (f"{reason}: {detail}" if detail else reason for reason, detail in self._unread.items())
        return str(self.redaction.text(storable("; ".join(told))))[:_MOST_DETAIL_CHARS]

    def passages(self) -> Iterator[Passage]:
        """What it says, once it is finished. What was given is not held any more."""
        for number, stretch in enumerate(self._stretches):
            for raw in stretch.passages(self.redaction.values):
                place = self.redaction.place(raw.place)
                for text in parts(self.redaction.bytes(raw.data, raw.spans)):
                    yield Passage(text, place)
            self._stretches[number] = Stretch()

    def _text(self, text: Text) -> None:
        text = _valid(text)
        self._chars += len(text.data) if text.data.isascii() else len(text.data.decode())
        if self._chars > self._most_chars:
            raise Unfit("too_large")
        if self._seeker is None or text.offset == 0:
            self._end()
            self._stretches.append(Stretch())
            self._seeker = Seeker(self.redaction.settings, self.redaction.values, text.labels)
        self._seeker.take(text)
        self.redaction.look_at_names(self._stretches[-1].take(text))
        if len(self.redaction.values) > _MOST_VALUES:
            raise Unfit("too_many_findings")

    def _end(self) -> None:
        """End the stretch, while the places of it can still be asked for."""
        if self._seeker is not None:
            self._seeker.finish()
            self._seeker = None
            self.redaction.look_at_names(self._stretches[-1].end())


def _valid(text: Text) -> Text:
    """The text, with a sign in place of what is no UTF-8: its reader took it from a file that says it is."""
    try:
        text.data.decode()
    except UnicodeDecodeError:
        return replace(text, data=text.data.decode("utf-8", "replace").encode())
    return text
