"""The copy of a bucket on disk."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_embedded.bucket_index import BucketIndex, IndexUnreadable, Stored, indexes_in

ODD = ("../../etc/passwd", "%2e%2e/x", "a//b", "a/b", "/", ".", "ü日本", "k" * 1024, "with\x01control", "A", "a")


def stored(key: str, etag: str = '"1"') -> Stored:
    return Stored(
        key=key, etag=etag, size_bytes=3, headers={"ContentType": "video/mp4"}, metadata={"a": "b"}, part_bytes=(2, 1)
    )


def test_any_key_comes_back_as_it_was(tmp_path: Path) -> None:
    index = BucketIndex(tmp_path, "videos")
    index.write([stored(key) for key in ODD])
    assert BucketIndex(tmp_path, "videos").read() == {key: stored(key) for key in ODD}


@given(key=st.text(min_size=1, max_size=1024))
def test_no_key_leaves_its_folder(key: str) -> None:
    index = BucketIndex(Path("/copies"), "videos")
    path = index.path_of(stored(key))
    assert path.parent == index.objects
    assert len(path.name) == 64
    assert path.name.isalnum()


@given(keys=st.sets(st.text(min_size=1), min_size=2, max_size=2))
def test_two_keys_never_share_a_file(keys: set[str]) -> None:
    assert len({stored(key).file_name for key in keys}) == 2


def test_new_content_of_a_key_gets_a_new_file() -> None:
    assert stored("a", '"1"').file_name != stored("a", '"2"').file_name


def test_files_that_no_entry_names_are_removed(tmp_path: Path) -> None:
    index = BucketIndex(tmp_path, "videos")
    index.write([stored("a")])
    for key in ("a", "b"):
        index.path_of(stored(key)).write_bytes(b"123")
    (index.objects / "half.new").write_bytes(b"1")
    index.write([stored("a")])
    assert [path.name for path in index.objects.iterdir()] == [stored("a").file_name]


def test_buckets_are_found_by_their_own_names(tmp_path: Path) -> None:
    for bucket in ("videos", "other.bucket"):
        BucketIndex(tmp_path, bucket).write([])
    assert [index.bucket for index in indexes_in(tmp_path)] == ["other.bucket", "videos"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 2}', '{"format": 1, "bucket": "x", "objects": [{}]}'])
def test_a_damaged_index_is_told_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    index = BucketIndex(tmp_path, "videos")
    index.write([stored("a")])
    path = index.folder / "index.json"
    path.write_text(damage)
    with pytest.raises(IndexUnreadable):
        index.read()
    assert path.read_text() == damage
