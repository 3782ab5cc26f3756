"""National identifiers of the Americas."""


def us_ssn(value: bytes) -> bool:
    """Area, group and serial number that the Social Security Administration gives out.

    Source: SSA, "Social Security Number Randomization": no area 000, 666 or 900-999, no group 00, no serial 0000.
    """
    digits = value.replace(b"-", b"").replace(b" ", b"")
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {b"000", b"666"} and area < b"900" and group != b"00" and serial != b"0000"
