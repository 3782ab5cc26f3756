"""`sightglass datasets`."""

import json
from pathlib import Path

import pytest
from tests.unit.client.fake_api import FakeApi, cut, problem
from tests.unit.client.fake_corpus import MANUAL, OTHER, document, source
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))
    Path("travel.md").write_text("# Trains\n")
    Path("faq.jsonl").write_text('{"id": "1", "text": "Seats are reserved."}\n')


def datasets(*words: str) -> Result:
    return CliRunner().invoke(app, ["datasets", *words])


def test_a_dataset_is_made_with_its_language(api: FakeApi) -> None:
    result = datasets("create", "Handbuch", "--language", "de")
    assert result.exit_code == 0
    assert json.loads(api.calls("POST")[0].content) == {"name": "Handbuch", "language": "de", "description": ""}
    assert "name\tHandbuch" in result.stdout
    assert "sightglass datasets add Handbuch FILE..." in result.stderr


def test_datasets_are_listed() -> None:
    lines = datasets().stdout.splitlines()
    assert lines[1].split("\t")[:5] == [MANUAL, "manual", "en", "2", "9"]
    assert [item["name"] for item in json.loads(datasets("ls", "--json").stdout)["items"]] == ["manual", "other one"]


@pytest.mark.parametrize("named", [OTHER, OTHER.upper(), "other one"])
def test_a_dataset_is_known_by_its_id_and_by_its_name(named: str, api: FakeApi) -> None:
    api.corpus.datasets[OTHER.upper()] = api.corpus.datasets[OTHER]
    assert json.loads(datasets("show", named, "--json").stdout)["dataset_id"] == OTHER


def test_a_name_that_looks_like_an_id_is_found_as_well(api: FakeApi) -> None:
    strange = "00000000-0000-7000-8000-00000000ffff"
    api.corpus.datasets[OTHER]["name"] = strange
    assert json.loads(datasets("show", strange, "--json").stdout)["dataset_id"] == OTHER


def test_a_dataset_that_there_is_not_ends_it_before_anything_is_sent(api: FakeApi) -> None:
    result = datasets("add", "nowhere", "travel.md")
    assert result.exit_code == 3
    assert "There is no dataset 'nowhere'" in result.stderr
    assert not api.calls("POST")


def test_a_key_that_may_not_look_is_not_a_dataset_that_is_not_there(api: FakeApi) -> None:
    api.fault("GET", lambda _: problem(401, "unauthenticated", "No valid API key was given"))
    assert datasets("show", MANUAL).exit_code == 4


def test_files_are_sent_and_their_jobs_told(api: FakeApi) -> None:
    result = datasets("add", "manual", "travel.md", "faq.jsonl")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "path\tstatus\tsource\tjob",
        "travel.md\tqueued\ts-u1\tj-u1",
        "faq.jsonl\tqueued\ts-u2\tj-u2",
    ]
    assert "sightglass jobs watch j-u1" in result.stderr
    assert [upload.dataset_id for upload in api.uploads.values()] == [MANUAL, MANUAL]
    assert api.uploads["u2"].body == {"filename": "faq.jsonl", "content_type": "application/jsonl", "size_bytes": 43}


def test_the_same_file_for_another_dataset_is_another_upload(api: FakeApi) -> None:
    api.fault("complete", *[cut] * 5)
    assert datasets("add", "manual", "travel.md").exit_code == 1
    assert datasets("add", "other one", "travel.md").exit_code == 0
    assert datasets("add", "manual", "travel.md").exit_code == 0
    assert [upload.dataset_id for upload in api.uploads.values()] == [MANUAL, OTHER]


def test_with_wait_it_ends_with_what_became_of_each_document(api: FakeApi) -> None:
    api.a_job("j-u1", status="done", kind="indexing")
    api.a_job("j-u2", status="partial", kind="indexing")
    api.corpus.documents = [
        document("d-u1", "s-u1", redactions=2),
        document("r0", "another"),
        *(document(f"r{number}", "s-u2", redactions=1) for number in range(1, 402)),
        *(document(f"b{number}", "s-u2", status="skipped", reason="not_a_record") for number in range(3)),
        document("b3", "s-u2", status="skipped", reason="sensitive_id"),
        document("b4", "s-u2", status="failed"),
        document("p1", "s-u2", reason="partly"),
    ]
    result = datasets("add", "manual", "travel.md", "faq.jsonl", "--wait")
    assert result.exit_code == 5
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["path", "status", "source", "job", "documents", "ready", "skipped", "partly", "failed", "redactions"],
        ["travel.md", "done", "s-u1", "j-u1", "1", "1", "", "", "", "2"],
        [
            "faq.jsonl",
            "partial",
            "s-u2",
            "j-u2",
            "407",
            "402",
            "3 not_a_record, 1 sensitive_id",
            "1 partly",
            "1",
            "401",
        ],
    ]


@pytest.mark.parametrize(
    ("status", "changed", "exit_code"),
    [
        ("done", {}, 0),
        ("done", {"status": "skipped", "reason": "encrypted"}, 5),
        ("done", {"reason": "partly"}, 5),
        ("partial", {}, 5),
        ("failed", {"status": "skipped", "reason": "encrypted"}, 1),
        ("cancelled", {"status": "queued"}, 1),
    ],
)
def test_with_wait_it_exits_with_what_became_of_the_documents(
    api: FakeApi, status: str, changed: dict[str, str], exit_code: int
) -> None:
    api.a_job("j-u1", status=status, kind="indexing")
    api.corpus.documents = [document("d-u1", "s-u1", **changed)]
    result = datasets("add", "manual", "travel.md", "--wait", "--json")
    assert result.exit_code == exit_code
    (item,) = json.loads(result.stdout)["items"]
    assert item["documents"]["total"] == 1
    assert item["documents"]["skipped"] == ({"encrypted": 1} if changed.get("status") == "skipped" else {})


