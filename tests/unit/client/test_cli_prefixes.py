"""`sightglass datasets add-prefix`, `sync`, `prefixes` and `rm-prefix`."""

import json

import pytest
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_corpus import prefix
from tests.unit.client.test_cli_datasets import connected, datasets

__all__ = ["connected"]

READING = {"reading": 2, "ready": 2}
DENIED = {"sync": {"status": "failed", "error": {"code": "access_denied", "title": "S3 said no.", "retryable": False}}}


def test_a_prefix_is_added_with_its_patterns(api: FakeApi) -> None:
    result = datasets(
        "add-prefix", "manual", "s3://shelf/manuals/", "--exclude", "*/drafts/*", "--every", "0", "--json"
    )
    assert result.exit_code == 0, result.output
    assert json.loads(api.calls("POST")[0].content) == {
        "bucket": "shelf", "prefix": "manuals/", "every_minutes": None, "include": [], "exclude": ["*/drafts/*"]
    }  # fmt: skip
    (shown,) = json.loads(result.stdout)["items"]
    assert (shown["prefix_id"], shown["sync"]["listed"]) == ("p1", 4)


def test_waiting_ends_when_the_sync_is_over_and_all_is_read(api: FakeApi) -> None:
    api.corpus.states = [{"sync": {"status": "running"}}, READING, READING]
    result = datasets("add-prefix", "manual", "s3://shelf/manuals/", "--wait")
    assert (result.exit_code, api.corpus.states) == (0, [])
    assert result.stdout.splitlines()[1].split("\t")[:10] == [
        "p1", "s3://shelf/manuals/", "done", "4", "3", "0", "1", "0", "0", "4"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "code"),
    [({}, 0), ({"skipped": 1}, 5), ({"failed": 1}, 5), ({"sync": {"skipped": {"archived": 1}}}, 5), (DENIED, 1)],
)
def test_the_exit_code_tells_what_a_sync_came_to(api: FakeApi, state: dict[str, object], code: int) -> None:
    api.corpus.prefixes, api.corpus.states = [prefix("p1")], [state]
    result = datasets("sync", "manual", "--wait")
    assert result.exit_code == code
    assert ("access_denied" in result.stdout) == (code == 1)


@pytest.mark.parametrize(("named", "ids"), [((), ["p1", "p2"]), (("p2",), ["p2"]), (("s3://shelf/manuals/",), ["p1"])])
def test_all_prefixes_are_synced_or_the_one_that_is_named(api: FakeApi, named: tuple[str, ...], ids: list[str]) -> None:
    api.corpus.prefixes = [prefix("p1"), prefix("p2", "letters/")]
    assert datasets("sync", "manual", *named).exit_code == 0
    assert [call.url.path.split("/")[-2] for call in api.calls("POST")] == ids


def test_a_prefix_that_there_is_not_is_told(api: FakeApi) -> None:
    result = datasets("rm-prefix", "manual", "s3://shelf/nowhere")
    assert result.exit_code == 2
    assert "no prefix s3://shelf/nowhere" in result.output
    assert not api.calls("DELETE")


def test_prefixes_are_listed_and_taken_out(api: FakeApi) -> None:
    api.corpus.prefixes = [prefix("p1", sync={"skipped": {"archived": 2, "empty": 1}})]
    assert datasets("prefixes", "manual").stdout.splitlines()[1].split("\t")[7] == "2 archived, 1 empty"
    assert datasets("rm-prefix", "manual", "s3://shelf/manuals/").exit_code == 0
    assert [call.url.path.rpartition("/")[2] for call in api.calls("DELETE")] == ["p1"]
