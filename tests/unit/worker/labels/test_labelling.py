"""Labels of an analysis: what is shown, what is paid for, and what becomes of failures."""

from collections import deque
from collections.abc import Sequence
from typing import Any

import pytest
from tests.fakes.labels import MemoryCache, Pauses, ScriptedProvider, jpeg_of, noise, quiet, scene_frame
from tests.fakes.wire import shown

from sightglass_common.errors import ObjectNotFound
from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.labels.choice import LabelLimits
from sightglass_worker.labels.labelling import SceneFrame, labelled
from sightglass_worker.labels.outcome import Labelled, Withheld
from sightglass_worker.labels.provider import Label, LabelProvider

SAME = jpeg_of(noise(1))


async def label(
    provider: LabelProvider | None, film: Sequence[SceneFrame], cache: MemoryCache | None = None, **limits: Any
) -> Labelled:
    return await labelled(
        provider, cache or MemoryCache(), film, LabelLimits(**limits), on_progress=quiet, patience=Pauses().patience()
    )


def refuse() -> bytes:
    raise AssertionError("fetched")


def gone() -> bytes:
    raise ObjectNotFound


async def test_without_a_provider_no_picture_is_even_fetched() -> None:
    found = await label(None, [scene_frame(0, load=refuse)])
    assert (found.status, found.reason, found.labels) == ("off", None, ())


async def test_every_scene_gets_labels_in_order_of_time() -> None:
    found = await label(ScriptedProvider(), [scene_frame(scene) for scene in range(9)])
    assert (found.status, found.reason) == ("done", None)
    assert found.labels == [Label("bicycle", 0.9, scene * 1_000_000, scene) for scene in range(9)]
    assert (found.counts.labelled, found.counts.calls, found.counts.cached) == (9, 9, 0)


async def test_a_film_without_scenes_is_done() -> None:
    found = await label(ScriptedProvider(), [])
    assert (found.status, found.counts.calls) == ("done", 0)


async def test_the_frames_of_a_scene_go_in_one_call() -> None:
    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(0, t) for t in (5, 1, 9)], frames_per_scene=3)
    assert [[frame.t_us for frame in call] for call in provider.calls] == [[1, 5, 9]]
    assert found.counts.labelled == 3


async def test_who_takes_one_frame_a_call_is_called_for_each() -> None:
    provider = ScriptedProvider(frames_per_call=1)
    await label(provider, [scene_frame(0, t) for t in (5, 1, 9)], frames_per_scene=3)
    assert [len(call) for call in provider.calls] == [1, 1, 1]


async def test_text_is_painted_out_of_what_is_shown() -> None:
    provider = ScriptedProvider()
    await label(provider, [scene_frame(0, picture=SAME, boxes=[(0.2, 0.2, 0.5, 0.3)])])
    (frame,) = provider.shown
    assert shown(frame.jpeg).inside(0.2, 0.2, 0.5, 0.3).max() < 90


async def test_a_frame_whose_text_is_unread_is_not_even_fetched() -> None:
    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(0, withheld="text_failed", load=refuse), scene_frame(1)])
    assert [frame.scene for frame in provider.shown] == [1]
    assert (found.status, found.reason, found.counts.text_failed) == ("partial", "text_failed", 1)


async def test_another_frame_of_the_scene_stands_in_for_one_whose_text_is_unread() -> None:
    found = await label(ScriptedProvider(), [scene_frame(0, 1, withheld="text_failed"), scene_frame(0, 2)])
    assert (found.status, [label.t_us for label in found.labels]) == ("done", [2])


async def test_a_frame_in_which_text_cannot_be_looked_for_is_not_shown() -> None:
    def unread() -> bytes:
        raise CallFailed("timeout")

    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(0, load=unread), scene_frame(1)])
    assert [frame.scene for frame in provider.shown] == [1]
    assert (found.status, found.reason, found.counts.text_failed) == ("partial", "text_failed", 1)


async def test_each_withheld_frame_is_counted_by_its_reason() -> None:
    reasons: list[Withheld] = ["text_capped", "text_failed", "text_capped", "text_not_looked_for"]
    film = [scene_frame(n, withheld=reason) for n, reason in enumerate(reasons)]
    counts = (await label(ScriptedProvider(), film)).counts
    assert (counts.text_capped, counts.text_failed, counts.text_not_looked_for) == (2, 1, 1)


