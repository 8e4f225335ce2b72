"""Matching with the contract register: every rung by hand, and a second telling in plain SQL on 1 000 ledgers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import contract_matching, frames
from procanalysis.schema import FAR_FUTURE, MATCHED_COLUMNS, names

_spec = importlib.util.spec_from_file_location("drawn_ledgers", Path(__file__).with_name("drawn_ledgers.py"))
assert _spec is not None
assert _spec.loader is not None
drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawn)

ADDED = names(MATCHED_COLUMNS)
ENGINES = ("pandas", "polars", "polars_lazy", "duckdb")

Row = dict[str, Any]

LINE: Row = {
    "supplier_key": "a",
    "booked_on": "2025-06-15",
    "category_code": "05.02",
    "category_path": "05/05.02",
    "unit": "Norr",
    "buyer": "Region Påhitt",
    "buyer_id": "212000-0001",
    "amount_ore": 100,
}
SCOPE: Row = {
    "contract_id": "K1",
    "supplier_key": "a",
    "category_code": "05.02",
    "starts_on": "2025-01-01",
    "ends_on": "2025-12-31",
    "registered_on": "2024-12-01",
}


def collected(native: Any) -> pd.DataFrame:
    return frames.collect_pandas(nw.from_native(native).lazy()).sort_values("line_id", ignore_index=True)


def rungs(lines: pd.DataFrame, scopes: pd.DataFrame) -> list[tuple[int, ...]]:
    found = contract_matching.match_contracts(lines, scopes=scopes)[ADDED[:4]]
    return list(found.itertuples(index=False, name=None))


ALL, UNPROVEN = (4, 4, 4, 4), (0, 4, 0, 4)
CASES: dict[str, tuple[Row, Row, tuple[int, int, int, int]]] = {
    "all rungs": ({}, {}, ALL),
    "another supplier": ({"supplier_key": "b"}, {}, (0, 0, 0, 0)),
    "only through the group": ({}, {"through_group": 1}, UNPROVEN),
    "through the group, but ended": ({}, {"through_group": 1, "ends_on": "2025-06-14"}, (0, 1, 0, 1)),
    "on the first day": ({"booked_on": "2025-01-01"}, {}, ALL),
    "on the last day": ({"booked_on": "2025-12-31"}, {}, ALL),
    "the day before": ({"booked_on": "2024-12-31"}, {}, (1, 1, 1, 1)),
    "the day after": ({"booked_on": "2026-01-01"}, {}, (1, 1, 1, 1)),
    "a contract of one day": ({}, {"starts_on": "2025-06-15", "ends_on": "2025-06-15"}, ALL),
    "open end": ({"booked_on": "2031-01-01"}, {"ends_on": FAR_FUTURE}, ALL),
    "unknown end": ({}, {"ends_on": None}, (1, 4, 1, 4)),
    "unknown end, not begun": ({}, {"ends_on": None, "starts_on": "2025-06-16"}, (1, 1, 1, 1)),
    "unknown start": ({}, {"starts_on": None}, (1, 4, 1, 4)),
    "unknown start, ended": ({}, {"starts_on": None, "ends_on": "2025-06-14"}, (1, 1, 1, 1)),
    "unknown day": ({"booked_on": None}, {}, (1, 4, 0, 4)),
    "unknown day, open contract": ({"booked_on": None}, {"ends_on": FAR_FUTURE}, (1, 4, 0, 4)),
    "the category above": ({}, {"category_code": "05"}, ALL),
    "the category below": (
        {"category_code": "05", "category_path": "05"},
        {"category_code": "05.02"},
        (2, 4, 2, 4),
    ),
    "far below": ({"category_code": "05", "category_path": "05"}, {"category_code": "05.02.01"}, (2, 4, 2, 4)),
    "a category that only begins alike": ({}, {"category_code": "05.021"}, (2, 2, 2, 2)),
    "a sister category": ({}, {"category_code": "05.03"}, (2, 2, 2, 2)),
    "contract without category": ({}, {"category_code": None}, (2, 4, 2, 4)),
    "line without category": ({"category_code": None, "category_path": None}, {}, (2, 4, 2, 4)),
    "neither has a category": (
        {"category_code": None, "category_path": None},
        {"category_code": None},
        (2, 4, 2, 4),
    ),
    "for the unit": ({}, {"participant": "norr"}, ALL),
    "for the buyer": ({}, {"participant": "region påhitt"}, ALL),
    "for the buyer's number": ({}, {"participant": "2120000001"}, ALL),
    "for others": ({}, {"participant": "söder"}, (3, 3, 3, 3)),
    "for whom is unknown": ({}, {"participants_known": 0}, (3, 4, 3, 4)),
    "a line without buyer": ({"unit": None, "buyer": None, "buyer_id": None}, {"participant": "norr"}, (3, 4, 3, 4)),
    "a line without buyer, for everyone": ({"unit": None, "buyer": None, "buyer_id": None}, {}, ALL),
    "a line without unit": ({"unit": None}, {"participant": "norr"}, (3, 3, 3, 3)),
    "registered on the day": ({}, {"registered_on": "2025-06-15"}, ALL),
    "registered the day after": ({}, {"registered_on": "2025-06-16"}, (4, 4, 0, 0)),
    "registered nobody knows when": ({}, {"registered_on": None}, (4, 4, 0, 4)),
    "registered late, through the group": ({}, {"registered_on": "2025-06-16", "through_group": 1}, (0, 4, 0, 0)),
    "a credit note": ({"amount_ore": -100}, {}, ALL),
    "a supplier without number, in the register": ({"supplier_type": "unknown"}, {}, ALL),
    "a supplier without number": ({"supplier_type": "unknown", "supplier_key": "b"}, {}, UNPROVEN),
    "the lowest no decides": ({}, {"ends_on": "2025-06-14", "category_code": None}, (1, 1, 1, 1)),
    "unknown, then no": ({}, {"ends_on": None, "participant": "söder"}, (1, 3, 1, 3)),
}


@pytest.fixture(scope="module")
def rungs_of_cases(make_lines: Any, registers: Any) -> dict[str, tuple[int, ...]]:
    """Match all cases at once, each with suppliers and a contract of its own."""

    def own(place: int, row: Row) -> Row:
        return row | {"supplier_key": f"{row['supplier_key']}{place}"}

    lines = [own(place, LINE | line) for place, (line, _, _) in enumerate(CASES.values())]
    scopes = [
        own(place, SCOPE | {"contract_id": f"K{place}"} | scope) for place, (_, scope, _) in enumerate(CASES.values())
    ]
    return dict(zip(CASES, rungs(make_lines(lines), registers.scopes(*scopes)), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_rung_is_reached_as_reckoned_by_hand(case: str, rungs_of_cases: dict[str, tuple[int, ...]]) -> None:
    _, _, expected = CASES[case]
    assert rungs_of_cases[case] == expected


def test_the_best_scope_row_decides_each_rung(make_lines: Any, registers: Any) -> None:
    lines = make_lines([LINE])
    ended = SCOPE | {"contract_id": "K0", "ends_on": "2025-01-31"}
    of_the_group = SCOPE | {"contract_id": "K3", "through_group": 1}
    other = SCOPE | {"contract_id": "K2", "category_code": "06"}
    found = contract_matching.match_contracts(lines, scopes=registers.scopes(ended, of_the_group, other))
    assert found[ADDED].to_numpy().tolist() == [[2, 4, 2, 4, "K2"]]


def test_the_contract_is_the_highest_then_the_most_possible_then_the_first(make_lines: Any, registers: Any) -> None:
    def contract(*scopes: Row) -> str:
        found = contract_matching.match_contracts(make_lines([LINE]), scopes=registers.scopes(*scopes))
        return str(found["contract_id"].iloc[0])

    same = [SCOPE | {"contract_id": number} for number in ("K9", "K10", "K2")]
    assert contract(*same) == "K10"
    assert contract(SCOPE | {"contract_id": "A", "ends_on": "2025-01-31"}, SCOPE) == "K1"
    possible = SCOPE | {"contract_id": "Z", "category_code": None}
    assert contract(SCOPE | {"contract_id": "A", "category_code": "06"}, possible) == "Z"


def test_a_contract_may_give_each_category_its_own_participants(make_lines: Any, registers: Any) -> None:
    scopes = registers.scopes(
        SCOPE | {"participant": "norr"},
        SCOPE | {"participant": "söder", "category_code": "06"},
        SCOPE | {"participant": "söder", "category_code": "07"},
    )
    places = [("Norr", "05/05.02"), ("Söder", "05/05.02"), ("Söder", "06/06.01"), ("Norr", "07"), ("Söder", "07")]
    lines = make_lines([LINE | {"unit": unit, "category_path": path} for unit, path in places])
    assert [row[0] for row in rungs(lines, scopes)] == [4, 3, 4, 3, 4]


def test_a_register_that_names_nobody_proves_nothing(make_lines: Any, registers: Any, in_engine: Any) -> None:
    lines = make_lines([LINE, LINE | {"supplier_type": "unknown"}])
    for scopes in (registers.scopes(), registers.scopes(SCOPE | {"supplier_key": None})):
        for engine in ENGINES:
            found = collected(contract_matching.match_contracts(in_engine(engine, lines), scopes=scopes))
            assert found[ADDED[:4]].to_numpy().tolist() == [[0, 0, 0, 0], [0, 4, 0, 4]]
            assert found["contract_id"].isna().all()


def test_only_the_supplier_is_needed_and_must_be_there(make_lines: Any, registers: Any, in_engine: Any) -> None:
    scopes = registers.scopes(SCOPE, SCOPE | {"supplier_key": "b", "category_code": None, "participants_known": 0})
    few = pd.DataFrame({"line_id": [1, 2, 3], "supplier_key": ["a", "b", "c"]})
    bare = make_lines([{"supplier_key": key, "amount_ore": 1} for key in "abc"])
    for lines in (few, bare):
        for engine in ("pandas", "polars", "duckdb"):
            found = collected(contract_matching.match_contracts(in_engine(engine, lines), scopes=scopes))
            # Everyone may buy, but nothing else is known of the line.
            assert found["proven_rung"].tolist() == [1, 1, 0]
            assert found["possible_rung"].tolist() == [4, 4, 0]
    with pytest.raises(MeasureError, match="supplier_key"):
        contract_matching.match_contracts(few.drop(columns="supplier_key"), scopes=scopes)
    with pytest.raises(MeasureError, match="ends_on"):
        contract_matching.match_contracts(few, scopes=scopes.drop(columns="ends_on"))


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_register_the_columns_are_there_and_empty(engine: str, year_lines: Any, in_engine: Any) -> None:
    given = in_engine(engine, year_lines)
    found = contract_matching.without_register(given)
    assert type(found) is type(given)
    assert nw.from_native(found).lazy().collect_schema().names() == [*year_lines.columns, *ADDED]
    collected_rows = collected(found)
    assert collected_rows[ADDED].isna().all(axis=None)
    pd.testing.assert_frame_equal(collected_rows[list(year_lines.columns)], year_lines)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_row_is_lost_doubled_or_changed(engine: str, year_lines: Any, registers: Any, in_engine: Any) -> None:
    suppliers = year_lines["supplier_key"].unique()[:40]
    scopes = registers.scopes(
        *(SCOPE | {"contract_id": f"K{i}", "supplier_key": key} for i in range(3) for key in suppliers)
    )
    kept_lines, kept_scopes = year_lines.copy(deep=True), scopes.copy(deep=True)
    shuffled = year_lines.sample(frac=1, random_state=3, ignore_index=True)
    given = in_engine(engine, shuffled)
    found = contract_matching.match_contracts(given, scopes=scopes)
    assert type(found) is type(given)
    rows = collected(found)
    pd.testing.assert_frame_equal(rows[list(year_lines.columns)], year_lines)
    if engine in ("pandas", "polars"):
        assert list(found["line_id"]) == list(shuffled["line_id"])
    again = contract_matching.match_contracts(in_engine(engine, rows), scopes=scopes)
    pd.testing.assert_frame_equal(collected(again), rows)
    pd.testing.assert_frame_equal(year_lines, kept_lines)
    pd.testing.assert_frame_equal(scopes, kept_scopes)


# The oracle: the rungs told a second time, in plain SQL, on made-up ledgers.
ORACLE = """
create or replace temp table pairs as
select line_id, s.contract_id,
  case when through_group = 1 then 'unknown' else 'yes' end as r1,
  case when booked_on < starts_on or booked_on > ends_on then 'no'
       when booked_on is null or starts_on is null or ends_on is null then 'unknown' else 'yes' end as r2,
  case when category_path is null or s.category_code is null then 'unknown'
       when '/' || category_path || '/' like '%/' || s.category_code || '/%' then 'yes'
       when s.category_code like l.category_code || '.%' then 'unknown' else 'no' end as r3,
  case when participant is null then case participants_known when 1 then 'yes' else 'unknown' end
       when coalesce(unit, buyer, buyer_id) is null then 'unknown'
       when participant in (lower(unit), lower(buyer), replace(buyer_id, '-', '')) then 'yes' else 'no' end as r4,
  case when booked_on is null or registered_on is null then 'unknown'
       when registered_on <= booked_on then 'yes' else 'no' end as known_then
