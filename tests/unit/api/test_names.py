"""File names in headers: whatever they hold, the header stays whole."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.names import inline, is_filename, shown_type
from sightglass_common.filenames import filename_of_key

HEADER = re.compile(r"""inline; filename="([ !#-\[\]-~]*)"; filename\*=UTF-8''([A-Za-z0-9!#$&+\-.^_`|~%]*)""")


@given(st.text(st.characters(codec="utf-8"), max_size=255))
def test_any_name_makes_a_whole_header_that_tells_it(name: str) -> None:
    match = HEADER.fullmatch(inline(name))
    assert match
    assert unquote(match[2]) == name


@pytest.mark.parametrize("name", ['a".mp4', "a\\.mp4", "a\r\nX: y", "Ünï.mp4", "100%.mp4"])
def test_what_would_end_the_plain_name_is_replaced(name: str) -> None:
    match = HEADER.fullmatch(inline(name))
    assert match
    assert '"' not in match[1]
    assert "%" not in match[1]


@pytest.mark.parametrize("name", ["a.mp4", "Ünïcode 🎬.mp4", "שלום.mp4", "a/b.mp4", "..", "a  b"])
def test_any_script_makes_a_name(name: str) -> None:
    assert is_filename(name) == name


@pytest.mark.parametrize("name", ["a\n", "\0", "\x7f", "\u0085", "\ud800", " ", ""])
def test_control_characters_and_blanks_make_none(name: str) -> None:
    with pytest.raises(ValueError, match=r"has a control|is blank"):
        is_filename(name)


@pytest.mark.parametrize(
    ("key", "name"),
    [("a/b/c.mp4", "c.mp4"), ("c.mp4", "c.mp4"), ("a/b/", "b"), ("///", "///"), ("a/\n", "\N{REPLACEMENT CHARACTER}")],
)
def test_a_keys_last_part_is_its_name(key: str, name: str) -> None:
    assert filename_of_key(key) == name


@pytest.mark.parametrize(
    ("given_type", "shown"),
    [("video/mp4", "video/mp4"), ("VIDEO/mp4", "VIDEO/mp4"), ("audio/ogg", "audio/ogg")]
    + [(page, "application/octet-stream") for page in ("text/html", "image/svg+xml", "video", "application/xml")],
)
def test_a_link_never_answers_with_a_page(given_type: str, shown: str) -> None:
    assert shown_type(given_type) == shown
