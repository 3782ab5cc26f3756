"""What holds for the family files and checks as a whole."""

import re

from sightglass_detect import detectors
from sightglass_detect.checks import CHECKS

# Words that stand beside anything.
_COMMON = {
    "id",
    "no",
    "nr",
    "number",
    "code",
    "key",
    "name",
    "value",
    "lic",
    "ref",
    "account",
    "call",
    "user",
    "data",
    "type",
}

# What is shipped: a kind that goes, or comes, is meant to.
_KINDS = """
aws-access-key-id aws-secret-access-key aws-session-token aws-bedrock-key github-token gitlab-token npm-token
pypi-token slack-token slack-webhook discord-token discord-webhook telegram-bot-token stripe-key square-token
shopify-token twilio-key sendgrid-key mailgun-key mailchimp-key google-api-key google-oauth-secret gcp-service-account
azure-storage-key azure-sas azure-ad-secret openai-key anthropic-key huggingface-token databricks-token
digitalocean-token vault-token terraform-token grafana-token new-relic-key datadog-key jwt private-key url-credentials
generic-secret payment-card iban swift-bic us-aba-routing us-bank-account card-security-code card-track
bitcoin-address ethereum-address us-ssn us-itin us-ein ca-sin uk-nino uk-nhs de-tax-id de-id-card fr-nir es-nif
it-codice-fiscale nl-bsn be-national-number pt-nif pl-pesel se-personnummer fi-hetu dk-cpr ch-ahv br-cpf br-cnpj
in-aadhaar in-pan au-tfn au-medicare sg-nric kr-rrn za-id tr-kimlik cn-resident-id us-npi us-dea us-mbi
medical-record-number email phone ip-address mac-address passport-number travel-document-mrz date-of-birth
"""


def test_the_catalogue_holds_every_kind_and_no_other() -> None:
    assert sorted(detector.id for detector in detectors()) == sorted(_KINDS.split())


def test_every_check_is_used_by_a_form() -> None:
    assert {form.check for detector in detectors() for form in detector.forms if form.check} == CHECKS.keys()


def test_context_words_say_something_and_are_said_once() -> None:
    for detector in detectors():
        assert not _COMMON & set(detector.context), detector.id
        assert len(detector.context) == len(set(detector.context)), detector.id


def test_a_form_that_is_nothing_without_context_has_some() -> None:
    for detector in detectors():
        if all(form.strength == "weak" for form in detector.forms):
            assert detector.context or detector.near or detector.requires, detector.id


def test_a_row_of_digits_alone_is_never_of_high_confidence_without_context() -> None:
    for detector in detectors():
        for form in detector.forms:
            if form.shape and re.fullmatch("9+", form.shape):
                assert form.strength == "weak" or (form.strength == "fair" and form.odds < 100), (
                    detector.id,
                    form.shape,
                )
