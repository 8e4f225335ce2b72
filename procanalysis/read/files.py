"""Tell what kind of file an input is, decode its text, and fingerprint it."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from procanalysis.errors import InputError

FileKind = Literal["workbook", "parquet", "text"]

_CHUNK = 1 << 20
SWEDISH_IN_UTF8 = re.compile(rb"\xc3[\x84\x85\x89\x96\xa4\xa5\xa9\xb6]")
_SETTLED_NS = 3_000_000_000
"""How long a file must have lain unchanged for its times to tell every later change: some systems count by twos."""


class _Digests:
    """Hold the digests that a run has found, each with what the system said of the file. None where there is no run."""

    kept: dict[str, tuple[tuple[int, ...], str]] | None = None


@contextmanager
def digests_kept() -> Iterator[None]:
    """Let a run, and the processes it forks, read a file for its digest only once while the system calls it the same.

    The same is the same place on the disk, size, and times of change. One of these (ctime) no program can set, where
    the system is of the POSIX kind; elsewhere nothing is kept. Only for one run, which rests on many files and asks for
    each report whether they are as they were.
    """
    _Digests.kept = {} if os.name == "posix" else None
    try:
        yield
    finally:
        _Digests.kept = None


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal. Raises InputError when it cannot be opened."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            kept = _Digests.kept.get(str(path)) if _Digests.kept is not None else None
            if kept and kept[0] == _identity(before):
                return kept[1]
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            after = os.fstat(stream.fileno())
    except OSError as error:
        raise cannot_open(path, error) from None
    found = digest.hexdigest()
    if _Digests.kept is not None and _identity(before) == _identity(after) and _has_settled(after):
        _Digests.kept[str(path)] = _identity(after), found
    return found


def _identity(told: os.stat_result) -> tuple[int, ...]:
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns


def _has_settled(told: os.stat_result) -> bool:
    return max(told.st_mtime_ns, told.st_ctime_ns) < time.time_ns() - _SETTLED_NS


def head_of(path: Path) -> bytes:
    """Return the first 4096 bytes of a file. Raises InputError when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return stream.read(4096)
    except OSError as error:
        raise cannot_open(path, error) from None


def cannot_open(path: Path, error: OSError) -> InputError:
    """Say that a file cannot be opened, and what to look at."""
    if path.is_dir():
        return InputError(
            f"{path.name}: this is a folder, not a file. Name the files in it, as in '{path.name}/*.csv'."
        )
    return InputError(
        f"{path.name}: the file cannot be opened ({error.strerror or error}). Check that it is there and readable."
    )


def file_kind(content: bytes) -> FileKind:
    """Tell the kind of a file from its first bytes, never from its name.

    >>> file_kind(b'PK\\x03\\x04'), file_kind(b'PAR1'), file_kind(b'konto;belopp')
    ('workbook', 'parquet', 'text')
    """
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        return "workbook"
    return "parquet" if content.startswith(b"PAR1") else "text"


def decode(content: bytes, encoding: str, name: str) -> tuple[str, str]:
    """Decode text and return it with the name of the encoding found.

    Order: byte-order mark, UTF-16 without mark (every other byte zero), strict UTF-8, then cp1252, in which Swedish
    administrative systems write when they do not write UTF-8. Raises InputError when the bytes fit none, or when a
    part of the file is UTF-8 and a part is not.

    >>> decode("Örebro".encode("cp1252"), "auto", "a.csv")
    ('Örebro', 'cp1252')
    """
    if encoding == "auto":
        encoding = _guess_encoding(content)
    elif encoding == "utf-8":
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding).removeprefix("\ufeff"), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if encoding == "cp1252":
            # Five bytes have no meaning in cp1252; a file with one of them is still readable around it.
            return content.decode("cp1252", errors="replace"), "cp1252"
        row = line_ends(content[: error.start]) + 1
        raise not_written_in(encoding.removesuffix("-sig"), error, name, row) from None


def not_written_in(encoding: str, error: UnicodeDecodeError, name: str, row: int) -> InputError:
    """Say that a file is cut off within a character, or that one of its rows is written in another encoding."""
    if error.end >= len(error.object) and error.reason in ("unexpected end of data", "truncated data"):
        return InputError(f"{name}: the file ends in the middle of a character, so it is cut off. Deliver it again.")
    return InputError(
        f"{name}, row {row}: the file begins as {encoding}, but this row is not written in it. Deliver the file in "
        "one encoding, or set ledger.encoding to the one that the system writes."
    )


def line_ends(content: bytes) -> int:
    """Return how many lines end in some bytes, in an encoding of one byte or of two."""
    return len(re.findall(rb"\r\n?|\n", content.replace(b"\0", b"")))


def encoding_of_head(head: bytes) -> str:
    """Tell UTF-16 from the first 4096 bytes of a file: by its mark, or by every other byte being zero; else ''."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) >= 4:
        zeros_even, zeros_odd = head[0::2].count(0), head[1::2].count(0)
        if zeros_odd > len(head) // 4:
            return "utf-16-le"
        if zeros_even > len(head) // 4:
            return "utf-16-be"
    return ""


def _guess_encoding(content: bytes) -> str:
    if found := encoding_of_head(content[:4096]):
        return found
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # å, ä or ö in UTF-8 never stands in real cp1252 text (Ã¥), so such a file is UTF-8 and broken, not cp1252.
        return "utf-8-sig" if SWEDISH_IN_UTF8.search(content) or content.startswith(b"\xef\xbb\xbf") else "cp1252"
    return "utf-8-sig"
