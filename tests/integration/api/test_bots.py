"""Bots over HTTP: versions, what a conversation keeps, and names."""

from uuid import uuid4

from tests.integration.api.people import Person
from tests.integration.api.test_conversations import asked, begun
from tests.integration.api.test_datasets import a_dataset
from tests.integration.api.test_requests import is_problem


async def a_bot(person: Person, **new: object) -> dict[str, str]:
    made = await person.post("/v1/bots", {"name": f"bot {uuid4().hex[:12]}"} | new)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"/v1/bots/{made.json()['bot_id']}"
    return made.json()


async def test_a_conversation_keeps_the_version_that_it_began_with(alice: Person) -> None:
    one, other = [(await a_dataset(alice))["dataset_id"] for _ in range(2)]
    bot = await a_bot(alice, dataset_ids=[one], greeting="Ask me.")
    path = await begun(alice, bot_id=bot["bot_id"])
    changed = await alice.http.patch(f"/v1/bots/{bot['bot_id']}", json={"dataset_ids": [other]})
    assert changed.status_code == 200, changed.text
    assert [changed.json()[name] for name in ("version", "greeting", "dataset_ids")] == [2, "Ask me.", [other]]
    before, after = (await alice.get(path)).json(), (await alice.get(await begun(alice, bot_id=bot["bot_id"]))).json()
    assert [(shown["bot_version"], shown["dataset_ids"]) for shown in (before, after)] == [(1, [one]), (2, [other])]
    versions = (await alice.get(f"/v1/bots/{bot['bot_id']}/versions", params={"limit": 1})).json()
    assert [shown["dataset_ids"] for shown in versions["items"]] == [[other]]
    more = {"limit": 1, "cursor": versions["next_cursor"]}
    rest = (await alice.get(f"/v1/bots/{bot['bot_id']}/versions", params=more)).json()
    assert ([shown["dataset_ids"] for shown in rest["items"]], rest["next_cursor"]) == ([[one]], None)


async def test_of_a_change_what_is_left_out_stays_and_null_is_all_datasets(alice: Person) -> None:
    bot = await a_bot(alice, dataset_ids=[(await a_dataset(alice))["dataset_id"]], description="Of pumps")
    path = f"/v1/bots/{bot['bot_id']}"
    renamed = (await alice.http.patch(path, json={"name": f"pumps {uuid4()}"})).json()
    assert (renamed["dataset_ids"], renamed["description"]) == (bot["dataset_ids"], "Of pumps")
    for _ in range(2):
        shown = (await alice.http.patch(path, json={"dataset_ids": None})).json()
        assert (shown["dataset_ids"], shown["version"]) == (None, 3), "the same change twice is one"


async def test_a_bot_that_ended_takes_no_question_and_its_conversations_stay(alice: Person) -> None:
    bot = await a_bot(alice)
    path = await begun(alice, bot_id=bot["bot_id"])
    await asked(alice, path)
    assert (await alice.http.delete(f"/v1/bots/{bot['bot_id']}")).status_code == 204
    is_problem(await alice.post(f"{path}/turns", {"question": "Which valve?"}), 404, "bot_not_found")
    is_problem(await alice.post("/v1/conversations", {"bot_id": bot["bot_id"]}), 404, "bot_not_found")
    is_problem(await alice.get(f"/v1/bots/{bot['bot_id']}/versions"), 404, "bot_not_found")
    assert len((await alice.get(f"{path}/turns")).json()["items"]) == 1
    again = await a_bot(alice, name=bot["name"])
    assert again["bot_id"] != bot["bot_id"], "its name is free"


async def test_a_name_is_of_one_bot_alone_also_after_a_change(alice: Person, mallory: Person) -> None:
    first, second = await a_bot(alice), await a_bot(alice)
    is_problem(await alice.post("/v1/bots", {"name": first["name"]}), 409, "bot_name_taken")
    renamed = await alice.http.patch(f"/v1/bots/{second['bot_id']}", json={"name": first["name"]})
    is_problem(renamed, 409, "bot_name_taken")
    assert (await a_bot(mallory, name=first["name"]))["version"] == 1, "another tenant has names of its own"


async def test_a_bot_is_of_datasets_that_the_tenant_has(alice: Person, mallory: Person) -> None:
    theirs = (await a_dataset(alice))["dataset_id"]
    is_problem(await mallory.post("/v1/bots", {"name": "b", "dataset_ids": [theirs]}), 404, "dataset_not_found")
    bot = await a_bot(mallory)
    changed = await mallory.http.patch(f"/v1/bots/{bot['bot_id']}", json={"dataset_ids": [theirs]})
    is_problem(changed, 404, "dataset_not_found")
    assert (await mallory.get(f"/v1/bots/{bot['bot_id']}")).json()["version"] == 1
    beside = await alice.post("/v1/conversations", {"bot_id": str(uuid4()), "dataset_ids": [theirs]})
    is_problem(beside, 422, "invalid_request")


async def test_how_a_bot_answers_is_of_its_version_and_what_is_left_out_stays(alice: Person, mallory: Person) -> None:
    new = {"name": str(uuid4()), "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
    own = (await alice.post("/v1/providers", new)).json()["provider_id"]
    manner = {"provider_id": own, "model": "n", "temperature": 0.7, "language": "pt-BR", "system_prompt": "Be brief."}
    origins = {"allowed_origins": ["https://Shop.example.com:443", "http://localhost:8000"]}
    bot = await a_bot(alice, **manner, **origins)
    path = f"/v1/bots/{bot['bot_id']}"
    assert {name: bot[name] for name in manner} == manner
    assert bot["allowed_origins"] == ["http://localhost:8000", "https://shop.example.com"]
    changed = (await alice.http.patch(path, json={"temperature": None, "system_prompt": "Call 536-22-4399"})).json()
    assert changed == bot | {
        "version": 2, "temperature": None, "system_prompt": "Call [US_SSN#1]", "created_at": changed["created_at"]
    }  # fmt: skip
    is_problem(await alice.http.patch(path, json={"provider_id": None}), 409, "model_without_provider")
    is_problem(await alice.http.patch(path, json={"model": "536-22-4399"}), 422, "invalid_request")
    plain = (await alice.http.patch(path, json={"provider_id": None, "model": None})).json()
    assert (plain["provider_id"], plain["model"], plain["version"]) == (None, None, 3)
    for person, provider_id in ((mallory, own), (alice, str(uuid4()))):
        refused = await person.post("/v1/bots", {"name": "b", "provider_id": provider_id})
        is_problem(refused, 404, "provider_not_found")
        changed = await person.http.patch(f"/v1/bots/{(await a_bot(person))['bot_id']}", json={"provider_id": own})
        assert changed.status_code == (404 if person is mallory else 200)


async def test_what_is_sensitive_in_a_bot_is_never_stored(alice: Person) -> None:
    bot = await a_bot(alice, description="Call 536-22-4399", greeting="I am for ann@example.com")
    assert (bot["description"], bot["greeting"]) == ("Call [US_SSN#1]", "I am for [EMAIL#1]")
    named = await a_bot(alice, name=f"{uuid4().hex[:8]} 536-22-4399")
    assert named["name"].endswith(" [US_SSN#1]")
    longest = f"{uuid4().hex[:8]} {'x' * 82} a@ab.com"
    assert len(longest) == 100
    assert (await a_bot(alice, name=longest))["name"].endswith(" [EMAIL#1]"), "a token is longer than its value"