from lines l, scopes s where l.supplier_key = s.supplier_key;

create or replace temp table climbed as
select *,
  case when r1 <> 'yes' then 0 when r2 <> 'yes' then 1 when r3 <> 'yes' then 2 when r4 <> 'yes' then 3 else 4 end
    as proven,
  case when r1 = 'no' then 0 when r2 = 'no' then 1 when r3 = 'no' then 2 when r4 = 'no' then 3 else 4 end as possible
from pairs;

create or replace temp table oracle as
select line_id,
  coalesce((select max(proven) from climbed c where c.line_id = l.line_id), 0) as proven_rung,
  coalesce((select max(possible) from climbed c where c.line_id = l.line_id),
           case supplier_type when 'unknown' then 4 else 0 end) as possible_rung,
  coalesce((select max(case known_then when 'yes' then proven else 0 end) from climbed c where c.line_id = l.line_id),
           0) as proven_rung_then,
  coalesce((select max(case known_then when 'no' then 0 else possible end) from climbed c where c.line_id = l.line_id),
           case supplier_type when 'unknown' then 4 else 0 end) as possible_rung_then,
  (select min(contract_id) from climbed c where c.line_id = l.line_id
     and not exists (select 1 from climbed d where d.line_id = c.line_id
                     and (d.proven > c.proven or (d.proven = c.proven and d.possible > c.possible)))) as contract_id
