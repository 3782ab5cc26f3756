"""Entries of a family file, read with care."""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn


class BrokenCatalogue(ValueError):
    """A family file says what a detector cannot be."""


class Entry(dict[str, Any]):
    """A table of a family file. where: what it is, for messages. Lists come out as tuples."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        super().__init__({key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})  # pyright: ignore[reportUnknownArgumentType]
        self.where = where

    def known(self, types: Mapping[str, type | tuple[type, ...]], needs: Iterable[str] = ()) -> "Entry":
        """Itself, when it has all that is needed, and nothing but fields of `types`. Raises BrokenCatalogue."""
        for field in needs:
            if field not in self:
                self.refuse(field, "it is missing")
        for field, value in self.items():
            if field not in types:
                self.refuse(field, "there is no such field")
            if not isinstance(list(value) if isinstance(value, tuple) else value, types[field]):  # pyright: ignore[reportUnknownArgumentType]
                self.refuse(field, f"{value!r} is of the wrong type")
        return self

    def one_of(self, field: str, choices: Iterable[Any]) -> Any:
        """The choice that a field names. Raises BrokenCatalogue."""
        named = {str(choice): choice for choice in choices}
        if self.get(field) not in named:
            self.refuse(field, f"{self.get(field)!r} is none of {', '.join(named)}")
        return named[self[field]]

    def refuse(self, field: str, why: str) -> NoReturn:
        """Raise BrokenCatalogue."""
        message = f"{self.where}: {field}: {why}."
        raise BrokenCatalogue(message)
