"""Message attributes: whatever the body and the reason hold, SQS must take them."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.attributes import attributes

# What SQS takes in a string; empty it takes none.
TAKEN = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]{1,1000}")


@given(st.text(), st.text(st.characters(), max_size=2000))
def test_any_body_and_any_reason_give_attributes_that_sqs_takes(body: str, reason: str) -> None:
    found = attributes(body, reason=reason)
    assert all(TAKEN.fullmatch(value.get("StringValue", "")) for value in found.values())
    assert ("reason" in found) == bool(reason)


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_a_body_without_a_trace_has_none(value: object) -> None:
    body = json.dumps({"traceparent": value}) if not isinstance(value, str) else json.dumps(value)
    assert attributes(body, reason=None) == {}


def test_the_trace_of_the_body_is_carried_beside_it() -> None:
    found = attributes('{"traceparent": "00-aa-bb-01"}')
    assert found == {"traceparent": {"DataType": "String", "StringValue": "00-aa-bb-01"}}
