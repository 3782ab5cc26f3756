"""What a client misspells is told: left out unseen, more would be read, kept or shown than it asked for."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.api.people import Person, a_finding, a_scan
from tests.integration.api.test_requests import is_problem

from sightglass_common.db import Pool

SCAN: dict[str, Any] = {"bucket": "scanned-bucket"}
SCHEDULE: dict[str, Any] = {"cron": "0 3 * * *", "scan": SCAN}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/scans", SCAN | {"exlude": ["*"]}, "/exlude"),
        ("/v1/scans", SCAN | {"sample": {"share": 0.1, "sed": 1}}, "/sample/sed"),
        ("/v1/schedules", SCHEDULE | {"time_zone": "UTC"}, "/time_zone"),
        ("/v1/schedules", SCHEDULE | {"scan": SCAN | {"max_bytes": 1}}, "/scan/max_bytes"),
        ("/v1/detect", {"text": "", "detector": ["email"]}, "/detector"),
        ("/v1/detectors", {"detector_id": "badge", "pattern": "B-[0-9]", "keyword": ["badge"]}, "/keyword"),
    ],
)
async def test_a_field_that_there_is_not_is_refused(alice: Person, path: str, body: Any, pointer: str) -> None:
    answer = await alice.post(path, body)
    is_problem(answer, 422, "invalid_request")
    assert answer.json()["errors"] == [{"pointer": pointer, "detail": "There is no such field"}]


async def test_a_change_of_what_there_is_not_is_refused(alice: Person, admin: Pool) -> None:
    finding_id = await a_finding(admin, (await a_scan(alice, admin))["scan_id"])
    is_problem(await alice.http.patch(f"/v1/findings/{finding_id}", json={"sate": "reviewed"}), 422, "invalid_request")
    path = f"/v1/schedules/{(await alice.post('/v1/schedules', SCHEDULE)).json()['schedule_id']}"
    is_problem(await alice.http.patch(path, json={"pause": True}), 422, "invalid_request")
    assert (await alice.http.delete(path)).status_code == 204
    is_problem(await alice.http.put("/v1/detection-settings", json={"alow": {}}), 422, "invalid_request")


def filtered(scan_id: str) -> Iterator[str]:
    yield from ("/v1/findings", "/v1/findings/export")
    yield from (f"/v1/scans/{scan_id}/{name}" for name in ("findings", "findings/export", "objects", "scores"))


async def test_a_filter_that_there_is_not_is_refused_with_those_that_there_are(alice: Person, admin: Pool) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    for path in filtered(scan_id):
        answer = await alice.get(path, params={"min_confidence": 0.9, "serverity": "high"})
        is_problem(answer, 422, "invalid_request")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/min_confidence", "/serverity"]
    refused = await alice.get("/v1/findings", params={"min_confidence": 0.9})
    assert "Those there: bucket, confidence, cursor, detector, limit, prefix, severity, state" in refused.text


async def test_every_parameter_that_a_filtered_list_describes_is_taken(alice: Person, admin: Pool) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    paths = (await alice.get("/openapi.json")).json()["paths"]
    for path in filtered(scan_id):
        described = paths[path.replace(scan_id, "{scan_id}")]["get"]["parameters"]
        names = [parameter["name"] for parameter in described if parameter["in"] == "query"]
        assert names
        for name in names:
            assert "There is no such parameter" not in (await alice.get(path, params={name: "x"})).text
