"""Bytes to text, exactly: the encoding told by the bytes themselves, and whatever is no text refused. Line ends stay as they are."""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import BinaryIO

from agent.errors import UsageError
from agent.inputs.unreadable import Unreadable


# How much of a file is looked at to tell its encoding.
_SAMPLE = 1 << 18

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KNOW_THEIR_BOM = {name for _, name in _BOMS}
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# Compiled when first needed, which is seldom: a wide range takes a millisecond.
_USUAL = "[\t\n\r -~\xa0-\xff\u2000-\u206f\u2190-\u21ff\u2460-\u24ff\u25a0-\u27bf\u3000-\u30ff\u4e00-\u9fff\ufe00-\ufe0f\ufeff\uff00-\uff65\uffe0-\uffe6\U0001f000-\U0001faff]"
_HANZI = "[\u4e00-\u9fff]"
# A bad byte read with `surrogateescape` leaves one of these.
_ESCAPED = re.compile("[\udc80-\udcff]")
# A shorter text says too little to tell GB18030 from Big5 or Windows-1252.
_ENOUGH_TO_GUESS = 60
_ENOUGH_HANZI = 10
# What English and its neighbours hold beyond ASCII in Windows-1252; other characters of it are rather broken bytes.
_WESTERN = set("“”‘’–—…•·«»¡¿€£§°©®™àáâäæçèéêëíîïñóôöœùúûüßÀÁÂÄÆÇÈÉÊËÍÎÏÑÓÔÖŒÙÚÛÜ")
_GUESSED_FROM = 1 << 16
# Among bytes that are no text at all, a quarter and more is wrong as GB18030.
_RIGHT_FOR_EACH_WRONG = 20
_HINT = "if it is text, name its encoding (--encoding)"


def checked_encoding(name: str | None) -> str | None:
    """The name of a text encoding that Python knows, such that a BOM is not read as text.

    Raises:
        UsageError: there is no such encoding.

    """
    if name is None:
        return None
    try:
        "".encode(name)
        known = codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError):
        raise UsageError(f"unknown encoding '{name}'; usual ones are utf-8, gb18030, big5, utf-16, cp1252") from None
    return "utf-8-sig" if known == "utf-8" else known


def decode(data: bytes, encoding: str | None) -> str:
    """The whole text of `data`, without a BOM. Raises `Unreadable` for what is no text, or broken."""
    chosen = encoding or _encoding_of_stream(io.BytesIO(data))
    try:
        text = data.decode(chosen)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is no valid {_shown(chosen)}: broken at byte {error.start + 1}; {_HINT}") from None
    return text if chosen in _KNOW_THEIR_BOM else text.removeprefix("\ufeff")


def open_text(path: Path, encoding: str | None, *, newline: str) -> io.TextIOWrapper:
    """A file as a stream of text, in which `has_bad_bytes` finds what could not be decoded. Raises `Unreadable`, `OSError`."""
    raw = path.open("rb")
    try:
        chosen = encoding or _encoding_of_stream(raw)
    except Unreadable:
        raw.close()
        raise
    return io.TextIOWrapper(raw, chosen, "surrogateescape", newline)


def has_bad_bytes(text: str) -> bool:
    """Whether a text that was read by `open_text` holds bytes that are none of its encoding."""
    return not text.isascii() and _ESCAPED.search(text) is not None