def test_documents_are_listed_by_what_became_of_them(api: FakeApi) -> None:
    api.corpus.documents = [document("d1", "s1"), document("d2", "s2", status="skipped", reason="encrypted")]
    lines = datasets("documents", "manual", "--status", "skipped").stdout.splitlines()
    assert [line.split("\t")[:6] for line in lines[1:]] == [["d2", "travel.md", "", "skipped", "encrypted", "0"]]
    assert len(json.loads(datasets("documents", "manual", "--json").stdout)["items"]) == 2


def test_a_document_and_a_file_are_deleted_and_one_that_there_is_not_is_told(api: FakeApi) -> None:
    api.corpus.documents, api.corpus.sources = [document("d1", "s1")], [source("s1"), source("s2")]
    assert datasets("rm-document", "manual", "d1").stderr == "Deleted d1.\n"
    assert datasets("rm-source", "manual", "s1").stderr == "Deleted s1.\n"
    assert (api.corpus.documents, [one["source_id"] for one in api.corpus.sources]) == ([], ["s2"])
    assert datasets("rm-document", "manual", "d1").exit_code == 3


def test_files_are_listed_with_what_became_of_them(api: FakeApi) -> None:
    api.corpus.sources = [source("s1"), source("s2", state="deleting", withheld=1)]
    lines = datasets("sources", "manual").stdout.splitlines()
    assert [line.split("\t") for line in lines[1:]] == [
        ["s1", "travel.md", "done", "1", "1", "0", "0", "j1"],
        ["s2", "travel.md", "deleting", "1", "1", "0", "1", "j1"],
    ]


@pytest.mark.parametrize(("words", "job_id"), [(("manual",), "j-dataset"), (("manual", "d1"), "j-document")])
def test_what_is_read_anew_can_be_followed(words: tuple[str, ...], job_id: str) -> None:
    assert f"sightglass jobs watch {job_id}" in datasets("reindex", *words).stderr
    assert json.loads(datasets("reindex", *words, "--json").stdout) == {"job_id": job_id}


def test_a_document_that_is_withheld_is_told_with_the_reason(api: FakeApi) -> None:
    api.corpus.documents = [document("d1", "s1", withheld=True, withheld_reason="settings_changed")]
    assert datasets("documents", "manual").stdout.splitlines()[1].split("\t")[3:5] == ["withheld", "settings_changed"]


def test_a_dataset_is_deleted_by_its_name(api: FakeApi) -> None:
    result = datasets("delete", "other one")
    assert (result.exit_code, result.stderr) == (0, "Deleted other one.\n")
    assert list(api.corpus.datasets) == [MANUAL]


def test_nothing_is_sent_if_one_of_several_files_is_missing(api: FakeApi) -> None:
    assert datasets("add", "manual", "travel.md", "missing.md").exit_code == 2
    assert not api.seen


def test_ctrl_c_prints_the_command_that_resumes(api: FakeApi) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    api.fault("complete", lambda _: None, stopped)
    result = datasets("add", "manual", "travel.md", "faq.jsonl")
    assert result.exit_code == 130
    assert "Go on with: sightglass datasets add manual faq.jsonl" in result.stderr


def test_videos_are_added_by_their_ids_or_all_of_them(api: FakeApi) -> None:
    assert datasets("add-videos", "manual", "v1", "v2").exit_code == 0
    assert json.loads(datasets("add-videos", "manual", "--all", "--json").stdout)["job_id"] == "j1"
    sent = [json.loads(call.content) for call in api.calls("POST")]
    assert sent == [{"videos": ["v1", "v2"]}, {"videos": "all"}]


@pytest.mark.parametrize("words", [[], ["v1", "--all"]])
def test_videos_are_either_named_or_all(words: list[str], api: FakeApi) -> None:
    assert datasets("add-videos", "manual", *words).exit_code == 2
    assert not api.calls("POST")


def test_the_videos_of_a_dataset_are_listed_and_one_is_taken_out(api: FakeApi) -> None:
    assert datasets("videos", "manual").stdout.splitlines()[1].split("\t") == ["v1", "clip.mp4", "ready", "", "4"]
    assert datasets("remove-video", "manual", "v1").exit_code == 0
    assert api.calls("DELETE")


def test_how_well_a_dataset_is_searched_is_told(api: FakeApi) -> None:
    questions = [{"question": "Which train?", "relevant": {"1": 2}}, {"question": "Which seat?", "relevant": {"2": 1}}]
    Path("questions.jsonl").write_text("\n".join(json.dumps(one) for one in questions))
    result = datasets("evaluate", "manual", "questions.jsonl")
    (call,) = api.calls("POST /v1/datasets")
    assert (call.url.path, json.loads(call.content)) == (f"/v1/datasets/{MANUAL}/evaluate", {"questions": questions})
    assert result.stdout.splitlines()[1].split("\t") == ["words", "0.625", "0.750", "3 ms", "12 ms"]
    assert "1 are not in the dataset" in result.stderr


def test_questions_that_cannot_be_read_are_not_sent(api: FakeApi) -> None:
    Path("questions.jsonl").write_text("Which train?")
    assert datasets("evaluate", "manual", "questions.jsonl").exit_code == 2
    assert api.calls("POST") == []
