"""Our checks against python-stdnum's, over values drawn at random, right ones, and right ones with a place changed."""

import random
import string
from collections.abc import Callable
from importlib import import_module

import pytest

from sightglass_detect.checks import CHECKS
from sightglass_detect.checks.checksums import one_digit_repeated

# For a check: the module of stdnum, and a template of a value. 9 digit, A letter, D a day as YYMMDD, E one as DDMMYY,
# [..] one of these characters.
_CASES = {
    "aba_routing": ("us.rtn", "0[123456789]9999999"),
    "au_tfn": ("au.tfn", "999 999 999"),
    "be_national": ("be.nn", "D99999"),
    "br_cnpj": ("br.cnpj", "99.999.999/9999-99"),
    "br_cpf": ("br.cpf", "999.999.999-99"),
    "ca_sin": ("ca.sin", "999-999-999"),
    "ch_ahv": ("ch.ssn", "756.9999.9999.99"),
    "cn_resident": ("cn.ric", "11010519D999[0123456789X]"),
    "de_tax_id": ("de.idnr", "99 999 999 999"),
    "dk_cpr": ("dk.cpr", "E-9999"),
    "es_nif": ("es.nif", "99999999A"),
    "fi_hetu": ("fi.hetu", "E[-+ABCDEFYXWVU]999[0123456789ABCDEFHJKLMNPRSTUVWXY]"),
    "fr_nir": ("fr.nir", "[12]99[01][12]9999999999"),
    "iban": ("iban", "[D][E]99999999999999999999"),
    "in_aadhaar": ("in_.aadhaar", "9999 9999 9999"),
    "in_pan": ("in_.pan", "AAAAA9999A"),
    "it_codice_fiscale": ("it.codicefiscale", "AAAAAA99[ABCDEHLMPRST]99A999A"),
    "kr_rrn": ("kr.rrn", "D-[1256]999999"),
    "nl_bsn": ("nl.bsn", "999999999"),
    "payment_card": ("luhn", "4999999999999999"),
    "pl_pesel": ("pl.pesel", "D99999"),
    "pt_nif": ("pt.nif", "[12356789]99999999"),
    "se_personnummer": ("se.personnummer", "D-9999"),
    "tr_kimlik": ("tr.tckimlik", "99999999999"),
    "uk_nhs": ("gb.nhs", "999 999 9999"),
    "us_ein": ("us.ein", "99-9999999"),
    "us_itin": ("us.itin", "999-[78]9-9999"),
    "us_ssn": ("us.ssn", "999-99-9999"),
    "za_id": ("za.idnr", "D9999999"),
}


# Where the two are not the same on purpose, by the value and its digits.
_DIFFERS: dict[str, Callable[[str, str], bool]] = {
    "be_national": lambda _, d: d[4:6] > "28" or d[:2] > "26",  # theirs takes any day, and knows no future
    "cn_resident": lambda v, _: not v.startswith("11010519"),  # theirs knows places, and takes the year 1206
    "de_tax_id": lambda _, d: any(c * 3 in d[:10] for c in d),  # BZSt: not three in a row; theirs lets them
    "dk_cpr": lambda _, d: d[4:6] < "58" or d.endswith("0000"),  # theirs reads the century, and knows no future
    "fr_nir": lambda _, d: "000" in {d[7:10], d[10:13]},  # no place and no order is 000; theirs lets them
    "it_codice_fiscale": lambda v, _: v[9:11] > "71",  # theirs takes any day mod 40
    "kr_rrn": lambda _, d: d[7:9] > "96" or one_digit_repeated(d[7:].encode()),  # theirs asks for a known place
    "us_itin": lambda _, d: d[3] in "56",  # theirs does not know the groups of 2011 and later
    "us_ssn": lambda _, d: d in {"078051120", "219099999", "457555462"},  # of adverts: theirs refuses, ours tells
    "za_id": lambda _, d: d[10] == "2",  # refugees, whom theirs does not know
}


def _differs(name: str, value: str) -> bool:
    digits = "".join(filter(str.isdigit, value))
    rule = _DIFFERS.get(name)
    return one_digit_repeated(digits.encode()) or (rule is not None and rule(value, digits))


def _drawn(rng: random.Random, template: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(template):
        c, at = template[at], at + 1
        if c == "[":
            end = template.index("]", at)
            out.append(rng.choice(template[at:end]))
            at = end + 1
        elif c in "DE":
            day = (rng.randrange(100), rng.randint(1, 12), rng.randint(1, 31))
            out.append("{:02}{:02}{:02}".format(*(day if c == "D" else day[::-1])))
        else:
            out.append(rng.choice({"9": string.digits, "A": string.ascii_uppercase}.get(c, c)))
    return "".join(out)


def _changed(rng: random.Random, value: str) -> str:
    at = rng.choice([i for i, c in enumerate(value) if c.isalnum()])
    kind = string.digits if value[at].isdigit() else string.ascii_uppercase
    return value[:at] + rng.choice(kind) + value[at + 1 :]


def _values(name: str, ours: Callable[[bytes], bool], template: str) -> list[str]:
    """300 drawn, and up to 100 right ones with as many of which a place is changed."""
    rng = random.Random(name)
    drawn = [_drawn(rng, template) for _ in range(8_000)]
    right = [value for value in drawn if ours(value.encode())][:100]
    return [*drawn[:300], *right, *(_changed(rng, value) for value in right)]


@pytest.mark.parametrize("name", _CASES)
def test_a_check_and_stdnum_say_the_same(name: str) -> None:
    module, template = _CASES[name]
    ours, theirs = CHECKS[name], import_module(f"stdnum.{module}").is_valid
    values = [value for value in _values(name, ours, template) if not _differs(name, value)]
    assert sum(ours(value.encode()) for value in values) >= 5, "hardly a right one was drawn"
    odd = [value for value in values if ours(value.encode()) != theirs(value)]
    assert not odd, odd[:5]
