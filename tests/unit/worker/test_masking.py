"""What is shown of a text that nothing has judged yet."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.texts.masking import masked


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("519-25-3205", "•••-••-••••"),
        ("(924) 555-2655", "(•••) •••-••••"),
        ("ana@example.com", "•••@•••••••.•••"),
        ("", ""),
        ("№ ٣ ½ é", "№ • • •"),
    ],
)
def test_the_shape_of_a_text_is_left(text: str, shape: str) -> None:
    assert masked(text) == shape


@given(st.text())
def test_no_letter_and_no_digit_is_left(text: str) -> None:
    shape = masked(text)
    assert len(shape) == len(text)
    assert not any(category(sign)[0] in "LN" for sign in shape)


@given(st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    assert masked(masked(text)) == masked(text)
