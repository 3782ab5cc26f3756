"""E-mail, phones, addresses of devices, dates of birth."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address
from typing import Final

from sightglass_detect.checks.days import is_day

# What stands last in the name of an image at twice the size (logo@2x.png) or of a package's file, or in that of a host
# that mail does not reach (RFC 6762, RFC 6761, and what networks use inside).
_NO_DOMAINS: Final = frozenset(
    (
        b"png jpg jpeg gif svg webp avif ico bmp tiff pdf js mjs jsx ts tsx css scss less map json yaml yml xml html"
        b" htm md txt py pyc go rs rb java class so dll exe zip tgz gz local localhost localdomain internal invalid lan"
    ).split()
)
# RFC 5737: addresses of documentation stand for public ones.
_DOCUMENTATION: Final = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))
# Addresses of groups: IPv4 and IPv6 multicast (RFC 1112, RFC 2464), bridges (IEEE 802.1D).
_GROUPS: Final = (b"01005e", b"3333", b"0180c2")
_MONTHS: Final = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")


def email(value: bytes) -> bool:
    """Dots and hyphens only where RFC 5321 has them, a domain that mail can reach, and not `git@`."""
    local, _, domain = value.rpartition(b"@")
    if not 1 <= len(local) <= 64 or len(domain) > 253 or local == b"git":
        return False
    if local[:1] == b"." or local[-1:] == b"." or b".." in value:
        return False
    labels = domain.lower().split(b".")
    return labels[-1] not in _NO_DOMAINS and not any(part[:1] == b"-" or part[-1:] == b"-" for part in labels)


def public_ip(value: bytes) -> bool:
    """An IPv4 or IPv6 address that is routed in the public net, or stands for one in documentation."""
    return _public_ipv6(value) if b":" in value else _public_ipv4(value)


def _public_ipv4(value: bytes) -> bool:
    try:
        address = IPv4Address(value.decode())
    except AddressValueError:
        return False
    if any(address in network for network in _DOCUMENTATION):
        return True
    return address.is_global and not address.is_multicast


def _public_ipv6(value: bytes) -> bool:
    text = value.decode()
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return False
    if sum(map(bool, text.split(":"))) < 3 or not any(c.isdigit() for c in text):
        return False  # `add::be` is an address, and C++
    return not (address.is_private and not text.lower().startswith("2001:db8:")) and not address.is_multicast


def mac_address(value: bytes) -> bool:
    """Six pairs (a longer row is a fingerprint), of one letter case, not of a group, and not a pattern of few digits.

    That the first byte is even is not asked for: addresses that software makes up often have it odd.
    """
    digits = bytes(c for c in value if c not in b":-.")
    if len(digits) != 12 or digits not in (digits.lower(), digits.upper()):
        return False
    return not digits.lower().startswith(_GROUPS) and len(set(digits)) >= 4


def date_of_birth(value: bytes) -> bool:
    """A day of the calendar between 1900 and 2039, in any order of day and month; the month may be a word."""
    if value.isdigit():
        return is_day(int(value[:4]), int(value[4:6]), int(value[6:]))
    parts = re.findall(rb"\d+|[a-z]{3,}", value.lower())
    month = next((_MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in _MONTHS), None)
    numbers = [int(part) for part in parts if part.isdigit()]
    year = max(numbers)
    numbers.remove(year)
    if month is not None:
        numbers.append(month)
    return 1900 <= year < 2040 and (is_day(year, *numbers) or is_day(year, *reversed(numbers)))
