"""Exports over HTTP: whole, of one moment, of the caller's tenant alone; and broken where they are not whole."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest
from fastapi import FastAPI
from psycopg import OperationalError
from tests.integration.api.people import Person, a_finding, a_scan

from sightglass_api.context import Context
from sightglass_api.scans import finding_queries
from sightglass_api.scans.finding_queries import FindingRow
from sightglass_common.db import Db, Pool

FORMATS = ("csv", "jsonl", "sarif", "asff", "ocsf")


def ids_in(kind: str, text: str) -> set[str]:
    if kind == "csv":
        return {row["finding_id"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    if kind == "sarif":
        results = json.loads(text)["runs"][0]["results"]
        return {result["partialFingerprints"]["sightglassFinding/v1"] for result in results}
    found = [json.loads(line) for line in text.splitlines()]
    key = {"jsonl": "finding_id", "asff": "Id"}.get(kind)
    return {(f[key] if key else f["finding_info"]["uid"]).removeprefix("sightglass/") for f in found}


@pytest.fixture
async def found(alice: Person, admin: Pool) -> tuple[str, set[str]]:
    started = await a_scan(alice, admin)
    ids = {
        await a_finding(admin, started["scan_id"], object_key=f"export/{started['scan_id']}/{n}", severity=severity)
        for n, severity in enumerate(["low", "high", "high", "critical"])
    }
    return started["scan_id"], ids


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_scans_findings_come_out_whole(alice: Person, kind: str, found: tuple[str, set[str]]) -> None:
    scan_id, ids = found
    answer = await alice.get(f"/v1/scans/{scan_id}/findings/export", params={"format": kind})
    assert answer.status_code == 200, answer.text
    assert ids_in(kind, answer.text) == ids
    assert f"findings-{scan_id}." in answer.headers["Content-Disposition"]


async def test_filters_are_those_of_the_lists(alice: Person, found: tuple[str, set[str]]) -> None:
    scan_id, ids = found
    for path in (f"/v1/scans/{scan_id}/findings", "/v1/findings"):
        for filters in ({}, {"severity": "high"}, {"state": "reviewed"}, {"confidence": 0.95}, {"bucket": "other"}):
            wanted = {"prefix": f"export/{scan_id}/", **filters}
            listed = {f["finding_id"] for f in (await alice.get(path, params=wanted)).json()["items"]}
            exported = (await alice.get(f"{path}/export", params=wanted)).text
            assert ids_in("jsonl", exported) == listed
            assert filters or listed == ids


async def test_more_than_one_piece_is_all_there(alice: Person, admin: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_queries, "_ROWS_AT_ONCE", 3)
    started = await a_scan(alice, admin)
    ids = {await a_finding(admin, started["scan_id"]) for _ in range(8)}
    for kind in FORMATS:
        text = (await alice.get(f"/v1/scans/{started['scan_id']}/findings/export", params={"format": kind})).text
        assert ids_in(kind, text) == ids


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_export_of_nothing_is_whole_too(alice: Person, admin: Pool, kind: str) -> None:
    started = await a_scan(alice, admin)
    text = (await alice.get(f"/v1/scans/{started['scan_id']}/findings/export", params={"format": kind})).text
    assert ids_in(kind, text) == set()


async def test_another_tenants_findings_are_in_no_export(
    mallory: Person, found: tuple[str, set[str]], viewer: Person
) -> None:
    scan_id, _ = found
    assert (await mallory.get(f"/v1/scans/{scan_id}/findings/export")).json()["code"] == "scan_not_found"
    assert (await mallory.get("/v1/findings/export")).text == ""
    assert (await viewer.get(f"/v1/scans/{scan_id}/findings/export")).text


@pytest.mark.parametrize("wrong", [{"format": "xml"}, {"aws_account": "1"}, {"aws_region": "Mars"}, {"severity": "x"}])
async def test_what_no_export_can_be_is_refused(alice: Person, wrong: dict[str, str]) -> None:
    answer = await alice.get("/v1/findings/export", params=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_the_account_is_the_one_that_was_named(alice: Person, found: tuple[str, set[str]]) -> None:
    params = {"format": "asff", "aws_account": "123456789012", "aws_region": "eu-central-1"}
    (first, *_) = (await alice.get(f"/v1/scans/{found[0]}/findings/export", params=params)).text.splitlines()
    finding = json.loads(first)
    assert finding["AwsAccountId"] == "123456789012"
    assert finding["ProductArn"].startswith("arn:aws:securityhub:eu-central-1:123456789012:")


async def test_what_breaks_on_the_way_does_not_look_whole(
    found: tuple[str, set[str]], app: FastAPI, alice: Person, service: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: Db, __: object, ___: object) -> AsyncGenerator[list[FindingRow]]:
        yield cast("list[FindingRow]", [])
        raise OperationalError("the database is gone")

    monkeypatch.setattr(finding_queries, "every", breaks)
    sent: list[dict[str, Any]] = []
    with pytest.raises(OperationalError):
        await ask(app, alice, f"/v1/scans/{found[0]}/findings/export", sent)
    assert sent[0]["status"] == 200
    assert all(message.get("more_body", True) for message in sent), "the answer was ended as if it were whole"
    assert service.exports.running == 0


async def test_no_more_run_at_once_than_may(found: tuple[str, set[str]], alice: Person, service: Context) -> None:
    service.exports.running = service.settings.exports_at_once
    try:
        answer = await alice.get(f"/v1/scans/{found[0]}/findings/export")
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        service.exports.running = 0
    assert (await alice.get(f"/v1/scans/{found[0]}/findings/export")).status_code == 200
    assert service.exports.running == 0


async def ask(app: FastAPI, person: Person, path: str, sent: list[dict[str, Any]]) -> None:
    """One request as a server hands it in; what is sent is noted."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"format=sarif",
        "headers": [(b"authorization", f"Bearer {person.key}".encode())], "http_version": "1.1", "scheme": "http",
        "server": ("test", 80), "client": ("test", 1), "asgi": {"version": "3.0", "spec_version": "2.4"},
        "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
