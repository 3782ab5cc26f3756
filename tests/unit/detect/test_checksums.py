"""The primitives, against the examples of their standards."""

import hashlib

import pytest

from sightglass_detect.checks import checksums
from sightglass_detect.checks.keccak import keccak_256


def test_luhn_takes_the_example_of_the_standard_and_no_digit_changed() -> None:
    assert checksums.luhn(b"79927398713")
    assert [n for n in range(10) if checksums.luhn(b"7992739871%d" % n)] == [3]
    assert not checksums.luhn(b"7992739871x")


def test_verhoeff_sees_each_digit_changed_and_each_two_swapped() -> None:
    right = b"7759494619414"[:12]
    right = next(right[:11] + b"%d" % n for n in range(10) if checksums.verhoeff(right[:11] + b"%d" % n))
    swapped = [right[:i] + right[i + 1 : i + 2] + right[i : i + 1] + right[i + 2 :] for i in range(11)]
    changed = [right[:i] + b"%d" % n + right[i + 1 :] for i in range(12) for n in range(10)]
    assert not any(checksums.verhoeff(v) for v in (*swapped, *changed) if v != right)


@pytest.mark.parametrize(
    ("right", "takes"),
    [
        (b"86095742719", checksums.mod_11_10),
        (b"11010519491231002X", checksums.mod_11_2),
        (b"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", checksums.bech32),
        (b"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", checksums.bech32),
        (b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", checksums.eip55),
        (b"D1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb", checksums.eip55),
    ],
)
def test_a_value_of_a_standard_is_right_and_wrong_with_two_characters_swapped(right: bytes, takes: object) -> None:
    assert callable(takes)
    assert takes(right)
    at = next(i for i in range(3, len(right)) if right[i] != right[i - 1])
    assert not takes(right[: at - 1] + right[at : at + 1] + right[at - 1 : at] + right[at + 1 :])


def test_mod_97_of_an_iban_turned_round_is_one() -> None:
    assert checksums.mod_97(b"NWBK60161331926819GB29") == 1


def test_the_digits_of_a_passport_are_those_of_icao_9303() -> None:
    assert [checksums.mrz_digit(field) for field in (b"L898902C3", b"740812", b"120415", b"ZE184226B<<<<<")] == [
        6,
        2,
        9,
        1,
    ]


def test_base58check_gives_what_an_address_holds() -> None:
    body = checksums.base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    assert body is not None
    assert body.hex() == "0062e907b15cbf27d5425399ebf6f0fb50ebb88f18"
    assert checksums.base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb") is None
    assert checksums.base58check(b"11A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa") is None


def test_the_sum_of_npm_is_that_of_the_token_in_its_announcement() -> None:
    # A dummy that stands in secretlint's issue 200.
    assert checksums.crc32_base62(b"qkJaB6MffYVzZXWqmcoF49yrUxP3wf") == b"0LsakP"
    assert checksums.crc32_base62(b"") == b"000000"


def test_keccak_is_not_sha3_and_takes_messages_of_more_than_a_block() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert keccak_256(b"abc") != hashlib.sha3_256(b"abc").digest()
    assert len({keccak_256(b"a" * n) for n in (135, 136, 137, 272)}) == 4
