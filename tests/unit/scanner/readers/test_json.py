"""JSON is scanned with its escapes resolved; a place has its path, line and stored bytes."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scanner.readers.looking import look, seen

from sightglass_scanner.readers import json_text
from sightglass_scanner.readers.decode import decoded
from sightglass_scanner.readers.json_path import JsonShape, shape
from sightglass_scanner.readers.source import BytesSource

NEEDLE = "ann@example.com"


def test_a_place_has_its_path() -> None:
    data = json.dumps({"users": [{"name": "x"}, {"name": "y", "mail to": NEEDLE}]}, indent=2).encode()
    place = look(data, NEEDLE).only(NEEDLE)
    assert place.path == '$.users[1]["mail to"]'
    assert (place.line, place.column) == (8, 19)
    assert data[place.offset or 0 :].startswith(NEEDLE.encode())


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([[1, [2, NEEDLE]]], "$[0][1][1]"),
        ([{}, [], {"a": {}}, NEEDLE], "$[3]"),
        ({"": {"a.b": NEEDLE}}, '$[""]["a.b"]'),
        ({"a": -1.5e3, "b": None, "c": [True, False, NEEDLE]}, "$.c[2]"),
        ({"a": 'quote " and \\ in', "é": NEEDLE}, '$["é"]'),
    ],
)
def test_the_path_is_right_whatever_stands_before(value: object, path: str) -> None:
    assert look(json.dumps(value).encode(), NEEDLE).only(NEEDLE).path == path


def test_a_value_in_a_key_is_told_by_the_object_that_has_it() -> None:
    assert look(b'{"a": {"' + NEEDLE.encode() + b'": 1}}', NEEDLE).only(NEEDLE).path == "$.a"


def test_each_line_of_json_lines_is_a_document() -> None:
    data = b'{"a": 1}\n{"b": [1, "' + NEEDLE.encode() + b'"]}\n{"c": 1}\n'
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.path, place.line, place.column) == ("$.b[1]", 2, 12)


@pytest.mark.parametrize(
    ("escaped", "meant"),
    [
        (rb"ann\u0040example.com", NEEDLE),
        (rb"call\n555", "\n555"),
        (rb"https:\/\/u:p@example.com\/x", "https://u:p@example.com/x"),
        (rb"C:\\new", "C:\\new"),
        (rb"\ud83d\ude42", "🙂"),
        (rb"\u65e5\u672c", "日本"),
    ],
)
def test_escapes_are_read_as_what_they_mean(escaped: bytes, meant: str) -> None:
    data = b'{"k": "' + escaped + b'"}'
    place = look(data, meant).only(meant)
    assert place.path == "$.k"
    assert place.offset is not None
    assert place.length is not None
    assert place.offset + place.length == data.rindex(b'"')


def test_a_place_within_a_run_of_escapes_is_exact() -> None:
    data = rb'{"k": "\u65e5\ud83d\ude42\u672c1"}'
    for meant, escape in (("\u672c1", rb"\u672c1"), ("🙂", rb"\ud83d\ude42")):
        place = look(data, meant).only(meant)
        assert (place.offset, place.length) == (data.index(escape), len(escape))


@given(
    values=st.recursive(
        st.one_of(st.text('ab\\"/\n\té🙂\u0000', max_size=6), st.integers(), st.none()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text("kq\\é", max_size=3), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    block=st.integers(8, 48),
    ascii_only=st.booleans(),
)
def test_any_split_gives_the_same(values: object, block: int, ascii_only: bool) -> None:
    data = json.dumps([values, {"x": NEEDLE}], ensure_ascii=ascii_only).encode()
    for text in json_text.read(partial(decoded, BytesSource(data), block), JsonShape.DOCUMENT):
        text.data.decode()
    whole = seen(json_text.read(partial(decoded, BytesSource(data)), JsonShape.DOCUMENT), NEEDLE)
    split = seen(json_text.read(partial(decoded, BytesSource(data), block), JsonShape.DOCUMENT), NEEDLE)
    assert whole.only(NEEDLE).path == "$[1].x"
    assert whole.only(NEEDLE).offset == data.index(NEEDLE.encode())
    assert split.stretches == whole.stretches
    assert split.places == whole.places


def test_paths_are_found_in_any_order() -> None:
    data = json.dumps([f"v{n}v" for n in range(1000)]).encode()
    (text,) = json_text.read(partial(decoded, BytesSource(data)), JsonShape.DOCUMENT)
    for n in (900, 3, 3, 500, 499, 999):
        start = data.index(f"v{n}v".encode())
        assert text.locate(start, start + 2).path == f"$[{n}]"


def test_a_document_that_breaks_off_has_paths_up_to_there() -> None:
    data = b'{"n": [' + b"1, " * 100 + b'1], "a": "' + NEEDLE.encode() + b'", ] "bob@example.com"'
    found = look(data + b" " * 10, NEEDLE, "bob@example.com")
    assert found.only(NEEDLE).path == "$.a"
    assert found.only("bob@example.com").path is None
    assert found.only("bob@example.com").line == 1


def test_nesting_without_end_is_read_as_text() -> None:
    data = b"[" * 5000 + NEEDLE.encode()
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.path, place.column) == (None, 5001)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"a": 1}', JsonShape.DOCUMENT),
        (b"  [1, 2", JsonShape.DOCUMENT),
        (b'{"a": 1}\n{"b": 2}\n', JsonShape.LINES),
        (b'{\n"a": 1}\n', JsonShape.DOCUMENT),
        (b"[section]\nkey = 1\n", None),
        (b"[2024-01-01] started\n", None),
        (b"{% if x %}", None),
        (b"plain", None),
        (b"", None),
    ],
)
def test_json_is_told_from_what_begins_alike(head: bytes, expected: JsonShape | None) -> None:
    assert shape(head) is expected