async def test_pictures_are_counted_each_time_they_leave() -> None:
    provider = ScriptedProvider(deque([ProviderUnavailable("status 503"), None]))
    counts = (await label(provider, [scene_frame(0, t) for t in (1, 2)], frames_per_scene=2)).counts
    assert (counts.sent, counts.calls, counts.labelled) == (4, 2, 2)


async def test_a_film_whose_text_nobody_read_fails_to_be_labelled() -> None:
    found = await label(
        ScriptedProvider(), [scene_frame(0, withheld="text_failed"), scene_frame(1, withheld="text_failed")]
    )
    assert (found.status, found.reason, found.counts.calls) == ("failed", "text_failed", 0)


async def test_a_picture_is_paid_for_once() -> None:
    cache, provider = MemoryCache(), ScriptedProvider()
    first = await label(provider, [scene_frame(0), scene_frame(1)], cache)
    again = await label(provider, [scene_frame(0), scene_frame(1)], cache)
    assert len(provider.calls) == 2
    assert again.labels == first.labels
    assert (again.status, again.counts.cached, again.counts.calls) == ("done", 2, 0)


async def test_an_equal_picture_at_another_place_gets_the_labels_there() -> None:
    cache, provider = MemoryCache(), ScriptedProvider()
    await label(provider, [scene_frame(3, picture=SAME)], cache)
    found = await label(provider, [scene_frame(0, 77, picture=SAME)], cache)
    assert found.labels == [Label("bicycle", 0.9, 77, 0)]
    assert found.counts.calls == 0


async def test_a_scene_in_which_nothing_moves_is_one_picture() -> None:
    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(0, t, picture=SAME) for t in (1, 2, 3)], frames_per_scene=3)
    assert len(provider.shown) == 1
    assert [label.t_us for label in found.labels] == [1, 2, 3]
    assert found.counts.labelled == 3


async def test_that_nothing_was_seen_is_known_too() -> None:
    class Blind(ScriptedProvider):
        async def label(self, frames: Any, max_labels: int) -> list[Label]:
            await super().label(frames, max_labels)
            return []

    cache, provider = MemoryCache(), Blind()
    for _ in range(2):
        found = await label(provider, [scene_frame(0)], cache)
        assert (found.status, found.labels) == ("done", [])
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    "change", [{"identity": "scripted 2"}, {"max_labels": 3}, {"boxes": [(0.0, 0.0, 0.1, 0.1)]}], ids=str
)
async def test_another_question_or_other_boxes_are_asked_anew(change: dict[str, Any]) -> None:
    cache = MemoryCache()
    await label(ScriptedProvider(), [scene_frame(0, picture=SAME)], cache)
    provider = ScriptedProvider(identity=change.get("identity", "scripted 1"))
    await label(
        provider,
        [scene_frame(0, picture=SAME, boxes=change.get("boxes", ()))],
        cache,
        max_labels=change.get("max_labels", 10),
    )
    assert len(provider.calls) == 1


async def test_frames_beyond_the_budget_are_counted() -> None:
    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(scene) for scene in range(10)], frames=4)
    assert len(provider.shown) == 4
    assert (found.status, found.reason, found.counts.budget, found.counts.labelled) == ("partial", "budget", 6, 4)


async def test_calls_beyond_the_budget_are_not_made() -> None:
    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(scene) for scene in range(10)], calls=4)
    assert len(provider.calls) == 4
    assert (found.status, found.reason, found.counts.budget, found.counts.calls) == ("partial", "budget", 6, 4)


async def test_who_refuses_is_not_asked_for_the_other_scenes() -> None:
    provider = ScriptedProvider(deque([ProviderRefused("status 401")] * 40))
    found = await label(provider, [scene_frame(scene) for scene in range(40)])
    assert len(provider.calls) <= 4  # as many scenes as are under way at once
    assert (found.status, found.reason, found.counts.provider_refused) == ("failed", "provider_refused", 40)


