"""Text in any encoding is read, and every place in it has its line, column and stored bytes."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scanner.readers.looking import look, seen

from sightglass_scanner.readers import plain_text
from sightglass_scanner.readers.charset import legacy
from sightglass_scanner.readers.decode import decoded
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.source import BytesSource

NEEDLE = "ann@example.com"
# Text that has something in it of each alphabet that its encoding is for.
SAMPLES = {
    "utf-8": "Größe: 日本語 🙂\n",
    "utf-8-sig": "Größe: 日本語 🙂\n",
    "utf-16": "Größe: 日本語 🙂\n",
    "utf-16-le": "in English, as most are: Größe\n",
    "utf-16-be": "in English, as most are: Größe\n",
    "utf-32": "Größe: 日本語 🙂\n",
    "utf-32-le": "Größe: 日本語 🙂\n",
    "utf-32-be": "Größe: 日本語 🙂\n",
    "cp1252": "Müller, Größe: José Álvarez — naïve façade; 12,50 €\n",
    "latin-1": "El niño comió en la cafetería\n",
    "cp1250": "Příliš žluťoučký kůň; Łódź, Kraków, święto\n",
    "cp1251": "Имя, Паспорт: Иванов Иван, Москва\n",
    "koi8_r": "Имя, Паспорт: Иванов Иван, Москва\n",
    "iso8859_7": "Όνομα: Γεώργιος Παπαδόπουλος\n",
    "cp1254": "Şükrü Çağlayan ışığı görüyor\n",
    "shift_jis": "氏名,電話番号\n山田太郎、東京都千代田区です。\n",
    "euc_jp": "会議の議事録です。明日の予定を確認してください。\n",
    "iso2022_jp": "会議の議事録です。\n",
    "gb18030": "姓名,身份证号码\n张伟,北京市朝阳区\n请在明天之前把文件发送给我们的客户。\n",
    "big5": "請在明天之前把檔案寄給我們的客戶。謝謝\n",
    "euc_kr": "이름,주민등록번호\n홍길동,서울특별시 강남구\n",
}


@pytest.mark.parametrize("encoding", SAMPLES)
def test_text_is_read_in_its_encoding(encoding: str) -> None:
    text = SAMPLES[encoding] + "write to " + NEEDLE + "!\n"
    found = look(text.encode(encoding), NEEDLE)
    assert b"".join(found.stretches).decode() == text
    assert len(found.stretches) == 1


@pytest.mark.parametrize("encoding", SAMPLES)
def test_a_place_has_line_column_and_stored_bytes(encoding: str) -> None:
    before = SAMPLES[encoding].rstrip("\n") + " "
    data = (before + NEEDLE + "\n").encode(encoding)
    place = look(data, NEEDLE).only(NEEDLE)
    assert place.line == before.count("\n") + 1
    assert place.column == len(before.rsplit("\n", maxsplit=1)[-1]) + 1
    assert place.offset is not None
    assert place.length is not None
    stored = data[place.offset : place.offset + place.length]
    bare = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    assert stored.decode(bare) == NEEDLE


# ISO-2022 is not among them: a switch of the alphabet between two pieces is no character's.
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "shift_jis", "gb18030"])
@given(lines=st.lists(st.text("aé1 表\t", max_size=12), max_size=8), block=st.integers(8, 64))
def test_any_split_gives_the_same(encoding: str, lines: list[str], block: int) -> None:
    data = ("\n".join(lines) + NEEDLE + "\r\n").encode(encoding, "ignore")
    whole = seen(plain_text.read(partial(decoded, BytesSource(data))), NEEDLE)
    split = seen(plain_text.read(partial(decoded, BytesSource(data), block)), NEEDLE)
    assert split.places == whole.places
    assert split.stretches == whole.stretches


# A zero behind the mark of UTF-16 makes that of UTF-32.
@given(
    lines=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_any_text_comes_back_with_right_places(lines: list[str], encoding: str) -> None:
    text = "\n".join([*lines, "x" + NEEDLE, "end"])
    found = seen(plain_text.read(partial(decoded, BytesSource(text.encode(encoding)), 64)), NEEDLE)
    assert b"".join(found.stretches).decode() == text
    assert (found.only(NEEDLE).line, found.only(NEEDLE).column) == (len(lines) + 1, 2)


def test_text_that_turns_out_not_to_be_utf8_late_is_read_to_its_end() -> None:
    data = b"all ASCII\n" * 200_000 + "José, ".encode("cp1252") + NEEDLE.encode()
    found = look(data, NEEDLE)
    assert found.stretches[0].endswith(("José, " + NEEDLE).encode())
    assert found.only(NEEDLE).line == 200_001
    assert found.only(NEEDLE).column == 7
    assert found.only(NEEDLE).offset == len(data) - len(NEEDLE)


def test_a_stray_byte_in_utf8_costs_one_character() -> None:
    data = "naïve 日本 ".encode() + b"\xff " + NEEDLE.encode()
    found = look(data, NEEDLE)
    assert found.stretches[0].decode() == "naïve 日本 \ufffd " + NEEDLE
    assert found.only(NEEDLE).column == 12


def test_a_cut_character_at_the_end_is_no_error() -> None:
    assert look("naïve ".encode() + "日".encode()[:2]).stretches[0].startswith("naïve ".encode())


def test_a_place_in_the_piece_before_is_still_known() -> None:
    data = (b"x" * 69 + b"\n") * 40_000
    places = []
    previous = 0
    for text in plain_text.read(partial(decoded, BytesSource(data))):
        places += [text.locate(previous, previous + 1).line] if previous else []
        previous = text.offset + len(text.data) - 1000
    assert places == [(1024**2 * n - 1000) // 70 + 1 for n in (1, 2)]


def test_an_empty_object_is_reported() -> None:
    assert [skipped.reason for skipped in look(b"").skipped] == [SkipReason.EMPTY]


def test_bytes_that_are_no_text_are_reported() -> None:
    assert [skipped.reason for skipped in look(bytes(range(256)) * 4).skipped] == [SkipReason.UNSUPPORTED]


def test_a_log_with_colours_and_a_stray_zero_is_text() -> None:
    data = b"\x1b[31mERROR\x1b[0m \x00 mail to " + NEEDLE.encode() + b" and more of it, as in logs\n"
    assert look(data, NEEDLE).only(NEEDLE).line == 1


def test_an_encoding_is_told_from_one_word_only_if_it_must_be() -> None:
    assert legacy("café".encode("cp1252")) == "cp1252"