from lines l;
"""


@pytest.fixture(scope="module")
def ledgers(make_lines: Any) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """1 000 ledgers as one frame, their registers, and what the oracle says of every line."""
    made, scopes = drawn.drawn_ledgers(1_000, seed=4)
    lines = make_lines(made)
    connection = duckdb.connect()
    connection.register("lines", lines)
    connection.register("scopes", scopes)
    connection.execute(ORACLE)
    return lines, scopes, connection.sql("select * from oracle order by line_id").df()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_oracle_in_sql_agrees_on_a_thousand_ledgers(engine: str, ledgers: Any, in_engine: Any) -> None:
    lines, scopes, oracle = ledgers
    found = collected(contract_matching.match_contracts(in_engine(engine, lines), scopes=scopes))
    expected = oracle[ADDED].astype(dict.fromkeys(ADDED[:4], "int64") | {"contract_id": "str"})
    pd.testing.assert_frame_equal(found[ADDED], expected)
    # A test of sound drawing: every rung is met, proven and only possible.
    assert set(found["proven_rung"]) == set(found["possible_rung_then"]) == {0, 1, 2, 3, 4}


def test_no_rung_then_is_above_now_and_no_proof_above_what_is_possible(ledgers: Any) -> None:
    lines, scopes, _ = ledgers
    found = contract_matching.match_contracts(lines, scopes=scopes)
    for word in ("proven", "possible"):
        assert (found[f"{word}_rung_then"] <= found[f"{word}_rung"]).all()
    for then in ("", "_then"):
        assert (found[f"proven_rung{then}"] <= found[f"possible_rung{then}"]).all()
