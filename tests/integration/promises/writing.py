"""The forms in which a value may be written, and the documents of each format that it may stand in."""

import base64
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from html import escape
from typing import Final
from urllib.parse import quote

from tests.integration.promises.canaries import Canary, is_flagged
from tests.unit.scanner.readers.documents import docx, pdf, pptx, xlsx
from tests.unit.scanner.readers.packing import zipped

_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "full-width": lambda value: value.translate(_WIDE),
    "zero-width": "\u200b".join,
    "soft hyphen": lambda value: value[:3] + "\u00ad" + value[3:],
    "spaced": lambda value: " ".join(value[i : i + 3] for i in range(0, len(value), 3)),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "url": lambda value: quote(value, safe=""),
    "hex": lambda value: value.encode().hex(),
    "two lines": lambda value: value[: len(value) // 2] + "\n" + value[len(value) // 2 :],
}
_WORDS: Final = ("pump", "hall", "upper", "river", "stone", "quiet", "meadow", "lantern", "harbour", "copper", "cellar")


@dataclass(frozen=True, slots=True)
class Planted:
    """A canary as it is written. text: the words around it too."""

    canary: Canary
    form: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A document. planted: what is in it; name: what it is called."""

    name: str
    content_type: str
    body: bytes
    planted: Sequence[Planted]


def written(canary: Canary, form: str) -> Planted | None:
    """A canary in a form; None where the engine does not find all of it in that form, so that nothing is promised."""
    value = FORMS[form](canary.value)
    one = replace(canary, value=value)
    return Planted(canary, form, one.text) if is_flagged(one.text, value) else None


def filler(rng: random.Random, chars: int) -> str:
    """Words of about so many characters, without anything sensitive."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < chars:
        words.append(rng.choice(_WORDS))
    return " ".join(words)


def files(rng: random.Random, planted: Sequence[Planted], each: int) -> list[File]:
    """Documents of all formats in turn, with some of what is planted in each."""
    makers = list(_MAKERS.items())
    found: list[File] = []
    rest = list(planted)
    while rest:
        name, make = makers[len(found) % len(makers)]
        some, rest = _fitting(rest, each, lines=name in _OF_LINES)
        body = make(rng, [one.text for one in some])
        found.append(File(f"{len(found)}.{name}", "application/octet-stream", body, some))
    return found


def _fitting(rest: Sequence[Planted], most: int, *, lines: bool) -> tuple[list[Planted], list[Planted]]:
    """The first of what may stand in a file, and what is left. lines: whether each is in one line there."""
    taken = [one for one in rest if not lines or (one.text.isascii() and "\n" not in one.text)][:most]
    if not taken:
        return list(rest[:most]), list(rest[most:])
    chosen = {id(one) for one in taken}
    return taken, [one for one in rest if id(one) not in chosen]


def _txt(rng: random.Random, texts: Sequence[str]) -> bytes:
    """Each at another distance from the place where a passage, and a segment, is cut."""
    parts = [f"{filler(rng, rng.randrange(300, 1100))}.\n\n{text}\n\n" for text in texts]
    return "".join(parts).encode()


def _borders(rng: random.Random, texts: Sequence[str]) -> bytes:
    """One line, so that cuts come where words end, in the middle of what stands there."""
    return " ".join(f"{filler(rng, rng.randrange(700, 1300))} {text}" for text in texts).encode()


def _md(rng: random.Random, texts: Sequence[str]) -> bytes:
    return "\n\n".join(f"# {filler(rng, 20)}\n\n- {text}\n\n{filler(rng, 90)}." for text in texts).encode()


def _html(rng: random.Random, texts: Sequence[str]) -> bytes:
    body = "".join(f"<h2>{filler(rng, 20)}</h2><p>{escape(text)}</p>" for text in texts)
    return f"<html><head><meta charset='utf-8'></head><body>{body}</body></html>".encode()


def _pdf(rng: random.Random, texts: Sequence[str]) -> bytes:
    def shown(text: str) -> str:
        return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")

    return pdf([[filler(rng, 40), *map(shown, texts[i : i + 8])] for i in range(0, len(texts), 8)])


def _docx(rng: random.Random, texts: Sequence[str]) -> bytes:
    """Each in two runs, as spelling and formatting part them."""
    return docx([[text[: len(text) // 2], text[len(text) // 2 :]] for text in [filler(rng, 40), *texts]])


def _pptx(_: random.Random, texts: Sequence[str]) -> bytes:
    return pptx([[escape(text)] for text in texts])


def _xlsx(rng: random.Random, texts: Sequence[str]) -> bytes:
    cells: dict[str, str | float] = {}
    for row, text in enumerate(texts, 2):
        cells |= {f"A{row}": filler(rng, 12), f"B{row}": text}
    return xlsx({"S": cells})


def _csv(rng: random.Random, texts: Sequence[str]) -> bytes:
    rows = [f'{n},{filler(rng, 12)},"{text.replace(chr(34), chr(34) * 2)}"' for n, text in enumerate(texts)]
    return "\n".join(["number,what,note", *rows]).encode()


def _eml(rng: random.Random, texts: Sequence[str]) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "pumps@example.com", texts[0]
    message.set_content("\n\n".join([filler(rng, 60), *texts[1:], texts[0]]))
    return bytes(message)


def _zip(rng: random.Random, texts: Sequence[str]) -> bytes:
    members = {f"{n}.txt": f"{filler(rng, 30)}\n\n{text}".encode() for n, text in enumerate(texts)}
    return zipped({**members, "more.zip": zipped({"deep.txt": texts[0].encode()})})


def _json(rng: random.Random, texts: Sequence[str]) -> bytes:
    return json.dumps([{"what": filler(rng, 12), "note": text} for text in texts], indent=1).encode()


def _jsonl(rng: random.Random, texts: Sequence[str]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in _records(rng, texts))


def _records(rng: random.Random, texts: Sequence[str]) -> Iterable[object]:
    """In each part of a record: the text, the title, values and keys of metadata; and in an id."""
    for number, text in enumerate(texts):
        record = {"id": f"r{rng.randrange(1 << 40)}", "title": "a title", "text": filler(rng, 40)}
        match number % 5:
            case 0:
                yield record | {"text": f"{filler(rng, 60)}\n{text}"}
            case 1:
                yield record | {"title": text}
            case 2:
                yield record | {"metadata": {"note": [text, {"deep": text}]}}
            case 3:
                yield record | {"metadata": {text: "as a key"}}
            case _:
                yield record | {"id": text}


_MAKERS: Final[Mapping[str, Callable[[random.Random, Sequence[str]], bytes]]] = {
    "txt": _txt, "md": _md, "html": _html, "pdf": _pdf, "docx": _docx, "pptx": _pptx, "xlsx": _xlsx, "csv": _csv,
    "eml": _eml, "zip": _zip, "json": _json, "jsonl": _jsonl, "log": _borders,
}  # fmt: skip
# In these an end of a line, or a sign that is not ASCII, would be written in another way than it is meant.
_OF_LINES: Final = frozenset({"pdf", "docx", "pptx", "eml", "md"})
