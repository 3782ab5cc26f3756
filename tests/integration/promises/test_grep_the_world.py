"""Nothing that the scanner flags is ever seen again: canaries go in wherever anything may, and all is searched."""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import cycle
from typing import Final

from tests.fakes.llm import KEYS, MODEL, echo
from tests.integration.promises.canaries import Canary, canaries
from tests.integration.promises.grepping import Grep, Hit
from tests.integration.promises.world import World
from tests.integration.promises.writing import FORMS, Planted, files, written
from tests.integration.scanner.films import a_video, an_analysis

from sightglass_detect import detectors

# All of their values are shorter than eight signs, and as parts of numbers everywhere by chance.
TOO_SHORT = {"ip-address", "card-security-code"}
LINES = "application/x-ndjson"
EXPORTS = ("csv", "jsonl", "sarif", "asff", "ocsf")
# What is kept and shown as it is, and where: files and objects are found by their names, which are their owner's; what
# a screen shows is read by who looks through it. Chat may read none of these columns.
_NAMES_IN_CLEAR = ("source.filename", "upload.filename", "video.filename", "GET /v1/datasets/{}/sources")
IN_CLEAR: Final[Mapping[str, Sequence[str]]] = {
    "name": _NAMES_IN_CLEAR,
    "screen": ("screen_text.clear",),
    "label": ("scene_label.name",),
    "object": (
        "finding.object_key",
        "scan_folder.name",
        "scan_look.first_key",
        "scan_look.last_key",
        "PATCH /v1/findings/{}",
        "queue scan-batches",
        "GET /v1/scans/{}/findings*",
        "GET /v1/findings",
    ),
}
_TOKEN: Final = re.compile(r"\[[A-Z0-9_]+#")
_READABLE: Final = """
    SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
      AND has_column_privilege('sightglass_' || %s, format('public.%%I', table_name), column_name, 'SELECT')
"""


_NAMES = {"name", "object", "dataset", "bot", "provider", "label"}


def _is_name(text: str) -> bool:
    return len(text) <= 60 and not set(text) & set('/\\"')


@dataclass(slots=True)
class Plot:
    """Canaries by where they were put."""

    rng: random.Random
    left: list[Canary]
    put: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, place: str, count: int = 1) -> list[Canary]:
        """Some that are nowhere yet; in names those that a name may be."""
        fit = [canary for canary in self.left if place not in _NAMES or _is_name(canary.text)]
        taken = fit[:count]
        assert len(taken) == count, f"too few canaries for {place}"
        self.left = [canary for canary in self.left if canary not in taken]
        self.put |= {canary.value: place for canary in taken}
        return taken

    def one(self, place: str) -> str:
        """One, with its words."""
        (canary,) = self.take(place)
        return canary.text


def in_forms(some: Sequence[Canary]) -> tuple[list[Planted], Counter[str]]:
    """Each in one of the forms in turn; in plain where the engine does not find it in that form."""
    planted: list[Planted] = []
    for canary, form in zip(some, cycle(FORMS), strict=False):
        one = written(canary, form) or written(canary, "plain")
        assert one is not None, canary
        planted.append(one)
    return planted, Counter(one.form for one in planted)


async def planted_in_documents(world: World, plot: Plot, dataset_id: str, each: int) -> Counter[str]:
    """All that is left, in files of all formats, each with a name that has one too."""
    names, keys = plot.take("name", 4), [canary.text for canary in plot.take("object", 2)]
    rest = plot.take("document", len(plot.left))
    planted, forms = in_forms(rest)
    made = files(plot.rng, planted, each)
    for number, file in enumerate(made):
        named = f"of {names[number // 2].text} {file.name}" if number < 2 * len(names) and number % 2 else file.name
        await world.add(dataset_id, named, file.body, LINES if named.endswith("jsonl") else "x/y")
    await world.yard.put({f"{keys[0]}/{file.name}": file.body for file in made} | {f"{keys[1]}.txt": made[0].body})
    return forms


async def planted_in_talk(world: World, plot: Plot, dataset_id: str, questions: int) -> None:
    """In all that people write besides documents; some of it is asked before there is a model, some of a model that
    says again all that it is told."""
    await world.made("/v1/datasets", {"name": plot.one("dataset"), "description": plot.one("dataset")})
    bot = await world.made(
        "/v1/bots", {"name": plot.one("bot"), "description": plot.one("bot"), "greeting": plot.one("bot")}
    )
    changed = await world.call("PATCH", f"/v1/bots/{bot['bot_id']}", {"greeting": plot.one("bot")})
    assert changed.status_code == 200
    model = changed.json()["name"]
    for canary in plot.take("question", questions):
        await world.ask(f"Which hall is it, {canary.text}?")
    for canary in plot.take("search", questions):
        await world.call("POST", "/v1/search", {"query": f"the hall {canary.text}", "k": 50})
    judged = [{"question": plot.one("evaluation"), "relevant": {"r1": 1}}]
    assert (await world.call("POST", f"/v1/datasets/{dataset_id}/evaluate", {"questions": judged})).status_code == 200
    provider = {
        "name": plot.one("provider"), "kind": "openai", "base_url": f"{world.fake.url}/v1", "model": MODEL,
        "api_key": KEYS["openai"], "most_tokens": 4000,
    }  # fmt: skip
    await world.made("/v1/providers", provider)
    world.fake.answer = echo
    for canary in plot.take("question", questions):
        await world.ask(f"Which hall is it, {canary.text}?", bot_id=bot["bot_id"])
    said = [{"role": "user", "content": text} for text in (plot.one("message"), plot.one("message"))]
    for stream in (False, True):
        answer = await world.answered("/v1/chat/completions", {"model": model, "messages": said, "stream": stream})
        assert answer.status_code == 200, answer.text
    assert world.fake.seen


