"""The error tree: codes are unique, well formed, and each has a title."""

import re

from sightglass_common.errors import JobNotFound, Kind, SightglassError, all_errors
from sightglass_common.video_errors import NotAVideo


def test_codes_are_unique_and_well_formed() -> None:
    codes = [error.code for error in all_errors()]
    assert len(codes) == len(set(codes)) > 40
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z_]+", code)] == []


def test_every_error_says_in_a_sentence_what_is_wrong() -> None:
    for error in all_errors():
        assert error.__doc__, error
        assert error.title()[0].isupper()
        assert not error.title().endswith(".")


def test_every_class_of_ours_is_listed_once() -> None:
    assert all(not error.__subclasses__() for error in all_errors() if error is not SightglassError)


def test_the_title_stands_in_for_a_detail() -> None:
    assert JobNotFound().detail == "No such job"
    assert JobNotFound("Gone.", job_id="1").context == {"job_id": "1"}


def test_what_is_wrong_for_good_is_not_retryable() -> None:
    assert not NotAVideo().retryable
    assert [e.code for e in all_errors() if e.kind is Kind.REJECTED and e().retryable] == []
