"""Addresses of Bitcoin and Ethereum."""

from sightglass_detect.checks import checksums


def bitcoin(value: bytes) -> bool:
    """Base58Check of the main network (versions 0 and 5), or Bech32 with `bc` before it."""
    if value[:3].lower() == b"bc1":
        return checksums.bech32(value)
    return checksums.base58check(value) is not None


def ethereum(value: bytes) -> bool:
    """0x and 40 hex digits of both cases, the cases being the checksum."""
    address = value[2:]
    return address not in (address.lower(), address.upper()) and checksums.eip55(address)


def ethereum_of_one_case(value: bytes) -> bool:
    """0x and 40 hex digits of one case: nothing to check but that it is no constant of zeros and ones."""
    address = value[2:]
    return address in (address.lower(), address.upper()) and len(set(address.lower())) >= 8