async def planted_in_films(world: World, plot: Plot) -> str:
    """On screens, as labels, and in the name of a film. Gives the dataset that holds it."""
    video_id = await a_video(world.yard, f"{plot.one('name')}.mp4")
    shown = [canary.text for canary in plot.take("screen", 8)]
    await an_analysis(world.yard, video_id, shown[:4], shown[4:], label=plot.one("label"))
    dataset = await world.made("/v1/datasets", {"name": "films"})
    await world.made(f"/v1/datasets/{dataset['dataset_id']}/videos", {"videos": "all"})
    return dataset["dataset_id"]


async def scanned(world: World, plot: Plot) -> None:
    """A scan of the bucket, what people say of its findings, and all exports."""
    scan = await world.made("/v1/scans", {"bucket": world.yard.bucket})
    await world.settle()
    path = f"/v1/scans/{scan['scan_id']}"
    assert (await world.call("GET", path)).json()["status"] in {"done", "partial"}
    found = (await world.call("GET", f"{path}/findings", params={"limit": 200})).json()["items"]
    finding = f"/v1/findings/{found[0]['finding_id']}"
    assert (await world.call("PATCH", finding, {"note": plot.one("note")})).status_code == 200
    assert (await world.call("POST", f"{finding}/reveal", {"reason": plot.one("note")})).status_code >= 400
    assert (await world.call("GET", "/v1/audit")).status_code == 200
    for kind in EXPORTS:
        answer = await world.call("GET", f"{path}/findings/export", params={"format": kind})
        assert answer.status_code == 200, answer.text


async def looked_at(world: World, dataset_id: str) -> None:
    """All that lists of a dataset tell."""
    base = f"/v1/datasets/{dataset_id}"
    for path in (
        "/v1/datasets",
        base,
        f"{base}/documents?limit=200",
        f"{base}/sources?limit=200",
        "/v1/bots",
        "/v1/models",
    ):
        assert (await world.call("GET", path)).status_code == 200
    for path in ("/v1/conversations", "/v1/providers", "/v1/jobs?limit=200", "/v1/findings?limit=200"):
        assert (await world.call("GET", path)).status_code == 200


async def walked(world: World, each: int, *, in_file: int, questions: int) -> tuple[Plot, list[Hit]]:
    some = canaries(each)
    rng = random.Random("the world")
    rng.shuffle(some)
    plot = Plot(rng, some)
    dataset = await world.made("/v1/datasets", {"name": "manuals", "description": "of pumps"})
    films = await planted_in_films(world, plot)
    told = plot.take("reserve", 20 + 4 * questions)
    spare = Plot(rng, told, plot.put)
    await planted_in_documents(world, plot, dataset["dataset_id"], in_file)
    await world.settle()
    await planted_in_talk(world, spare, dataset["dataset_id"], questions)
    await scanned(world, spare)
    for dataset_id in (dataset["dataset_id"], films):
        await looked_at(world, dataset_id)
    return plot, await world.hits(Grep(plot.put))


def unforeseen(plot: Plot, hits: Sequence[Hit]) -> list[Hit]:
    """Those that stand where they may not."""
    return [hit for hit in hits if not any(fnmatch(hit.where, one) for one in IN_CLEAR.get(plot.put[hit.value], ()))]


async def readable(world: World, role: str) -> set[str]:
    """Columns that a service may read."""
    async with world.yard.admin.connection() as db:
        return {f"{table}.{column}" for table, column in await (await db.execute(_READABLE, [role])).fetchall()}


async def test_no_canary_is_seen_again(world: World) -> None:
    plot, hits = await walked(world, 2, in_file=9, questions=5)
    assert len(plot.put) >= 150
    assert {canary.detector for canary in canaries(2)} == {one.id for one in detectors()} - TOO_SHORT
    assert sorted({(plot.put[hit.value], hit.where) for hit in unforeseen(plot, hits)}) == []
    # Else nothing would have been looked for: what may be in clear is found, and in place of all else there are tokens.
    assert {plot.put[hit.value] for hit in hits} == IN_CLEAR.keys()
    assert len({token for text in world.embedder.given for token in _TOKEN.findall(text)}) > 30
    for role in ("chat", "relay"):
        assert not await readable(world, role) & {where for some in IN_CLEAR.values() for where in some}
