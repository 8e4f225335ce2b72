"""A file that changes while it is read is refused, without a word of what it holds; one named twice counts once."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from procanalysis.errors import InputError
from procanalysis.read import parts
from procanalysis.read.ledger import read_ledger
from procanalysis.read.supplier_numbers import Masker

HEADER = "leverantor_id;leverantor;konto;projekt;text;fakturanummer;datum;belopp\n"
BASE = HEADER + "".join(f"556016-0680;Bolag AB;5410;;köp;F{n};2024-01-02;10,50\n" for n in range(12))
CHANGES: dict[str, Callable[[str], str]] = {
    "a form of amount": lambda text: text.replace("10,50", "1 010,50", 1),
    "an amount": lambda text: text.replace("10,50", "99,50", 1),
    "a row less": lambda text: text.removesuffix("556016-0680;Bolag AB;5410;;köp;F11;2024-01-02;10,50\n"),
    "a wide row": lambda text: text.replace("Bolag AB;5410;;köp;F3", "Hemlig Hemligsson 900101-0017;x;x;x;5410;;x;F3"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: str, tmp_path: Path, masker: Masker, monkeypatch: pytest.MonkeyPatch, connection: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "l.csv"
    path.write_text(BASE, encoding="utf-8")
    write_rows = parts._write_rows

    def changed_first(*given: Any) -> None:
        path.write_text(CHANGES[change](BASE), encoding="utf-8")
        write_rows(*given)

    monkeypatch.setattr(parts, "_write_rows", changed_first)
    with pytest.raises(InputError) as refused:
        read_ledger(connection, [path], masker=masker)
    assert str(refused.value) == (
        "l.csv changed while it was read, or cannot be read as its beginning; deliver it again and run again."
    )
    assert "Hemlig" not in "".join(traceback.format_exception(refused.value, chain=True)).replace(__file__, "")


def test_a_path_that_is_named_twice_counts_once(
    tmp_path: Path, masker: Masker, connection: duckdb.DuckDBPyConnection
) -> None:
    contents = {
        "a.csv": BASE + "556016-0680;Bolag AB;5410;;köp;F;2024-01-02;fel\n",
        "q.csv": BASE + "556016-0680;Bolag AB;5410;1000400712;Andersson Anna;F;2024-01-02;8,00\n",
        "p.csv": HEADER + "900101-0017;Anna Andersson;5410;1000400712;x;Z;2024-02-01;7,00\n",
    }
    a, q, p = (tmp_path / name for name in contents)
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for paths, accepted, rejected in (([a, a], 12, 14), ([q, q, p], 14, 13)):
        reading = read_ledger(connection, paths, masker=masker)
        assert (reading.lines.num_rows, reading.rejected.num_rows) == (accepted, rejected)
        assert "Anna" not in str(reading.lines.to_pylist())
