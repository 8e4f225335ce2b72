"""The portable functions on their own: the same calls on DuckDB, Polars and pandas, from a typed scan of the CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl

import procanalysis as proc
from benchmarks.duckdb_rivals import connect, typed_csv
from benchmarks.project import MASK_KEY, Project
from benchmarks.questions import QUESTIONS, Answers, keys_of, name_of
from benchmarks.work import Clock
from procanalysis.measures.contract_matching import match_contracts
from procanalysis.measures.frames import NativeFrame, lazy, sums
from procanalysis.read.contracts import read_contracts
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.read.supplier_numbers import Masker

_LEDGER = """
SELECT row_number() OVER () AS line_id, Köpare_id AS buyer_id, CAST(NULL AS VARCHAR) AS buyer,
    Förvaltning AS unit, replace(Organisationsnummer, '-', '') AS supplier_key, Leverantör AS supplier_name,
    'company' AS supplier_type, Konto AS account, CAST(NULL AS VARCHAR) AS account_text,
    supplier_key || '|' || Fakturanummer AS invoice_key, Bokföringsdatum AS booked_on,
    (Belopp * 100)::BIGINT AS amount_ore
FROM {csv}
"""


def on_duckdb(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Map, match and write as Parquet on DuckDB, and answer the questions there."""
    registers = read_registers(project, clock)
    with clock.stage("map"):
        mapped = write_mapped(project, registers, scratch)
    answers = Answers(mapped)
    answer_all(duckdb.read_parquet(str(mapped)), clock, answers)
    return answers


def write_mapped(project: Project, registers: Mapping[str, pd.DataFrame], scratch: Path) -> Path:
    """Map and match the ledger on DuckDB, write it as Parquet and return where."""
    mapped_file, matched_file = scratch / "mapped-once.parquet", scratch / "mapped.parquet"
    lines = duckdb.sql(_LEDGER.format(csv=typed_csv(project)))
    mapped = proc.map_categories(lines, rules=registers["rules"], taxonomy=registers["taxonomy"])
    # Read again at once, so compressed as lightly as prepared lines are; what the rivals write too is as theirs.
    mapped.write_parquet(str(mapped_file), compression="lz4_raw")
    matched = match_contracts(duckdb.read_parquet(str(mapped_file)), scopes=registers["scopes"])
    matched.write_parquet(str(matched_file), compression="zstd")
    return matched_file


def on_polars(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Do the same on a Polars frame."""
    return _on_frame(project, clock, scratch, pl.from_arrow)


def on_pandas(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Do the same on a pandas frame."""
    return _on_frame(project, clock, scratch, lambda table: table.to_pandas())


def _on_frame(project: Project, clock: Clock, scratch: Path, framed: Any) -> Answers:
    registers = read_registers(project, clock)
    lines = framed(connect(scratch).sql(_LEDGER.format(csv=typed_csv(project))).to_arrow_table())
    with clock.stage("map"):
        mapped = proc.map_categories(lines, rules=registers["rules"], taxonomy=registers["taxonomy"])
        matched = match_contracts(mapped, scopes=registers["scopes"])
    file = scratch / "mapped.parquet"
    nw.from_native(matched, eager_only=True).write_parquet(file)
    answers = Answers(file)
    answer_all(matched, clock, answers)
    return answers


def read_registers(project: Project, clock: Clock) -> dict[str, pd.DataFrame]:
    """Read rules, tree and contracts by the project's own readers; no part of what is compared with SQL."""
    masker = Masker(MASK_KEY.encode())
    with clock.stage("registers"):
        taxonomy = read_taxonomy(project.taxonomy)
        scopes = read_contracts([project.contracts], taxonomy=taxonomy, masker=masker).scopes
        return {"taxonomy": taxonomy, "rules": read_rules([project.rules], masker=masker), "scopes": scopes}


def answer_all(lines: NativeFrame, clock: Clock, answers: Answers) -> None:
    """Answer the questions on mapped lines in any engine: summed, and counted by spend_by."""
    answer_sums(lines, clock, answers)
    with clock.stage("counted"):
        for words in QUESTIONS:
            answers.counted[name_of(words)] = proc.spend_by(lines, list(words))


def answer_sums(lines: NativeFrame, clock: Clock, answers: Answers) -> None:
    """Answer the questions with öre and postings only."""
    with clock.stage("summed"):
        for words in QUESTIONS:
            answers.summed[name_of(words)] = _summed(lines, words)


def _summed(lines: NativeFrame, words: tuple[str, ...]) -> pd.DataFrame:
    keys = keys_of(words)
    dated = [key for key in keys if key in ("month", "year")]
    columns = [*(key for key in keys if key not in dated), *(["booked_on"] if dated else []), "amount_ore"]
    booked = nw.col("booked_on").dt
    year, month = booked.year().cast(nw.Int64), booked.month().cast(nw.Int64)
    made = {"month": year * 100 + month, "year": year}
    frame = lazy(lines, columns).select(*columns, **{key: made[key] for key in dated})
    return sums(frame, keys)
