"""What a client says was said before: as pairs of a question and its answer, no more than a model is told anyway."""

from collections.abc import Iterable
from typing import Final

from sightglass_api.openai.schemas import Message

_MOST_PAIRS: Final = 20
# Many times what goes to a model by default.
_MOST_CHARS: Final = 40_000


def pairs(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """Questions with their answers, in their order; of more than there is room for, the last ones.

    messages: those before the question. What is said twice in a row is one text. What is neither the user's nor an
    assistant's is left out, as is what was not answered, and what answers nothing.
    """
    found: list[tuple[list[str], list[str]]] = [([], [])]
    for message in messages:
        text = message.text.strip()
        asked, answered = found[-1]
        if message.role == "user" and text:
            if answered:
                found.append(([text], []))
            else:
                asked.append(text)
        elif message.role == "assistant" and text and asked:
            answered.append(text)
    whole = [("\n".join(asked), "\n".join(answered)) for asked, answered in found if answered]
    return _newest(whole)


def _newest(whole: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    room = _MOST_CHARS
    for question, answer in reversed(whole[-_MOST_PAIRS:]):
        room -= len(question) + len(answer)
        if room < 0:
            break
        kept.append((question, answer))
    return kept[::-1]
