"""Open a SIE file within bounds, and tell by its content how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from procanalysis.errors import InputError
from procanalysis.read.files import cannot_open

MOST_BYTES = 128 * 1024 * 1024
MOST_ROWS = 2_000_000
LONGEST_ROW = 20_000

_LINE_END = re.compile(r"\r\n|\r|\n")
# What a name or text has no use for, and what could make a page or a terminal show it otherwise than it is written.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SWEDISH_UTF8 = re.compile(rb"\xc3[\x84\x85\x89\x96\xa4\xa5\xa9\xb6]")


@dataclass(frozen=True)
class SieText:
    """Hold a file's rows and how they were written.

    rows_with_control: numbers of rows from which control characters were taken; rows_with_loss: of rows that hold a
    replacement character.
    """

    rows: tuple[str, ...]
    encoding: str
    rows_with_control: tuple[int, ...]
    rows_with_loss: tuple[int, ...]


def open_bounded(path: Path) -> bytes:
    """Return a file's bytes. Raises InputError when it cannot be opened, is empty, or is larger than MOST_BYTES."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise cannot_open(path, error) from None
    if len(content) > MOST_BYTES:
        raise InputError(
            f"{path.name}: the file is larger than {MOST_BYTES // 1024**2} MB, more than is read at once. Export the "
            "ledger month by month."
        )
    if not content.strip():
        raise InputError(f"{path.name}: the file is empty. Check that the export succeeded.")
    return content


def read_text(content: bytes, name: str) -> SieText:
    """Decode a file and split it into rows without control characters.

    Raises InputError when a row or the number of rows is beyond what a ledger has.
    """
    # Counted before anything is split, so that a file of nothing but line ends takes no memory.
    if max(content.count(b"\n"), content.count(b"\r")) > MOST_ROWS:
        raise InputError(
            f"{name}: the file has more than {MOST_ROWS} rows, more than is read at once. Export the ledger month by "
            "month."
        )
    encoding = find_encoding(content)
    rows = _LINE_END.split(content.decode(encoding, errors="replace").removeprefix("\ufeff"))
    cleaned: list[str] = []
    with_control: list[int] = []
    with_loss: list[int] = []
    for number, row in enumerate(rows, start=1):
        if len(row) > LONGEST_ROW:
            raise InputError(
                f"{name}, row {number}: the row has {len(row)} characters, and a SIE row never has more than "
                f"{LONGEST_ROW}. Check that the file is a SIE file and is whole."
            )
        if _CONTROL.search(row):
            with_control.append(number)
            row = _CONTROL.sub("", row)
        if "\ufffd" in row:
            with_loss.append(number)
        cleaned.append(row)
    return SieText(tuple(cleaned), encoding.removesuffix("-sig"), tuple(with_control), tuple(with_loss))


def find_encoding(content: bytes) -> str:
    """Tell how a file is written, by its bytes and never by #FORMAT, which says PC8 whatever the program writes.

    A byte-order mark decides; then strict UTF-8; then whichever of CP437 (PC8, the standard's) and cp1252 makes more of
    the bytes Swedish letters, CP437 when they are as many. A file that is UTF-8 but for a few bytes is UTF-8.

    >>> [find_encoding("Kostnadsställe Ö".encode(code)) for code in ("cp437", "cp1252", "utf-8")]
    ['cp437', 'cp1252', 'utf-8']
    >>> find_encoding(b"#FLAGGA 0")
    'ascii'
    """
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content.isascii():
        return "ascii"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        in_utf8 = 2 * len(_SWEDISH_UTF8.findall(content))
        in_cp437, in_cp1252 = _count(content, "cp437"), _count(content, "cp1252")
        if in_utf8 > max(in_cp437, in_cp1252):
            return "utf-8"
        return "cp1252" if in_cp1252 > in_cp437 else "cp437"
    return "utf-8"


def _count(content: bytes, encoding: str) -> int:
    letters = "åäöÅÄÖéÉü".encode(encoding)
    return len(content) - len(content.translate(None, delete=letters))
