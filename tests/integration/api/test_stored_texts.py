"""What people write besides documents and questions is stored without what is sensitive in it, too."""

from uuid import uuid4

from tests.integration.api.people import Person, a_finding, a_scan
from tests.integration.api.test_datasets import a_dataset

from sightglass_common.db import Pool

SSN = "536-90-4399"


async def test_a_datasets_name_and_description_hold_no_value(alice: Person) -> None:
    made = await a_dataset(alice, name=f"of SSN {SSN} {uuid4()}", description=f"Ask SSN {SSN}")
    assert made["name"].startswith("of SSN [US_SSN#1] ")
    assert made["description"] == "Ask SSN [US_SSN#1]"
    changed = await alice.http.patch(
        f"/v1/datasets/{made['dataset_id']}", json={"name": f"SSN {SSN} {made['dataset_id']}", "description": SSN}
    )
    assert changed.json()["name"] == f"SSN [US_SSN#1] {made['dataset_id']}"
    assert SSN not in changed.text


async def test_a_name_that_tokens_make_too_long_is_cut(alice: Person) -> None:
    short = " ".join(f"a{n:03}@b.co" for n in range(18))
    made = await a_dataset(alice, name=f"{uuid4()} {short}"[:200])
    assert len(made["name"]) == 200
    assert "@" not in made["name"]


async def test_a_providers_name_holds_no_value(alice: Person) -> None:
    new = {"name": f"SSN {SSN} {uuid4()}", "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
    made = (await alice.post("/v1/providers", new)).json()
    assert made["name"].startswith("SSN [US_SSN#1] ")
    changed = await alice.http.patch(f"/v1/providers/{made['provider_id']}", json={"name": f"{uuid4()} SSN {SSN}"})
    assert changed.json()["name"].endswith(" SSN [US_SSN#1]")


async def test_a_findings_note_and_the_reason_of_a_reveal_hold_no_value(alice: Person, admin: Pool) -> None:
    scan = await a_scan(alice, admin)
    path = f"/v1/findings/{await a_finding(admin, scan['scan_id'])}"
    noted = await alice.http.patch(path, json={"note": f"It is SSN {SSN}."})
    assert noted.json()["note"] == "It is SSN [US_SSN#1]."
    assert (await alice.post(f"{path}/reveal", {"reason": f"Is it SSN {SSN}?"})).status_code >= 400
    entries = (await alice.get("/v1/audit")).json()["items"]
    assert {entry["reason"] for entry in entries} == {"Is it SSN [US_SSN#1]?"}
