"""Keys above values name them, however far away they stand."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sightglass_detect import scan, scan_nested
from sightglass_detect.nested import Keys, nested

SSN = "536904399"
FILLING = "a comment that is longer than the room in which a word beside a value would be looked for"


def found(text: str) -> list[tuple[str, str]]:
    return [(f.detector, text[f.start : f.end]) for f in scan(text) if f.detector == "us-ssn"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"customer": {"ssn": {"note": FILLING, "value": SSN}}}),
        json.dumps({"customer": {"ssn": {"note": FILLING, "value": int(SSN)}}}, indent=2),
        json.dumps({"customerSSN": [FILLING, {"is": [SSN]}]}, separators=(",", ":")),
        json.dumps({"n": 1}) + "\n" + json.dumps({"ssn": {"note": FILLING, "value": SSN}}) + "\n",
        yaml.safe_dump({"customer": {"ssn": {"note": FILLING, "value": SSN}}}),
        yaml.safe_dump({"ssn": [FILLING, "x", SSN]}),
        f'[customer.ssn]\nnote = "{FILLING}"\nvalue = "{SSN}"\n',
        f"# ours\n[ssn]\nnote = {FILLING}\nvalue = {SSN}\n",
    ],
)
def test_a_key_above_a_value_names_it(text: str) -> None:
    assert found(text) == [("us-ssn", SSN)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"order": {"note": FILLING, "value": SSN}}),
        json.dumps({"ssn": {"note": FILLING}, "order": {"value": SSN}}),
        json.dumps({"note": "the word ssn here", "filling": FILLING, "order": {"value": SSN}}),
        yaml.safe_dump({"ssn": {"note": FILLING}, "value": SSN}, sort_keys=False),
        f"[ssn]\nnote = {FILLING}\n[order]\nvalue = {SSN}\n",
    ],
)
def test_a_key_beside_it_does_not(text: str) -> None:
    assert found(text) == []


def test_a_document_of_any_length_is_looked_through_by_itself() -> None:
    line = json.dumps({"ssn": {"note": FILLING, "value": SSN}}).encode() + b"\n"
    data = line * 3_000
    assert len(scan_nested(data)) == 3_000


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]":, \n-ssn19\\', max_size=200))
def test_what_is_no_document_is_not_stumbled_over(text: str) -> None:
    scan(text)
    scan_nested(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        b"        # a comment that is further in\n" * 3000 + b"x = 1\n",
        b"ssn:\n  a" + b" b  " * 30_000 + b'"\n',
        b'{"ssn":' * 9_000,
        b"".join(b" " * (i % 40) + b"ssn:\n" for i in range(8_000)),
        b"[ssn]\n" * 9_000,
        b"ssn:\n" + b" " * 200_000 + b"x\n",
    ],
    ids=["comments", "words", "keys in keys", "keys under keys", "sections", "spaces"],
)
def test_no_text_takes_longer_than_its_length_explains(text: bytes) -> None:
    """Where a space may be taken in two ways, or a text looked at for each key above it, these end late or never."""
    looked_at = sum(len(view.data) for view in nested(text, Keys(["ssn"])))
    assert looked_at <= 8 * len(text) + 8192
