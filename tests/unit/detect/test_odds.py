"""The odds that family files state, against random values of the form."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.unit.detect.draw import drawn

from sightglass_detect import detectors
from sightglass_detect.checks import CHECKS
from sightglass_detect.detector import Form

# A JSON header, a key that is DER: what random text never passes, though a forger does with ease.
# And rows of pairs, of which only those of six are addresses: fingerprints are drawn too.
_STRUCTURE = {"jwt", "private_key", "mac_address"}
# Of several shapes of a form the likeliest is stated; and forms that logs are full of are kept below a strong check.
_LOOSE = 10


def _stated() -> Iterator[tuple[str, Form]]:
    """Forms with odds, and of shapes that share a check the first two."""
    for detector in detectors():
        seen = Counter[tuple[str | None, float]]()
        for form in detector.forms:
            seen[form.check, form.odds] += 1
            if form.odds > 1 and form.check not in _STRUCTURE and seen[form.check, form.odds] <= 2:
                yield detector.id, form


@pytest.mark.parametrize(("name", "form"), list(_stated()))
def test_a_random_value_passes_a_check_as_rarely_as_is_stated(name: str, form: Form) -> None:
    rng, check = random.Random(f"{name}/{form.pattern}"), CHECKS[form.check or ""]
    draws = min(int(40 * form.odds), 3_000)
    passed = sum(check(drawn(rng, form)) for _ in range(draws))
    expected = draws / form.odds
    assert passed <= expected + 4 * expected**0.5 + 1, f"one in {draws / passed:.0f} passes"
    assert form.odds >= 50 or passed * _LOOSE >= expected, f"one in {draws / max(passed, 1):.0f} passes"


def test_no_value_passes_the_check_of_a_form_that_begins_with_another_digit_than_is_said() -> None:
    rng = random.Random(8)
    for form in (form for detector in detectors() for form in detector.forms if form.first and form.check):
        at = (form.shape or "").index("9")
        for _ in range(300):
            value = drawn(rng, form)
            assert not CHECKS[form.check or ""](value) or chr(value[at]) in (form.first or ""), (form.shape, value)
