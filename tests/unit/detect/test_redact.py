"""Redaction: tokens, masks and keyed hashes, and that nothing of a value is left."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect import Finding, Redacted, Redactor, Severity, detectors, keyed_hash, masked, redact, scan

KEY = b"a secret of a tenant"
SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 15), st.sampled_from(["us-ssn", "email", "iban"])), max_size=8
)


def found(start: int, end: int, detector: str = "us-ssn", confidence: float = 0.9) -> Finding:
    return Finding(start, end, detector, confidence, Severity.HIGH)


def test_values_become_typed_tokens_numbered_in_a_document() -> None:
    text = "ann@example.com, bob@example.com and ANN@example.com, SSN 536-90-4399"
    assert str(redact(text, scan(text))) == "[EMAIL#1], [EMAIL#2] and [EMAIL#1], SSN [US_SSN#1]"


def test_the_texts_of_one_document_share_their_numbers() -> None:
    redactor = Redactor()
    texts = ["536-90-4399", "no. 536904399", "219-09-9999"]
    spans = [(0, 11), (4, 13), (0, 11)]
    tokens = [str(redactor.redact(text, [found(*span)])) for text, span in zip(texts, spans, strict=True)]
    assert tokens == ["[US_SSN#1]", "no. [US_SSN#1]", "[US_SSN#2]"]


def test_what_overlaps_gets_one_token_for_all_that_it_covers() -> None:
    text = "postgres://ann:secret@example.com/db"
    findings = [found(15, 21, "generic-secret"), found(0, 33, "url-credentials"), found(30, 36, "email")]
    assert str(redact(text, findings)) == "[URL_CREDENTIALS#1]"


@given(st.text(min_size=56, max_size=80), SPANS)
def test_no_sign_of_a_finding_is_left_and_all_others_are(text: str, spans: list[tuple[int, int, str]]) -> None:
    findings = [found(start, start + length, detector) for start, length, detector in spans]
    told = {at for start, length, _ in spans for at in range(start, start + length)}
    text = "".join(
        "\x00" if at in told else sign.replace("\x00", " ").replace("[", "(") for at, sign in enumerate(text)
    )
    clean = str(redact(text, findings))
    assert "\x00" not in clean
    left = clean
    while "[" in left:
        left = left[: left.index("[")] + left[left.index("]", left.index("[")) + 1 :]
    assert [sign for at, sign in enumerate(text) if at not in told and sign != "]"] == [s for s in left if s != "]"]


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (2, 2), (3, 9)])
def test_a_finding_that_is_not_in_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is not in a text of 8"):
        redact("12345678", [found(start, end)])


def test_nobody_else_makes_redacted_text() -> None:
    with pytest.raises(TypeError, match="only redact"):
        Redacted("raw")
    clean = redact("SSN 536-90-4399", [found(4, 15)])
    with pytest.raises(TypeError, match="does not travel"):
        pickle.dumps(clean)
    assert copy.deepcopy(clean) is copy.copy(clean) is clean


def test_parts_of_redacted_text_are_redacted_text() -> None:
    clean = redact("SSN 536-90-4399.", [found(4, 15)])
    part = clean[4:]
    assert (type(part), str(part), len(part)) == (Redacted, "[US_SSN#1].", 11)
    assert clean[4:] == part
    assert clean != part


@pytest.mark.parametrize(
    ("value", "shown", "mask"),
    [
        ("123-45-6789", 4, "***-**-6789"),
        ("4111 1111 1111 1111", 4, "**** **** **** 1111"),
        ("12345678", 4, "********"),
        ("hunter2hunter2", 0, "**************"),
        ("ann@example.com", 4, "***@******e.com"),
        ("Иванов-1234567", 4, "******-***4567"),
    ],
)
def test_a_mask_leaves_the_shape_and_the_last_signs(value: str, shown: int, mask: str) -> None:
    assert masked(value, shown) == mask


def test_nothing_is_shown_of_credentials() -> None:
    shown = {detector.id: detector.shown for detector in detectors()}
    assert {shown[detector.id] for detector in detectors() if detector.family == "credentials"} == {0}
    assert (shown["card-security-code"], shown["us-ssn"]) == (0, 4)


def test_a_hash_tells_equal_values_and_hangs_on_its_key() -> None:
    assert keyed_hash("536-90-4399", KEY) == keyed_hash("536 90 4399", KEY)
    assert keyed_hash("DE89 3704 0044", KEY) == keyed_hash("de8937040044", KEY)
    assert keyed_hash("a-b@example.com", KEY) != keyed_hash("ab@example.com", KEY)
    assert keyed_hash("536904399", KEY) != keyed_hash("536904399", KEY + b"!")
    assert len(keyed_hash("x", KEY)) == 64
    with pytest.raises(ValueError, match="16 bytes"):
        keyed_hash("x", b"short")


def test_redacted_parts_are_put_together_line_by_line() -> None:
    parts = [redact("ssn 536-90-4399", [found(4, 15)]), redact("", ()), redact("end", ())]
    joined = Redacted.joined(parts)
    assert isinstance(joined, Redacted)
    assert str(joined) == "ssn [US_SSN#1]\n\nend"


def test_raw_text_is_no_part_of_redacted_text() -> None:
    with pytest.raises(AttributeError):
        Redacted.joined(["raw"])  # pyright: ignore[reportArgumentType]
