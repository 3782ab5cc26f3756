"""Passports and the machine-readable zone (ICAO 9303)."""

from sightglass_detect.checks.checksums import mrz_digit, one_digit_repeated


def mrz(value: bytes) -> bool:
    """Two lines of 44 or 36 characters, three of 30, or the last of the two: each check digit that the kind has."""
    lines = value.split()
    if [len(line) for line in lines] == [30, 30, 30]:
        return _td1(lines[0], lines[1])
    if len(lines) == 2 and len(lines[0]) != len(lines[1]):
        return False
    line = lines[-1]
    return len(lines) <= 2 and len(line) in {36, 44} and _last_line(line)


def _right(field: bytes, digit: int) -> bool:
    # An optional field that is empty may have `<` in place of 0 as its digit.
    return mrz_digit(field) == (0 if digit == 60 and not field.strip(b"<") else digit - 48)


def _last_line(line: bytes) -> bool:
    fields = _right(line[:9], line[9]) and _right(line[13:19], line[19]) and _right(line[21:27], line[27])
    composite = line[:10] + line[13:20] + line[21:-1]
    optional = len(line) == 36 or _right(line[28:42], line[42])
    return fields and optional and mrz_digit(composite) == line[-1] - 48


def _td1(first: bytes, second: bytes) -> bool:
    # A number longer than nine goes on in the optional field, its digit behind it: then only the composite tells.
    number = first[14] == 60 or _right(first[5:14], first[14])
    days = _right(second[:6], second[6]) and _right(second[8:14], second[14])
    composite = first[5:30] + second[:7] + second[8:15] + second[18:29]
    return number and days and mrz_digit(composite) == second[29] - 48


def passport_number(value: bytes) -> bool:
    """Five digits or more, and not one repeated: no rule is common to the countries."""
    digits = bytes(c for c in value if 48 <= c <= 57)
    return len(digits) >= 4 and not one_digit_repeated(digits)
