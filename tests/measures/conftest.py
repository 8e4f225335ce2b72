"""Ledgers for the measures: a builder that fills in what a test does not care about, and a made-up year."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from procanalysis.measures.frames import PANDAS_TYPES
from procanalysis.schema import (
    AWARDS,
    BIDS,
    CONTRACT_PRICES,
    CONTRACT_SCOPES,
    CONTRACTS,
    FOLLOW_UPS,
    LEDGER_LINES,
    MAPPED_COLUMNS,
    MATCHED_COLUMNS,
    PRICED_PURCHASES,
    PROCUREMENTS,
    SAVING_SHARES,
    Column,
)

COLUMNS = (*LEDGER_LINES, *MAPPED_COLUMNS)
LINE_TYPES = {"text": "str", "integer": "int64", "date": "datetime64[us]"}
DEFAULTS: dict[str, Any] = {
    "file": "reskontra.csv",
    "supplier_type": "company",
    "lou_covered": "okänt",
    "is_mapped": 1,
}


def build_lines(rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Fill in the canonical columns that the rows leave out, with their canonical types."""
    frame = pd.DataFrame(rows)
    count = len(frame)
    numbers = pd.Series(range(1, count + 1), dtype="int64", index=frame.index)
    made: dict[str, Any] = {"line_id": numbers, "row_number": numbers + 1}
    if "supplier_key" in frame:
        made["supplier_name"] = frame["supplier_key"]
    if "category_code" in frame:
        made |= {"category_name": frame["category_code"], "main_category_code": frame["category_code"]}
        made["main_category_name"] = made["main_category_code"]
    types = {name: PANDAS_TYPES[kind] for name, kind in LINE_TYPES.items()}
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        kind = types[column.type]
        value = frame[column.name] if column.name in frame else made.get(column.name)
        if value is None:
            columns[column.name] = pd.array([DEFAULTS.get(column.name)] * count, dtype=kind)
            continue
        if column.name in DEFAULTS:
            value = value.where(value.notna(), DEFAULTS[column.name])
        columns[column.name] = value if value.dtype == kind else value.astype(kind)
    return pd.DataFrame(columns, index=frame.index)


