"""Bank accounts: IBAN (ISO 13616), BIC (ISO 9362), ABA routing numbers."""

from typing import Final

from sightglass_detect.checks.checksums import bare, digits_of, mod_97, one_digit_repeated, weighted

# SWIFT's IBAN registry, release 99: the length for each country. Its list of countries that only mean to take part
# (Algeria, Angola and others of Africa) is left out.
_IBAN_LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}

# ISO 3166-1, and XK for Kosovo, which SWIFT gives out.
_ISO_3166: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
_COUNTRIES: Final = frozenset(_ISO_3166.split())


def iban(value: bytes) -> bool:
    """The country's length, and mod 97 with the first four characters put last."""
    text = bare(value)
    if len(text) != _IBAN_LENGTHS.get(text[:2].decode()) or not b"02" <= text[2:4] <= b"98":
        return False
    return text[4:].strip(b"0") != b"" and mod_97(text[4:] + text[:4]) == 1


def bic(value: bytes) -> bool:
    """A country in the fifth and sixth place, and no location that ISO 9362 keeps free."""
    return value[4:6].decode() in _COUNTRIES and value[6:7] not in b"01" and value[7:8] != b"O"


def aba_routing(value: bytes) -> bool:
    """A Federal Reserve district (or thrift, electronic, government, cheque), and the weights 3, 7, 1."""
    digits = digits_of(value)
    district = int(digits[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and not one_digit_repeated(digits) and weighted(digits, (3, 7, 1) * 3) % 10 == 0


def account_number(value: bytes) -> bool:
    """Anything but one digit repeated: an account number of the USA has no checksum that all banks share."""
    return not one_digit_repeated(digits_of(value))
