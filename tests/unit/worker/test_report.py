"""Results on their way from a decoder: in order, each once, and not each by itself."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sightglass_common.sandbox.wire import HEADER, parsed
from sightglass_worker.decode.report import message, messages
from sightglass_worker.decode.results import Progress
from sightglass_worker.decode.wire import WIRE
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.samples import MotionSample, Region

_SAMPLES = TypeAdapter(list[MotionSample])


def result(number: int, *, moves: bool) -> MotionSample | Progress:
    region = Region(Box(0.25, 0.0, 0.5, 1.0), 0.5)
    return (
        MotionSample(number, number - 1, (0.1, -0.3), 1 / 3, 0.0, (region,) * (number % 3))
        if moves
        else Progress(number, number)
    )


def sent(results: list[MotionSample | Progress]) -> list[tuple[str, dict[str, object]]]:
    """Kind and fields of each message, as it arrives."""
    found: list[tuple[str, dict[str, object]]] = []
    for told in messages(results, message):
        carried = WIRE.packed(told)
        text, _ = WIRE.sizes(carried[: HEADER.size])
        rest = carried[HEADER.size :]
        arrived = parsed(rest[:text], rest[text:])
        found.append((arrived.kind, arrived.fields))
    return found


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 70)), max_size=6))
def test_what_arrives_is_what_was_found_in_its_order(runs: list[tuple[bool, int]]) -> None:
    kinds = [moves for moves, count in runs for _ in range(count)]
    results = [result(number, moves=moves) for number, moves in enumerate(kinds)]
    arrived: list[MotionSample | Progress] = []
    for kind, fields in sent(results):
        if kind == "motion":
            arrived += _SAMPLES.validate_python(fields["samples"])
        else:
            arrived.append(TypeAdapter(Progress).validate_python(fields))
    assert arrived == results


def test_samples_go_together_and_wait_for_no_more_than_three_seconds_of_film() -> None:
    results = [result(number, moves=True) for number in range(65)]
    assert [len(_SAMPLES.validate_python(fields["samples"])) for _, fields in sent(results)] == [32, 32, 1]


def test_what_was_found_before_something_else_is_told_before_it() -> None:
    moving, other = result(1, moves=True), result(2, moves=False)
    told = messages(iter([moving, other, moving]), message)
    assert [next(told).kind for _ in range(3)] == ["motion", "progress", "motion"]