class Engines:
    """Hand a pandas frame to every engine; DuckDB relations live as long as their connection."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.numbers = itertools.count()

    def __call__(self, engine: str, frame: pd.DataFrame) -> Any:
        if engine == "pandas":
            return frame
        dates = [name for name in frame.columns if name.endswith("_on")]
        if engine == "duckdb":
            table = f"lines_{next(self.numbers)}"
            self.connection.register(table, frame)
            cast = ", ".join(f"{name}::date as {name}" for name in dates)
            return self.connection.sql(f"select * {f'replace ({cast})' if cast else ''} from {table}")
        polars = pl.from_pandas(frame).with_columns(pl.col(name).cast(pl.Date) for name in dates)
        return polars.lazy() if engine == "polars_lazy" else polars


@pytest.fixture(scope="session")
def make_lines() -> Callable[[Any], pd.DataFrame]:
    return build_lines


@pytest.fixture(scope="session")
def in_engine() -> Engines:
    return Engines()


def made_up_year(year: int, seed: int, count: int = 1_500) -> pd.DataFrame:
    """Draw a ledger with credit notes, gaps where columns may have them, sole traders and equal rows."""
    draw = np.random.default_rng(seed)
    supplier = draw.zipf(1.4, count) % 90
    keys = pd.Series([f"s{number:03d}" for number in supplier])
    category = pd.Series(draw.choice(["05.01", "05.02", "11.03", "12.01", None], count))
    frame = pd.DataFrame(
        {
            "supplier_key": keys,
            "supplier_name": "Bolag " + keys.str[1:],
            "supplier_type": np.where(supplier % 11 == 3, "sole_trader", "company"),
            "unit": draw.choice(["Norr", "Söder", "Öster", "Åsen", None], count, p=[0.4, 0.3, 0.2, 0.05, 0.05]),
            "buyer_id": "2120000001",
            "buyer": "Region Påhitt",
            "account": draw.choice(["4100", "6440", "7400", None], count),
            "amount_ore": (draw.lognormal(11, 2, count) * draw.choice([1, -1], count, p=[0.93, 0.07])).astype(int),
            "booked_on": pd.to_datetime(f"{year}-01-01") + pd.to_timedelta(draw.integers(0, 365, count), "D"),
            "category_code": category,
            "category_name": category.map(
                {"05.01": "Städ", "05.02": "Bevakning", "11.03": "Läkemedel", "12.01": "Resor"}
            ),
            "main_category_code": category.str[:2],
            "main_category_name": category.str[:2].map({"05": "Fastighet", "11": "Vård", "12": "Resor"}),
            "spend_class": draw.choice(["adresserbar", "ej adresserbar", "investering", "ej inköp", None], count),
            "lou_covered": draw.choice(["ja", "nej", "okänt"], count),
            "is_mapped": category.notna().astype("int64"),
        }
    )
    frame["account_text"] = "Konto " + frame["account"]
    frame["invoice_key"] = (keys + "|" + pd.Series(draw.integers(0, 400, count)).astype("str")).where(
        draw.random(count) > 0.03
    )
    frame.loc[draw.random(count) < 0.02, "booked_on"] = pd.NaT
    return build_lines(pd.concat([frame, frame.iloc[:5]], ignore_index=True))


@pytest.fixture(scope="session")
def year_lines() -> pd.DataFrame:
    return made_up_year(2025, seed=1)


@pytest.fixture(scope="session")
def year_before() -> pd.DataFrame:
    return made_up_year(2024, seed=2)


def build_register(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], key: str = "") -> pd.DataFrame:
    """Make a register with its canonical types; what the rows leave out is missing, but for a running key."""
    types = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}
    exact = [column.name for column in columns if column.type == "decimal"]
    filled = [{key: f"{place}", **row} if key else {**row} for place, row in enumerate(rows, start=1)]
    for row in filled:
        row |= {name: Decimal(str(row[name])) for name in exact if row.get(name) is not None}
    return pd.DataFrame({
        column.name: pd.Series([row.get(column.name) for row in filled], dtype=PANDAS_TYPES[types[column.type]])
        for column in columns
    })  # fmt: skip


class Registers:
    """Make registers of contracts, follow-ups, procurements and savings; without rows, as where there is none."""

    def contracts(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        return build_register(CONTRACTS, rows, "contract_id")

    def scopes(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        return build_register(CONTRACT_SCOPES, [{"through_group": 0, "participants_known": 1, **row} for row in rows])

    def follow_ups(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        return build_register(
            FOLLOW_UPS, [{"kind": "meeting", "supplier_key": "s", **row} for row in rows], "follow_up_id"
        )

    def procurements(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        named = [{"title": f"Upphandling {place}", **row} for place, row in enumerate(rows, start=1)]
        return build_register(PROCUREMENTS, named, "procurement_id")

    def awards(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        named = [{"title": f"Upphandling {place}", **row} for place, row in enumerate(rows, start=1)]
        return build_register(AWARDS, named, "procurement_id")

    def bids(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        """Bids are qualified, lost and not negotiated unless the row says otherwise."""
        usual = {"procurement_id": "1", "is_qualified": 1, "is_winner": 0, "is_negotiated": 0}
        filled = [{**usual, **row} for row in rows]
        return build_register(BIDS, [{"first_bid_ore": row.get("final_bid_ore"), **row} for row in filled])

    def prices(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        return build_register(CONTRACT_PRICES, [{"procurement_id": "1", **row} for row in rows], "article_id")

    def shares(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        usual = {"procurement_id": "1", "receiver_kind": "organisation"}
        return build_register(SAVING_SHARES, [{**usual, **row} for row in rows])

    def purchases(self, *rows: Mapping[str, Any]) -> pd.DataFrame:
        usual = {"procurement_id": "1", "article_id": "1", "is_on_contract": 1}
        return build_register(PRICED_PURCHASES, [{**usual, **row} for row in rows])


@pytest.fixture(scope="session")
def registers() -> Registers:
    return Registers()


def build_matched(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make matched ledger lines: a line with a contract stands on rung 4 unless the row says otherwise."""
    always = {"spend_class": "adresserbar", "lou_covered": "ja"}
    lines = build_lines([{**always, "invoice_key": str(place), **row} for place, row in enumerate(rows)])
    rung = [row.get("possible_rung", 4 if row.get("contract_id") else 0) for row in rows]
    made: dict[str, Any] = {column.name: pd.array(rung, dtype="Int64") for column in MATCHED_COLUMNS[:4]}
    return lines.assign(**made, contract_id=pd.Series([row.get("contract_id") for row in rows], dtype="str"))


@pytest.fixture(scope="session")
def make_matched() -> Callable[[Sequence[Mapping[str, Any]]], pd.DataFrame]:
    return build_matched


@pytest.fixture(scope="session")
def worked_tables() -> Callable[[str], list[pd.DataFrame]]:
    """Read the tables of a method page's worked example, as text."""

    def read(page: str) -> list[pd.DataFrame]:
        text = (Path(__file__).parents[2] / "docs" / "methods" / f"{page}.md").read_text(encoding="utf-8")
        example = text.split("## Räkneexempel\n")[1].split("\n## ")[0]
        found = []
        for table in re.findall(r"(?:^\|.*\|\n?)+", example, flags=re.MULTILINE):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
            found.append(pd.DataFrame(rows[2:], columns=rows[0]))
        return found

    return read
