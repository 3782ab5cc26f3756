"""Text to the numbers of its tokens, and to where these stand."""

import re
from typing import Any, Final

# Half a character, as broken text has it: the tokenizer takes none.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FIRST: Final = "[CLS]"
_LAST: Final = "[SEP]"


class WordPieces:
    """tokenizer: the bytes of tokenizer.json. Any number of threads may ask at a time."""

    def __init__(self, tokenizer: bytes) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 - importing this module opens nothing

        self._tokenizer: Any = Tokenizer.from_str(tokenizer.decode())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # "[SEP]" in a text is those five characters, and says nothing to the model.
        self._tokenizer.encode_special_tokens = True
        self._ends: tuple[int, int] = (self._tokenizer.token_to_id(_FIRST), self._tokenizer.token_to_id(_LAST))

    def places(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each token, in characters. White space and control characters are in none."""
        return self._encoded(text).offsets

    def numbers(self, text: str, most: int) -> list[int]:
        """The tokens' numbers between the two that the model wants around them: `most` with these, no more."""
        first, last = self._ends
        return [first, *self._encoded(text).ids[: most - 2], last]

    def _encoded(self, text: str) -> Any:
        return self._tokenizer.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)
