"""What was said in a conversation, as Markdown that leads nowhere and shows no picture but words. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

from sightglass_api.conversations.schemas import Citation, Conversation, Turn

# All that begins something in the midst of a line: emphasis, code, links, pictures, tags, entities, tables, formulas.
_SIGNS: Final = re.compile(r"[\\`*_\[\]<>&~|$#]")
# What some renderers make links of by themselves.
_ADDRESS: Final = re.compile(r"(?<=\w)(:)(?=//)|(?<=\bwww)(\.)|(?<=\w)(@)(?=\w)", re.IGNORECASE)
# What begins a heading, a list, a quotation or a line across the page.
_BEGIN: Final = re.compile(r"^(\d{0,9})([-+=.):])")
_PLACES: Final = ("member", "sheet", "table", "page", "cell", "paragraph", "row", "field", "line", "path", "header")
_US: Final = 1_000_000


def head(conversation: Conversation) -> str:
    """What stands before all turns."""
    title = plain(" ".join(conversation.title.split())) or "Conversation"
    return f"# {title}\n\n{_moment(conversation.created_at)}\n"


def turn(one: Turn) -> str:
    """A question, its answer, and where that stands."""
    return "".join(_parts(one))


def plain(text: str) -> str:
    """A text as Markdown that shows it, sign by sign, in one paragraph; its lines stay lines."""
    lines = [_line(line.strip()) for line in text.splitlines()]
    return "  \n".join(line for line in lines if line)


def place_of(citation: Citation) -> str:
    """Where it stands, in words; empty where nothing is known."""
    if citation.start_us is not None and citation.end_us is not None:
        return f"{_clock(citation.start_us)}-{_clock(citation.end_us)}"
    known = {name: citation.locator[name] for name in _PLACES if citation.locator.get(name) is not None}
    return ", ".join(f"{name} {_told(value)}" for name, value in known.items())


def _parts(one: Turn) -> Iterator[str]:
    yield f"\n---\n\n{_quoted(one.question)}\n\n"
    if one.answer is not None:
        yield f"{plain(one.answer)}\n"
    else:
        yield f"_{'The answer was withheld.' if one.status == 'done' else f'No answer: {one.status}.'}_\n"
    for citation in one.citations:
        if isinstance(citation, Citation):
            name = ", ".join(filter(None, (citation.title or citation.document_ref or "", place_of(citation))))
            yield f"\n{plain(f'[{citation.n}] {name}')}\n\n{_quoted(citation.snippet)}\n"
        else:
            yield f"\n{plain(f'[{citation.n}]')} _deleted_\n"


def _quoted(text: str) -> str:
    return "> " + plain(text).replace("\n", "\n> ")


def _line(line: str) -> str:
    line = _SIGNS.sub(r"\\\g<0>", line)
    line = _ADDRESS.sub(r"\\\g<0>", line)
    return _BEGIN.sub(r"\1\\\2", line)


def _told(value: object) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    ends = cast("Mapping[str, Any]", value)
    return f"{ends.get('from')}-{ends.get('to')}"


def _clock(us: int) -> str:
    """12 seconds as "0:12", and from an hour on "1:00:12"."""
    minutes, seconds = divmod(us // _US, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
