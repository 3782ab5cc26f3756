"""The envelope: what goes in comes out, and what is not ours is refused with its reason."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.errors import Undecodable
from sightglass_common.messages import AnalyzeVideo, from_json, to_json, wrap
from sightglass_common.tracing import Trace


def a_message() -> AnalyzeVideo:
    return AnalyzeVideo(tenant_id=uuid4(), job_id=uuid4(), analysis_id=uuid4())


def an_event(**changes: Any) -> str:
    return json.dumps(json.loads(to_json(wrap(a_message(), source="api"))) | changes)


@given(st.uuids(), st.uuids(), st.uuids())
def test_what_goes_in_comes_out(tenant_id: UUID, job_id: UUID, analysis_id: UUID) -> None:
    envelope = wrap(AnalyzeVideo(tenant_id=tenant_id, job_id=job_id, analysis_id=analysis_id), source="api")
    assert from_json(to_json(envelope), AnalyzeVideo) == envelope


def test_it_is_a_cloud_event_that_names_tenant_and_trace() -> None:
    trace = Trace.new()
    message = a_message()
    event = json.loads(to_json(wrap(message, source="api", trace=trace)))
    assert event["specversion"] == "1.0"
    assert event["type"] == "sightglass.analyze-video.v1"
    assert event["subject"] == str(message.tenant_id)
    assert event["traceparent"].split("-")[1] == trace.trace_id
    assert event["traceparent"].split("-")[2] != trace.span_id


def test_a_newer_writer_may_add_fields() -> None:
    event = json.loads(an_event())
    event["data"]["colour"] = event["extension"] = "new"
    assert from_json(json.dumps(event), AnalyzeVideo).message.tenant_id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"type": "sightglass.analyze-video.v2"}', "v2"),
        ('{"type": "sightglass.analyze-video.v1"}', "id"),
        (an_event(id="no uuid"), "not complete"),
        (an_event(data={}), "tenant_id: missing"),
        (an_event(data=[]), "not complete"),
        (an_event(time="yesterday"), "not complete"),
    ],
)
def test_what_is_not_ours_is_refused_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        from_json(body, AnalyzeVideo)


def test_the_reason_does_not_hold_the_values() -> None:
    with pytest.raises(Undecodable) as caught:
        from_json(an_event(data={"tenant_id": "4111 1111 1111 1111"}), AnalyzeVideo)
    assert "4111" not in caught.value.detail


@given(st.text())
def test_any_text_is_read_or_refused(body: str) -> None:
    with pytest.raises(Undecodable):
        from_json(body, AnalyzeVideo)