def told_encoding(sample: bytes, *, cut: bool = False) -> str:
    """The encoding of some bytes; `cut` says that more follow, so the last character may be half.

    A text that is UTF-8 but for some broken bytes is told as UTF-8: the reader finds and names them.

    Raises:
        Unreadable: the bytes are no text in any encoding known here.

    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            _refuse_controls(sample.decode(name, "ignore"), most=0.3)
            return name
    if b"\0" in sample and (utf_16 := _utf_16_without_bom(sample)):
        return utf_16
    if _is_utf_8(sample, cut=cut):
        _refuse_controls(sample.decode("utf-8", "ignore"), most=0.3)
        return "utf-8-sig"
    if utf_16 := _utf_16_without_bom(sample):
        return utf_16
    return "utf-8-sig" if _is_nearly_utf_8(sample) else _by_guess(sample)


def _encoding_of_stream(raw: BinaryIO) -> str:
    """Told from the first stretch of the file that is more than ASCII; the stream is rewound."""
    sample = raw.read(_SAMPLE)
    while sample.isascii() and b"\0" not in sample and (more := raw.read(_SAMPLE)):
        sample = more
    cut = bool(raw.read(1))
    raw.seek(0)
    return told_encoding(sample, cut=cut)


def _is_utf_8(sample: bytes, *, cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf_8(sample: bytes) -> bool:
    """Whether more long characters (three bytes, as Chinese ones have) are right than bytes are wrong, or only the last is cut off.

    In GB18030 text nearly all bytes are wrong as UTF-8, and what is right by chance has two bytes.
    """
    text = sample.decode("utf-8", "surrogateescape")
    wrong = len(_ESCAPED.findall(text))
    right = sum(char >= "\u0800" for char in text) - wrong
    return right >= wrong or (right > 0 and _is_utf_8(sample, cut=True))


def _utf_16_without_bom(sample: bytes) -> str | None:
    """UTF-16 read the right way round has hardly any unusual character; two ASCII bytes make a usual one, so those are set apart."""
    opening = sample[:_GUESSED_FROM]
    if len(sample) % 2:
        return None
    by_chance = sum(
        0x20 <= one <= 0x7E and 0x20 <= other <= 0x7E for one, other in zip(opening[::2], opening[1::2], strict=True)
    )
    if by_chance > 0.6 * len(opening) / 2:
        return None
    texts = {name: opening.decode(name, "replace") for name in ("utf-16-le", "utf-16-be")}
    usual = {name: len(re.findall(_USUAL, text)) / len(text) for name, text in texts.items() if text}
    best = max(usual, key=lambda name: usual[name], default=None)
    return best if best and usual[best] > 0.9 else None


def _by_guess(sample: bytes) -> str:
    for name in (_guess(sample), "gb18030"):
        if name is None:
            continue
        text = sample.decode(name, "surrogateescape")
        wrong = len(_ESCAPED.findall(text))
        right = sum(not char.isascii() for char in text) - wrong
        if wrong * _RIGHT_FOR_EACH_WRONG <= right:
            _refuse_controls(text, most=0.02)
            return name
    bad_bytes = sum(byte > 0x7F for byte in sample)
    if bad_bytes * _RIGHT_FOR_EACH_WRONG <= len(sample):  # ASCII but for a few: whoever reads names the rows
        return "utf-8-sig"
    raise Unreadable(f"is neither UTF-8, UTF-16 nor GB18030; {_HINT}")


def _guess(sample: bytes) -> str | None:
    """Big5 or Windows-1252, where the frequency of their characters says so; null else."""
    if len(sample) < _ENOUGH_TO_GUESS or _is_plainly_gb(sample):
        return None
    from charset_normalizer import from_bytes

    opening = sample[:_GUESSED_FROM]
    if len(sample) > _GUESSED_FROM:  # a character cut in two would speak against every encoding
        opening = opening.rpartition(b"\n")[0] or opening
    best = from_bytes(opening, cp_isolation=["gb18030", "big5", "cp1252"]).best()
    if best is None:
        return None
    is_sure = {
        "big5": len(re.findall(_HANZI, str(best))) >= _ENOUGH_HANZI,
        "cp1252": {char for char in str(best) if not char.isascii()} <= _WESTERN,
    }
    return best.encoding if is_sure.get(best.encoding) else None


def _is_plainly_gb(sample: bytes) -> bool:
    """Whether the Chinese characters, read as GB18030, are nearly all of the usual 3,755 (the first level of GB 2312)."""
    hanzi = "".join(re.findall(_HANZI, sample.decode("gb18030", "ignore")))
    leading = hanzi.encode("gb2312", "ignore")[::2]
    return sum(0xB0 <= byte <= 0xD7 for byte in leading) > 0.8 * len(hanzi)


def _refuse_controls(text: str, *, most: float) -> None:
    if len(_CONTROL.findall(text)) > most * len(text):
        raise Unreadable(f"is no text, but binary; {_HINT}")


def _shown(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper()
