"""Which encoding a text is in.

Our own rules: charset-normalizer took Czech for German, Mac Cyrillic for Windows', Korean for Japanese in ten short
samples of seventeen, and up to 48 ms. All encodings that are guessed here hold ASCII as it is, so a wrong guess costs
names in other alphabets, and never a number, an address or a credential.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from typing import Final

# UTF-32's mark begins with UTF-16's.
_MARKS: Final = (
    (BOM_UTF8, "utf-8"),
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_ALL_MARKS: Final = tuple(mark for mark, _ in _MARKS)
# What switches ISO-2022-JP to Japanese; all its bytes are ASCII.
_JAPANESE_MAIL: Final = (b"\x1b$B", b"\x1b$@")
# All but tab, line feed, vertical tab, form feed, carriage return, backspace, and escape as in coloured logs.
_CONTROLS: Final = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\b\x1b") + b"\x7f"
_MOST_CONTROLS: Final = 0.03
_NON_ASCII: Final = re.compile(rb"[\x80-\xff]")
_SAMPLE_BYTES: Final = 4096

# What text in a single-byte encoding is made of, beyond ASCII.
_TYPOGRAPHY: Final = "‘’“”„‚…–—•«»°§€£©®´·¿¡ªº\u00a0"  # noqa: RUF001 -- as they are met
_LETTERS: Final = {
    "cp1252": "àâäáãåæçéèêëíìîïñóòôöõøœúùûüýÿßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝ",
    "cp1250": "áäąćčďéęěíĺľłńňóôöőŕřśšťúůüűýźžżÁÄĄĆČĎÉĘĚÍĹĽŁŃŇÓÔÖŐŔŘŚŠŤÚŮÜŰÝŹŽŻß",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐ№",
    "koi8_r": "абвгдежзийклмнопрстуфхцчшщъыьэюяёАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁ",
    "iso8859_7": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ",
    "cp1254": "çğıöşüâîûÇĞİÖŞÜ",
}
# A letter in upper case behind one in lower case is rare in words, and the rule in Cyrillic that is read wrongly.
_PAIRS: Final = re.compile(r"[^\W\d_A-Za-z][^\W\d_A-Za-z]")
# Greek and Cyrillic share no word with ASCII's letters.
_MIXED: Final = re.compile(r"[a-z][\u0370-\u04ff]|[\u0370-\u04ff][a-z]")
# Encodings of two bytes, in the order in which equals are decided.
_DOUBLE: Final = ("cp932", "euc_jp", "cp949", "gb18030", "big5")


def marked(head: bytes) -> tuple[str, int] | None:
    """Encoding and length of the byte order mark at the start of an object."""
    if not head.startswith(_ALL_MARKS):
        return None
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    return None


def evident(head: bytes) -> str | None:
    """The encoding, if it tells: two or four bytes a character, by where the zeros are, or by switching."""
    if b"\0" not in head and b"\x1b" not in head:  # one byte is found ten times as fast as two
        return None
    if b"\0" not in head and b"\x1b$" not in head:
        return None
    whole = head[: len(head) // 4 * 4]
    if head.isascii() and any(mark in head for mark in _JAPANESE_MAIL):
        return "iso2022_jp"
    quarter = len(whole) // 4
    zeros = [whole[i::4].count(0) for i in range(4)]
    low, high = zeros[0] + zeros[2], zeros[1] + zeros[3]
    signs = {
        "utf-32-le": zeros[3] == quarter and zeros[2] * 2 > quarter and not zeros[0],
        "utf-32-be": zeros[0] == quarter and zeros[1] * 2 > quarter and not zeros[3],
        "utf-16-le": high > quarter and low * 16 <= high,
        "utf-16-be": low > quarter and high * 16 <= low,
    }
    return next((name for name, sign in signs.items() if sign and quarter), None)


def is_binary(head: bytes) -> bool:
    """Whether bytes that are in no evident encoding are no text at all: too many are control characters."""
    return len(head) - len(head.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(head)


def legacy(data: bytes) -> str:
    """The likeliest encoding of text that has bytes beyond ASCII and is no UTF-8."""
    first = _NON_ASCII.search(data)
    start = max(0, (first.start() if first else 0) - 64)
    sample = _whole_lines(data[start : start + _SAMPLE_BYTES])
    scores = {name: _double_score(sample, name) for name in _DOUBLE}
    best = max(_DOUBLE, key=lambda name: scores[name])
    if scores[best] >= 0.7:
        return best
    single = {name: _single_score(sample, name) for name in _LETTERS}
    return max(single, key=lambda name: single[name])


def _whole_lines(sample: bytes) -> bytes:
    end = sample.rfind(b"\n")
    return sample[: end + 1] if end > len(sample) // 2 else sample


def _decoded(sample: bytes, name: str) -> str | None:
    for cut in (0, 1, 2, 3):  # the sample may end within a character
        try:
            return sample[: len(sample) - cut].decode(name)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 4:
                return None
    return None


def _double_score(sample: bytes, name: str) -> float:
    text = _decoded(sample, name)
    beyond = [c for c in text or "" if c > "\x7f"]
    # Accented letters make pairs with the ASCII letters behind them: such text is in a single-byte encoding.
    in_ascii = sum(len(code := c.encode(name)) == 2 and code[1] < 0x80 for c in beyond)
    if len(beyond) < 2 or in_ascii > 0.6 * len(beyond):
        return 0.0
    return sum(_usual(c, name) for c in beyond) / len(beyond)


def _usual(char: str, name: str) -> float:
    """How usual a character is in texts that are in a two-byte encoding: 0 to 1."""
    point = ord(char)
    if 0x3000 <= point <= 0x3002 or 0xFF01 <= point <= 0xFF5E:
        return 0.9
    if 0x3040 <= point <= 0x30FF:
        return 1.0 if name in {"cp932", "euc_jp"} else 0.3
    if 0xAC00 <= point <= 0xD7A3:
        return 1.0 if name == "cp949" and len(char.encode("euc_kr", "ignore")) == 2 else 0.3
    if not 0x4E00 <= point <= 0x9FFF:
        return 0.0
    lead = char.encode(name, "replace")[0]
    first_level = {"cp932": (0x88, 0x98), "euc_jp": (0xB0, 0xCF), "gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
    if name not in first_level:
        return 0.3
    low, high = first_level[name]
    return 0.95 if low <= lead <= high else 0.4


def _single_score(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    beyond = [c for c in text if c > "\x7f"]
    known = _LETTERS[name]
    fit = sum(1.0 if c in known else 0.9 if c in _TYPOGRAPHY else 0.0 for c in beyond)
    wrong = sum(1 for pair in _PAIRS.findall(text) if pair[0].islower() and pair[1].isupper())
    wrong += len(_MIXED.findall(text))
    return (fit - wrong) / max(1, len(beyond))
