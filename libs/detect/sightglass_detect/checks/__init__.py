"""What can be verified of a value by itself: pure functions of the bytes as they stand, separators included.

A check may rely on the value having one of its detector's forms, and need not verify again what these say.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sightglass_detect.checks import (
    americas,
    asia_pacific,
    banks,
    cards,
    contact,
    europe_central,
    europe_north,
    europe_south,
    health,
    phones,
    secrets,
    tokens,
    travel,
    wallets,
)

Check = Callable[[bytes], bool]

CHECKS: Final[Mapping[str, Check]] = {
    check.__name__: check
    for check in (
        # credentials
        secrets.generic_secret,
        secrets.url_credentials,
        secrets.url_secret,
        tokens.aws_secret,
        tokens.azure_key,
        tokens.jwt,
        tokens.jwt_of_any,
        tokens.private_key,
        tokens.token_crc,
        # financial
        banks.aba_routing,
        banks.account_number,
        banks.bic,
        banks.iban,
        cards.card_track,
        cards.payment_card,
        cards.security_code,
        wallets.bitcoin,
        wallets.ethereum,
        wallets.ethereum_of_one_case,
        # contact
        contact.date_of_birth,
        contact.email,
        contact.mac_address,
        contact.public_ip,
        phones.phone_bare,
        phones.phone_international,
        phones.phone_north_america,
        phones.phone_regional,
        phones.phone_trunk,
        phones.phone_trunk_bare,
        travel.mrz,
        travel.passport_number,
        # national
        americas.br_cnpj,
        americas.br_cpf,
        americas.ca_sin,
        americas.us_ein,
        americas.us_itin,
        americas.us_ssn,
        asia_pacific.au_medicare,
        asia_pacific.au_tfn,
        asia_pacific.cn_resident,
        asia_pacific.in_aadhaar,
        asia_pacific.in_pan,
        asia_pacific.kr_rrn,
        asia_pacific.sg_nric,
        asia_pacific.za_id,
        europe_central.be_national,
        europe_central.ch_ahv,
        europe_central.de_id_card,
        europe_central.de_tax_id,
        europe_central.nl_bsn,
        europe_north.dk_cpr,
        europe_north.fi_hetu,
        europe_north.pl_pesel,
        europe_north.se_personnummer,
        europe_north.uk_nhs,
        europe_north.uk_nino,
        europe_south.es_nif,
        europe_south.fr_nir,
        europe_south.it_codice_fiscale,
        europe_south.pt_nif,
        europe_south.tr_kimlik,
        # health
        health.dea,
        health.npi,
        health.record_number,
    )
}

# What a value says beside being there, by detector; empty when it says nothing.
_DETAILS: Final[Mapping[str, Callable[[bytes], str]]] = {"aws-access-key-id": tokens.aws_account}


def detail_of(detector: str, value: bytes) -> str:
    """What is decoded of a value of a detector; empty for most."""
    decode = _DETAILS.get(detector)
    return decode(value) if decode else ""
