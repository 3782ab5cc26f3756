"""What may be told of an answer that a model has written: no link, no picture, no citation of what was not given."""

import re
import unicodedata
from typing import Final

# Up to what cannot be part of an address, or ends one in Markdown.
_ADDRESS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|\bwww\.)[!#-;=?-Z\\^-~]*")
_CITED: Final = re.compile(r"[ \t]*\[([0-9]{1,3}(?:[ \t]?,[ \t]?[0-9]{1,3}){0,9})\]")
# What makes `[text](address)`, `[text][name]` and `[name]: address` links, and with `!` pictures.
_JOINT: Final = re.compile(r"\](?=[(\[:])")
# What begins a tag, a comment or an address in HTML and Markdown.
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_LINK: Final = "[link]"
_KEPT: Final = "\n\t"


def visible(text: str) -> str:
    """A text without what is not seen: control and format characters, and what no encoding has."""
    return "".join(sign for sign in text if sign in _KEPT or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co"})


def cleaned(text: str, sources: int) -> str:
    """A text in which nothing leads anywhere but the citations `[1]` to `[sources]`."""
    # Citations first: one that is dropped may have stood in an address.
    text = _CITED.sub(lambda found: _kept(found, sources), text)
    text = _ADDRESS.sub(_LINK, text)
    return _TAG.sub("< ", _JOINT.sub("] ", text))


def cited(text: str, sources: int) -> list[int]:
    """The sources that a text cites, each once, in their order."""
    found = {int(number) for group in _CITED.findall(text) for number in group.split(",")}
    return sorted(number for number in found if 1 <= number <= sources)


def _kept(found: re.Match[str], sources: int) -> str:
    numbers = [int(number) for number in found[1].split(",")]
    kept = [f"[{number}]" for number in numbers if 1 <= number <= sources]
    space = " " if found[0][0] in " \t" else ""
    return space + " ".join(kept) if kept else ""
