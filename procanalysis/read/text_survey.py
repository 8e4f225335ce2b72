"""Go through a text file once, block by block, and tell how it is written; hand out its lines the same way.

Whatever the size of the file, no more than a few blocks of it are held at a time.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from procanalysis.read.files import SWEDISH_IN_UTF8, cannot_open, encoding_of_head, head_of, line_ends, not_written_in

_BLOCK = 1 << 20
_QUOTE = ord('"')


@dataclass(frozen=True)
class TextSurvey:
    """Say how a text file is written.

    sha256: of its bytes; encoding: as Python names it, without '-sig'; lines: up to the last that is not empty;
    has_quotes: whether a double quote stands anywhere; outside_quotes: the signs that stand before opening and after
    closing quotes, line ends aside, or None when a quoted text holds a line end; is_plain: UTF-8, or cp1252 within
    Latin-1, with one kind of line end and no NUL, so that lines and cells can be told from single bytes.
    """

    sha256: str
    encoding: str
    lines: int
    has_quotes: bool
    outside_quotes: frozenset[str] | None
    is_plain: bool

    def is_quoted_by_rule(self, delimiter: str) -> bool:
        """Tell whether every quote opens or closes a whole cell within a line, or is doubled in such a cell."""
        return self.outside_quotes is not None and self.outside_quotes <= {delimiter}


def survey_text(path: Path, encoding: str = "auto") -> TextSurvey:
    """Return how a text file is written.

    Parameters: path; encoding, 'auto' or a name. The order of 'auto' is that of files.decode.
    Raises InputError when the file cannot be opened, when the bytes fit no encoding, or when a part of the file is
    UTF-8 and a part is not.
    """
    counts = _Counts()
    wanted = encoding_of_head(head_of(path)) if encoding == "auto" else encoding
    checks_utf8 = encoding == "auto" and not wanted
    valid, swedish = True, False
    try:
        with path.open("rb") as stream:
            for block in _whole_lines(stream):
                counts.add(block)
                if checks_utf8:
                    swedish = swedish or SWEDISH_IN_UTF8.search(block) is not None
                    valid = valid and _is_utf8(block)
    except OSError as error:
        raise cannot_open(path, error) from None
    if checks_utf8:
        # å, ä or ö in UTF-8 never stands in real cp1252 text (Ã¥), so such a file is UTF-8 and broken, not cp1252.
        wanted = "utf-8" if valid or swedish or counts.has_mark else "cp1252"
    if not (checks_utf8 and (valid or wanted == "cp1252")):
        _refuse_undecodable(path, wanted)
    return counts.survey(wanted)


class _Counts:
    """Count what stands in the blocks of a file."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._ends = self._returns = self._pairs = self._lines = 0
        self._has_quotes = self._has_nul = self._has_c1 = False
        self._outside: set[int] | None = set()
        self.has_mark = False
        self._is_first = True

    def add(self, block: bytes) -> None:
        self._digest.update(block)
        if self._is_first:
            self.has_mark = block.startswith(codecs.BOM_UTF8)
            self._is_first = False
        signs = np.frombuffer(block, dtype=np.uint8)
        ends = int(np.count_nonzero(signs == ord("\n")))
        if b"\r" in block:
            self._returns += block.count(b"\r")
            self._pairs += block.count(b"\r\n")
        filled = block.rstrip(b"\r\n")
        if filled:
            self._lines = self._ends + ends - block.count(b"\n", len(filled)) + 1
        if b'"' in block:
            self._has_quotes = True
            if self._outside is not None:
                found = _outside_quotes(block.removeprefix(codecs.BOM_UTF8) if self._ends == 0 else block)
                self._outside = None if found is None else self._outside | found
        self._ends += ends
        self._has_nul = self._has_nul or b"\0" in block
        self._has_c1 = self._has_c1 or bool(np.any(signs - np.uint8(0x80) < 0x20))

    def survey(self, encoding: str) -> TextSurvey:
        name = encoding.removesuffix("-sig")
        one_line_end = not self._returns or self._returns == self._pairs == self._ends
        single_bytes = name == "utf-8" or (name == "cp1252" and not self._has_c1 and not self.has_mark)
        return TextSurvey(
            self._digest.hexdigest(),
            name,
            self._lines,
            self._has_quotes,
            None if self._outside is None else frozenset(map(chr, self._outside)),
            one_line_end and single_bytes and not self._has_nul,
        )


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield blocks that end with a line, so that no character and no pair of line ends is cut in two."""
    rest: list[bytes] = []
    while block := stream.read(_BLOCK):
        cut = block.rfind(b"\n") + 1 or block.rfind(b"\r", 0, -1) + 1
        if cut:
            yield b"".join((*rest, block[:cut]))
            rest = []
        rest.append(block[cut:])
    if last := b"".join(rest):
        yield last


def _outside_quotes(block: bytes) -> set[int] | None:
    """Return the bytes outside quoted texts that stand next to their quotes; None when a text goes over a line end.

    Every second quote opens a text and every second closes one; a doubled quote closes a text and opens it again.
    """
    signs = np.frombuffer(b"\n" + block + b"\n", dtype=np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    if len(quotes) % 2:
        return None
    opening, closing = quotes[0::2], quotes[1::2]
    ends = np.flatnonzero(signs == ord("\n"))
    if np.any(np.searchsorted(ends, opening) != np.searchsorted(ends, closing)):
        return None
    beside = np.bincount(signs[opening - 1], minlength=256) + np.bincount(signs[closing + 1], minlength=256)
    return set(np.flatnonzero(beside).tolist()) - {_QUOTE, ord("\n"), ord("\r")}


def _is_utf8(block: bytes) -> bool:
    text = pa.Array.from_buffers(
        pa.large_string(), 1, [None, pa.py_buffer(np.array([0, len(block)], dtype=np.int64)), pa.py_buffer(block)]
    )
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _refuse_undecodable(path: Path, encoding: str) -> None:
    for _ in text_blocks(path, encoding):
        pass


def text_blocks(path: Path, encoding: str) -> Iterator[str]:
    """Yield the text of a file in blocks, without byte-order mark, every line end a single line feed.

    Raises InputError where the bytes are not written in the encoding, with the row.
    """
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    # Five bytes have no meaning in cp1252; a file with one of them is still readable around it.
    decoder = codecs.getincrementaldecoder(name)(errors="replace" if name == "cp1252" else "strict")
    row, held, is_first = 1, "", True
    with path.open("rb") as stream:
        block = stream.read(_BLOCK)
        while True:
            following = stream.read(_BLOCK) if block else b""
            try:
                text = held + decoder.decode(block, final=not following)
            except UnicodeDecodeError as error:
                before = held.encode() + error.object[: error.start]
                raise not_written_in(encoding, error, path.name, row + line_ends(before)) from None
            if is_first and text:
                text, is_first = text.removeprefix("\ufeff"), False
            held = "\r" if following and text.endswith("\r") else ""
            text = text.removesuffix("\r") if held else text
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            row += text.count("\n")
            if text:
                yield text
            if not following:
                return
            block = following


def line_blocks(path: Path, encoding: str) -> Iterator[list[str]]:
    """Yield the lines of a file in lists, without their ends; after a last line end stands an empty line."""
    rest = ""
    for text in text_blocks(path, encoding):
        lines = text.split("\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        if lines:
            yield lines
    yield [rest]
