"""The digest of a file: of its bytes, and found once per run only while the system calls the file the same."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from procanalysis.read import files
from procanalysis.read.files import digests_kept, file_digest


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes were digested, call by call."""
    sizes: list[int] = []

    class Told:
        def __init__(self) -> None:
            self.digest = hashlib.new("sha256")

        def update(self, chunk: bytes) -> None:
            sizes.append(len(chunk))
            self.digest.update(chunk)

        def hexdigest(self) -> str:
            return self.digest.hexdigest()

    monkeypatch.setattr(files.hashlib, "sha256", Told)
    return sizes


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "reskontra.csv"
    path.write_bytes(b"konto;belopp\n4010;100\n")
    return path


@pytest.mark.skipif(os.name != "posix", reason="nothing is kept where a program can set every time of a file")
def test_a_run_reads_a_file_once(ledger: Path, read: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_SETTLED_NS", -1_000_000_000)
    with digests_kept():
        found = {file_digest(ledger) for _ in range(3)}
    assert found == {hashlib.new("sha256", ledger.read_bytes()).hexdigest()}
    assert len(read) == 1


def test_a_file_that_was_changed_is_read_again_though_it_has_the_same_size_and_age(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_SETTLED_NS", -1_000_000_000)
    told = ledger.stat()
    with digests_kept():
        first = file_digest(ledger)
        ledger.write_bytes(b"konto;belopp\n4010;900\n")
        deadline = time.monotonic() + 10
        while ledger.stat().st_ctime_ns == told.st_ctime_ns or ledger.stat().st_mtime_ns != told.st_mtime_ns:
            assert time.monotonic() < deadline
            time.sleep(0.002)  # some systems count the time of a change in ticks of some milliseconds
            os.utime(ledger, ns=(told.st_atime_ns, told.st_mtime_ns))
        assert ledger.stat().st_mtime_ns == told.st_mtime_ns
        second = file_digest(ledger)
    assert first != second == hashlib.new("sha256", ledger.read_bytes()).hexdigest()


def test_a_file_that_was_just_changed_is_read_each_time(ledger: Path, read: list[int]) -> None:
    with digests_kept():
        assert file_digest(ledger) == file_digest(ledger)
    assert len(read) == 2


def test_outside_a_run_a_file_is_read_each_time(ledger: Path, read: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_SETTLED_NS", -1_000_000_000)
    file_digest(ledger)
    with digests_kept():
        file_digest(ledger)
    file_digest(ledger)
    assert len(read) == 3
