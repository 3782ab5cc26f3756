"""How spreadsheets name cells."""


def column_letters(column: int) -> str:
    """The letters of a column, counted from 0: A to Z, AA to ZZ, and so on."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """The name of a cell such as B7. row: from 1; column: from 0."""
    return f"{column_letters(column)}{row}"
