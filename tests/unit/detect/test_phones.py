"""Telephone numbers as phonenumbers writes them, for countries that write them in their own ways."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from sightglass_detect import Settings, scan

_REGIONS = ["US", "CA", "GB", "DE", "FR", "IT", "ES", "NL", "IN", "AU", "BR", "CH", "AT", "BE", "SE", "IE", "JP", "ZA"]
# Groups that tell nothing without a word: eight digits in pairs or fours, or ten with no rule for the first.
_PLAIN = ["PL", "PT", "MX", "SG", "DK", "NO"]
_PHONES = Settings(detectors=frozenset({"phone"}))


def _numbers(region: str) -> list[phonenumbers.PhoneNumber]:
    rng, found = random.Random(region), list[phonenumbers.PhoneNumber]()
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        example = phonenumbers.example_number_for_type(region, kind)
        assert example is not None
        start = phonenumbers.format_number(example, PhoneNumberFormat.E164)[:-4]
        drawn = [phonenumbers.parse(f"{start}{rng.randrange(10_000):04}") for _ in range(20)]
        found += [number for number in drawn if phonenumbers.is_valid_number(number)]
    assert len(found) >= 20
    return found


def _missed(region: str, form: int, text: str) -> list[str]:
    before = len(text.partition("{}")[0])
    written = [phonenumbers.format_number(number, form) for number in _numbers(region)]
    return [
        number
        for number in written
        if (before, before + len(number)) not in {(f.start, f.end) for f in scan(text.format(number), settings=_PHONES)}
    ]


@pytest.mark.parametrize("region", [*_REGIONS, *_PLAIN])
@pytest.mark.parametrize("form", [PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164])
def test_a_number_with_its_country_is_found_without_a_word(region: str, form: int) -> None:
    assert not _missed(region, form, "they wrote {} on it")


@pytest.mark.parametrize("region", _REGIONS)
def test_a_number_in_the_groups_of_its_country_is_found_without_a_word(region: str) -> None:
    assert not _missed(region, PhoneNumberFormat.NATIONAL, "they wrote {} on it")


@pytest.mark.parametrize("region", _PLAIN)
def test_a_number_in_groups_that_tell_nothing_is_found_beside_a_word(region: str) -> None:
    assert not _missed(region, PhoneNumberFormat.NATIONAL, "phone number: {}")


@pytest.mark.parametrize("region", [*_REGIONS, *_PLAIN])
def test_a_number_in_one_row_without_a_zero_before_it_is_found_beside_a_word_only(region: str) -> None:
    written = [phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) for number in _numbers(region)]
    rows = ["".join(filter(str.isdigit, number)) for number in written]
    assert all(scan(f"mobile: {row}", settings=_PHONES) for row in rows)
    assert not any(scan(f"seen: {row}", settings=_PHONES) for row in rows if row[0] != "0")
