"""Where in an object something stands, so exactly that a person finds it by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self


class PlaceKind(StrEnum):
    """What a place is counted in."""

    TEXT = "text"
    CELL = "cell"
    PAGE = "page"
    PARAGRAPH = "paragraph"
    HEADER = "header"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Locator:
    """A place in an object; what does not apply is None. All numbers but offsets begin at 1.

    offset, length: bytes, in the object or in the member of an archive that `member` names, as they are stored there;
        None where no byte of the object is the text (a compressed page of a PDF).
    line, column: of text; columns are characters. With `page`: of the text of that page, with `part` of that part.
    sheet, cell: of a workbook, as "B7". row, field: of a table; row counts the header's row of a CSV as 1, field is the
        column's header, or its letter. table: of a database, then row is the rowid.
    path: JSON path, as `$.users[3].ssn`.
    page: of a document. paragraph: of a part of an office document, then part is its name there.
    part, header: of an e-mail: the index of the MIME part in order of appearance, the name of a header of it.
    member: of an archive or an attachment; nested: `b.tar!/c.txt`.
    """

    kind: PlaceKind
    offset: int | None = None
    length: int | None = None
    line: int | None = None
    column: int | None = None
    sheet: str | None = None
    table: str | None = None
    row: int | None = None
    cell: str | None = None
    field: str | None = None
    path: str | None = None
    page: int | None = None
    paragraph: int | None = None
    part: str | None = None
    header: str | None = None
    member: str | None = None

    def as_json(self) -> dict[str, str | int]:
        """What is known of the place, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The place that as_json() gave this of. Raises ValueError, TypeError."""
        others: dict[str, Any] = {name: value for name, value in values.items() if name != "kind"}
        return cls(PlaceKind(values["kind"]), **others)
