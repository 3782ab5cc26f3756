"""What a range has found is stored, and comes back as it was, one value at a time."""

import zlib
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.decode.range_results import LitSamples, PieceFound, RangeDone, TileFound
from sightglass_worker.decode.results import Thumbnail
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.merging.cadence import Cadence
from sightglass_worker.domain.merging.marks import Mark, MarkKind
from sightglass_worker.domain.motion.samples import MotionSample, Region
from sightglass_worker.domain.screen.looks import Change, ScreenLook
from sightglass_worker.domain.texts.folding import ReadLook, without_picture
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ranges.found import FoundWriter, RangeFound, UnreadableError
from sightglass_worker.ranges.sections import Packer, Section, sections

WHERE = Box(0.25, 0.0, 0.5, 1.0)
LIT = LitSamples(3, 2, 2, b"\x00\xff\n \x80")
DONE = RangeDone(
    Cadence(9, 5, 90, 10, 11, 1), LIT, None, 4, "head", "tail", 2, None, 9, 90, (16, 9, "yuv420p"), 16, 9, 90, -7
)
PIECES = [
    PieceFound(4, Thumbnail(40, 2, 2, 0.1 + 0.2, b"\xff\xd8\n0 {}\xff\xd9"), Mark(MarkKind.CUT, 5, 50, 0.7), True),
    PieceFound(0, None, Mark(MarkKind.DISSOLVE, 6, 60, 0.5, 2, 9), False),
    PieceFound(8, Thumbnail(80, 2, 2, 1e-17, b"\x00" * 500), None, False),
]
TILES = [TileFound(t_us, 4, 2, bytes(range(t_us, t_us + 12))) for t_us in (0, 10, 200)]
MOTION = [MotionSample(t, t - 9, (0.1 * t, -0.3), 0.2, 1 / 3, (Region(WHERE, 0.5),) * (t % 3)) for t in range(9, 99, 9)]
SEEN = ScreenLook(7, WHERE, True, 4, 4, 4, None, (Change(WHERE, 7, 9),), b"\x01" * 16)
LOOKS = [
    without_picture(SEEN, (Line("two\nlines of \u201ctext\u201d", 0.9, WHERE),), "read"),
    without_picture(SEEN, (), None),
]


def stored(looks: list[ReadLook] | None) -> bytes:
    writer = FoundWriter()
    for piece in PIECES:
        writer.piece(piece)
    for tile in TILES:
        writer.tile(tile)
    for sample in MOTION:
        writer.motion(sample)
    for look in looks or ():
        writer.look(look)
    return writer.finish(DONE, is_read=looks is not None)


@pytest.mark.parametrize("looks", [None, [], LOOKS], ids=["not read", "nothing read", "read"])
def test_what_a_range_has_found_comes_back_as_it_was(looks: list[ReadLook] | None) -> None:
    found = RangeFound(stored(looks))
    assert found.done == DONE
    for _ in range(2):  # each kind as often as is asked for
        assert [*found.pieces()] == PIECES
        assert [*found.tiles()] == TILES
        assert [*found.motion()] == MOTION
        come_back = found.looks()
        assert (None if come_back is None else [*come_back]) == looks


@given(st.data())
def test_what_is_cut_short_or_changed_is_not_believed(data: st.DataObject) -> None:
    whole = stored(LOOKS)
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole) - 1))])
    if broken and data.draw(st.booleans()):
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = RangeFound(bytes(broken))
        looks = found.looks()
        read = [*chain(found.pieces(), found.tiles(), found.motion(), looks or ())]
    except (ValueError, zlib.error):
        return
    # Cut off at the end of a section, or changed within a picture, on which there is no checksum but S3's.
    assert looks is None
    assert len(read) == len(PIECES) + len(TILES) + len(MOTION)


@given(st.lists(st.lists(st.tuples(st.binary(max_size=50).filter(lambda text: b"\n" not in text), st.binary()))))
def test_sections_hold_what_was_packed(kinds: list[list[tuple[bytes, bytes]]]) -> None:
    packed = b""
    for values in kinds:
        packer = Packer()
        for text, picture in values:
            packer.add(text, picture)
        packed += packer.finish()
    assert [[*section] for section in sections(packed)] == kinds


def test_much_text_is_unpacked_bit_by_bit_without_loss() -> None:
    packer = Packer()
    values = [(b"%d " % number * 40, b"%d" % number) for number in range(20_000)]
    for text, picture in values:
        packer.add(text, picture)
    (section,) = sections(packer.finish())
    assert [*section] == values


def test_a_section_without_its_checksum_is_not_believed() -> None:
    packer = Packer()
    packer.add(b"text", b"picture")
    (section,) = sections(packer.finish())
    with pytest.raises(ValueError, match="ends within a line"):
        list(Section(section.text[:-1], section.pictures))


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 350])
def test_samples_of_motion_come_back_in_order_however_many_there_are(count: int) -> None:
    samples = [replace(MOTION[t % len(MOTION)], t_us=t + 1, since_us=t) for t in range(count)]
    writer = FoundWriter()
    for sample in samples:
        writer.motion(sample)
    assert [*RangeFound(writer.finish(DONE, is_read=False)).motion()] == samples


def test_what_is_stored_in_another_form_is_of_another_version() -> None:
    first, *rest = (Packer() for _ in range(4))
    ((text, _),) = sections(stored(None))[0]
    first.add(text, b"1")
    with pytest.raises(UnreadableError):
        RangeFound(b"".join(packer.finish() for packer in (first, *rest)))
