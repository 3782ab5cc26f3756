"""Scores over HTTP, of what a scanner would have written."""

from uuid import UUID

from tests.integration.api.people import Person, a_finding, a_scan

from sightglass_common.db import Pool, tenant_transaction
from sightglass_scanner import folder_queries
from sightglass_scanner.folders import folders_of


async def folders(admin: Pool, tenant_id: UUID, scan_id: str, keys: list[str], prefix: str = "") -> None:
    async with tenant_transaction(admin, tenant_id) as db:
        await folder_queries.count(db, tenant_id, UUID(scan_id), folders_of(keys, prefix))


async def test_a_bucket_and_its_folders_are_scored_the_worst_first(alice: Person, admin: Pool) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    await folders(admin, alice.tenant_id, scan_id, [f"web/{n}.html" for n in range(98)] + ["hr/a.csv", "hr/x/b.csv"])
    await a_finding(admin, scan_id, object_key="web/0.html", severity="low", confidence=0.6)
    for key in ("hr/a.csv", "hr/x/b.csv"):
        await a_finding(admin, scan_id, object_key=key, severity="critical", detector="us-ssn", confidence=0.9)
    answer = (await alice.get(f"/v1/scans/{scan_id}/scores")).json()
    whole, hr, web = answer["items"]
    assert [item["prefix"] for item in answer["items"]] == ["", "hr/", "web/"]
    assert (whole["objects"], whole["objects_with_findings"], whole["findings"]) == (100, 3, 3)
    assert (hr["objects"], hr["objects_with_findings"], hr["distinct_values"], hr["worst"]) == (2, 2, 1, "critical")
    assert (web["objects"], web["objects_with_findings"], web["worst"]) == (98, 1, "low")
    assert hr["score"] > whole["score"] > web["score"] > 0
    below = (await alice.get(f"/v1/scans/{scan_id}/scores", params={"prefix": "hr/", "depth": 1})).json()["items"]
    assert below[0] == hr
    assert [item["prefix"] for item in below] == ["hr/", "hr/x/"]
    (start,) = (await alice.get(f"/v1/scans/{scan_id}/scores", params={"prefix": "hr", "depth": 0})).json()["items"]
    assert (start["objects"], start["findings"]) == (None, 2), "a name that goes on may be of several folders"
    deep = (await alice.get(f"/v1/scans/{scan_id}/scores", params={"depth": 2, "limit": 1})).json()
    assert (len(deep["items"]), deep["left_out"]) == (2, 2)
    assert deep["items"][1] == hr


async def test_a_false_positive_and_what_others_found_count_for_nothing(
    alice: Person, mallory: Person, admin: Pool
) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    await folders(admin, alice.tenant_id, scan_id, ["a.txt"])
    finding_id = await a_finding(admin, scan_id, object_key="a.txt")
    other = (await a_scan(mallory, admin))["scan_id"]
    await a_finding(admin, other, object_key="b.txt")
    before = (await alice.get(f"/v1/scans/{scan_id}/scores")).json()["items"]
    assert (len(before), before[0]["findings"]) == (1, 1)
    await alice.http.patch(f"/v1/findings/{finding_id}", json={"state": "false_positive"})
    (whole,) = (await alice.get(f"/v1/scans/{scan_id}/scores")).json()["items"]
    assert (whole["score"], whole["findings"], whole["objects"], whole["worst"]) == (0, 0, 1, None)


async def test_a_value_in_many_objects_is_one_value(alice: Person, admin: Pool) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    for n in range(5):
        await a_finding(admin, scan_id, object_key=f"{n}.txt")
    (whole,) = (await alice.get(f"/v1/scans/{scan_id}/scores")).json()["items"]
    assert (whole["distinct_values"], whole["findings"], whole["objects_with_findings"]) == (1, 5, 5)


async def test_where_folders_are_too_many_objects_are_not_counted(alice: Person, admin: Pool) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    side_by_side = folder_queries.SIDE_BY_SIDE
    for start in range(0, side_by_side + 200, 100):
        keys = [f"users/{n:06}/a.txt" for n in range(start, start + 100)]
        await folders(admin, alice.tenant_id, scan_id, keys)
    await a_finding(admin, scan_id, object_key="users/000000/a.txt")
    items = (await alice.get(f"/v1/scans/{scan_id}/scores", params={"depth": 2})).json()["items"]
    assert {item["prefix"]: item["objects"] for item in items} == {
        "": side_by_side + 200, "users/": side_by_side + 200, "users/000000/": None,
    }  # fmt: skip
    async with admin.connection() as db:
        rows = await (await db.execute("SELECT count(*) FROM scan_folder WHERE scan_id = %s", [scan_id])).fetchone()
    assert rows == (side_by_side + 100 + 2,)


async def test_the_scans_own_prefix_is_where_scores_begin(alice: Person, admin: Pool) -> None:
    scan_id = (await a_scan(alice, admin, prefix="p/lo"))["scan_id"]
    await folders(admin, alice.tenant_id, scan_id, ["p/logs/a.txt", "p/lost.txt"], "p/lo")
    await a_finding(admin, scan_id, object_key="p/logs/a.txt")
    whole, logs = (await alice.get(f"/v1/scans/{scan_id}/scores")).json()["items"]
    assert (whole["prefix"], whole["objects"]) == ("p/lo", 2)
    assert (logs["prefix"], logs["objects"]) == ("p/logs/", 1)
    (part,) = (await alice.get(f"/v1/scans/{scan_id}/scores", params={"prefix": "p/log", "depth": 0})).json()["items"]
    assert (part["objects"], part["findings"]) == (None, 1)