async def test_who_refuses_one_frame_is_not_asked_for_the_next() -> None:
    provider = ScriptedProvider(deque([ProviderRefused("status 401")]), frames_per_call=1)
    found = await label(provider, [scene_frame(0, t) for t in (1, 2, 3)], frames_per_scene=3)
    assert len(provider.calls) == 1
    assert (found.status, found.counts.provider_refused) == ("failed", 3)


async def test_when_nobody_is_asked_no_picture_is_fetched() -> None:
    fetched: list[int] = []

    def load() -> bytes:
        fetched.append(1)
        return SAME

    provider = ScriptedProvider(deque([ProviderRefused("status 401")] * 40))
    await label(provider, [scene_frame(scene, load=load) for scene in range(40)])
    assert len(fetched) <= 4


async def test_who_stays_away_is_given_up() -> None:
    provider = ScriptedProvider(deque([ProviderUnavailable("status 503")] * 400))
    found = await label(provider, [scene_frame(scene) for scene in range(40)], calls=400)
    assert len(provider.calls) <= 3 * (3 + 4)
    assert (found.status, found.reason, found.counts.provider_unavailable) == ("failed", "provider_unavailable", 40)


async def test_an_answer_that_is_no_use_costs_its_scene_alone() -> None:
    provider = ScriptedProvider(deque([None, AnswerUnusable("no labels"), None]))
    found = await label(provider, [scene_frame(scene) for scene in range(6)])
    assert (found.status, found.reason) == ("partial", "answer_unusable")
    assert (found.counts.labelled, found.counts.answer_unusable) == (5, 1)


async def test_failures_now_and_then_do_not_end_it() -> None:
    provider = ScriptedProvider(deque([AnswerUnusable("no labels"), None] * 20))
    found = await label(provider, [scene_frame(scene) for scene in range(40)])
    assert (found.counts.labelled, found.counts.answer_unusable) == (20, 20)


async def test_a_failure_is_not_kept_as_an_answer() -> None:
    cache, provider = MemoryCache(), ScriptedProvider(deque([AnswerUnusable("no labels")]))
    assert (await label(provider, [scene_frame(0)], cache)).status == "failed"
    assert (await label(provider, [scene_frame(0)], cache)).status == "done"


@pytest.mark.parametrize("load", [gone, lambda: b"no picture"], ids=["gone", "no picture"])
async def test_a_picture_that_cannot_be_had_or_painted_costs_itself_alone(load: Any) -> None:
    provider = ScriptedProvider()
    found = await label(provider, [scene_frame(0, load=load), scene_frame(1)])
    assert [frame.scene for frame in provider.shown] == [1]
    assert (found.status, found.reason, found.counts.picture_unreadable) == ("partial", "picture_unreadable", 1)


async def test_progress_counts_frames_up_to_all_of_them() -> None:
    seen: list[tuple[int, int]] = []

    async def on_progress(done: int, total: int) -> None:
        seen.append((done, total))

    await labelled(
        ScriptedProvider(), MemoryCache(), [scene_frame(s) for s in range(6)], LabelLimits(), on_progress=on_progress
    )
    assert seen == [(done, 6) for done in range(1, 7)]


async def test_what_the_cache_raises_is_the_jobs_to_know() -> None:
    class Broken(MemoryCache):
        async def get(self, keys: Any) -> Any:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await label(ScriptedProvider(), [scene_frame(0), scene_frame(1)], Broken())


async def test_a_label_of_a_frame_that_was_not_shown_is_dropped() -> None:
    class Confused(ScriptedProvider):
        async def label(self, frames: Any, max_labels: int) -> list[Label]:
            return [Label("dog", 0.5, 123, 456), Label("cat", 0.5, frames[0].t_us, frames[0].scene)]

    found = await label(Confused(), [scene_frame(0)])
    assert [label.name for label in found.labels] == ["cat"]


async def test_the_summary_tells_what_became_of_every_frame() -> None:
    found = await label(ScriptedProvider(), [scene_frame(0), scene_frame(1, withheld="text_failed")])
    assert found.summary() == {
        "status": "partial", "reason": "text_failed", "labelled": 1, "cached": 0, "sent": 1, "calls": 1,
        "provider_refused": 0, "provider_unavailable": 0, "answer_unusable": 0, "picture_unreadable": 0,
        "text_not_looked_for": 0, "text_capped": 0, "text_failed": 1, "budget": 0,
    }  # fmt: skip
