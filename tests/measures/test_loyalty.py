"""Loyalty: the ladder, its credit notes, groups and key figures, by hand, by identities and by an oracle in SQL."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import contract_matching, frames, loyalty, suppliers, wording
from procanalysis.schema import MATCHED_COLUMNS, RUNGS, KeyFigure, names

_spec = importlib.util.spec_from_file_location("drawn_ledgers", Path(__file__).with_name("drawn_ledgers.py"))
assert _spec is not None
assert _spec.loader is not None
drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawn)

ADDED = names(MATCHED_COLUMNS)
Row = dict[str, Any]
MEASURES: dict[str, Callable[[Any], Any]] = {
    "loyalty_ladder": loyalty.loyalty_ladder,
    "loyalty_ladder then": lambda matched: loyalty.loyalty_ladder(matched, as_then=True, include_investments=True),
    "supplier_loyalty": lambda matched: asdict(loyalty.supplier_loyalty(matched, target_pct=50)),
    "category_loyalty": lambda matched: asdict(loyalty.category_loyalty(matched)),
    "late_registered_share": lambda matched: asdict(loyalty.late_registered_share(matched)),
    **{f"loyalty_by {by}": lambda matched, by=by: loyalty.loyalty_by(matched, by) for by in loyalty.GROUPINGS},
    "missing_by_rung": loyalty.missing_by_rung,
    "largest_without_contract": lambda matched: loyalty.largest_without_contract(matched, 5),
    "large compared": lambda matched: large(matched).compared,
    "large items": lambda matched: large(matched).items,
}


def large(matched: Any, limit_ore: int = 2_000_00) -> loyalty.LargeItems:
    return loyalty.loyalty_with_and_without_large(matched, large_item_limit_ore=limit_ore)


def settled(matched: Any) -> list[int]:
    rows = frames.collect_pandas(loyalty.loyalty_base(matched).lines).sort_values("line_id")
    return [int(amount) for amount in rows["settled_ore"]]


@pytest.fixture(scope="module")
def matched_year(year_lines: pd.DataFrame) -> pd.DataFrame:
    """The made-up year with rungs drawn so that proof, possibility and what was known then hang together."""
    draw = np.random.default_rng(9)
    possible = draw.integers(0, 5, len(year_lines))
    proven = np.minimum(possible, draw.integers(0, 5, len(year_lines)))
    drawn = {
        "proven_rung": proven,
        "possible_rung": possible,
        "proven_rung_then": np.where(draw.random(len(year_lines)) < 0.3, 0, proven),
        "possible_rung_then": np.where(draw.random(len(year_lines)) < 0.2, np.minimum(possible, 0), possible),
    }
    drawn["proven_rung_then"] = np.minimum(drawn["proven_rung_then"], drawn["possible_rung_then"])
    return year_lines.assign(**drawn, contract_id=pd.Series(np.where(possible, "K1", None), dtype="str"))


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contract_id": ["K1"],
            "supplier_key": ["Alfa"],
            "through_group": [0],
            "category_code": [None],
            "participant": [None],
            "participants_known": [1],
            "starts_on": pd.to_datetime(["2025-01-01"]),
            "ends_on": pd.to_datetime(["2025-12-31"]),
            "registered_on": pd.to_datetime(["2025-01-01"]),
        }
    )


def test_the_test_vector_of_the_methods(make_lines: Any, register: pd.DataFrame) -> None:
    rows = [("Alfa", 600, "ja"), ("Beta", 300, "ja"), ("Alfa", -50, "ja"), ("Hyresvärden", 150, "nej")]
    lines = make_lines(
        [
            {"supplier_key": key, "amount_ore": kronor * 100, "lou_covered": lou, "booked_on": "2025-06-01"}
            for key, kronor, lou in rows
        ]
    )
    figure = loyalty.supplier_loyalty(contract_matching.match_contracts(lines, scopes=register))
    assert (figure.numerator, figure.denominator) == (550, 850)
    assert figure.value is not None
    assert figure.value.quantize(Decimal("0.1")) == Decimal("64.7")
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("LOU omfattar inte köpet", 1, 15_000)
    ]
    assert figure.comparison == figure.unknown_because == ""


def test_every_posting_is_in_the_base_or_left_out_with_one_reason(make_matched: Any) -> None:
    kinds = [
        ("ja", "adresserbar"), ("ja", None), ("ja", "ej adresserbar"), ("ja", "investering"), ("ja", "ej inköp"),
        ("nej", "ej inköp"), ("nej", "investering"), ("okänt", "adresserbar"),
    ]  # fmt: skip
    matched = make_matched(
        [
            {"supplier_key": "a", "lou_covered": lou, "spend_class": kind, "amount_ore": 10**place}
            for place, (lou, kind) in enumerate(kinds)
        ]
    )
    base = loyalty.loyalty_base(matched)
    left = {exclusion.reason: (exclusion.rows, exclusion.amount_ore) for exclusion in base.excluded}
    assert left == {
        "LOU omfattar inte köpet": (2, 1_100_000),
        "Okänt om LOU omfattar köpet": (1, 10_000_000),
        "Investeringar": (1, 1_000),
        "Ej inköp": (1, 10_000),
    }
    assert list(left) == list(loyalty.EXCLUDED)
    assert sum(settled(matched)) == 111
    with_investments = loyalty.loyalty_ladder(matched, include_investments=True)
    assert with_investments["denominator_ore"].tolist() == [1_111] * 5


# Amount, then what differs from the line above; and what is left of each.
LATER, EARLIER, NO_DAY = {"booked_on": "2025-03-02"}, {"booked_on": "2025-01-02"}, {"booked_on": None}
NOWHERE: Row = {"unit": None, "category_code": None}
CREDITS: dict[str, tuple[list[tuple[int, Row]], list[int]]] = {
    "the latest purchase first": ([(5, {}), (7, {}), (-3, {})], [5, 4, 0]),
    "then the one before": ([(5, {}), (7, {}), (-9, {})], [3, 0, 0]),
    "down to zero": ([(5, {}), (7, {}), (-15, {})], [0, 0, -3]),
    "the rest stands on the latest credit": ([(-4, {}), (5, {}), (-6, {}), (-1, {})], [0, 0, -5, -1]),
    "the day goes before the row": ([(5, LATER), (7, EARLIER), (-6, {})], [0, 6, 0]),
    "a missing day is the earliest": ([(5, {}), (7, NO_DAY), (-6, {})], [0, 6, 0]),
    "not of another unit": ([(5, {}), (-6, {"unit": "Syd"})], [5, -6]),
    "not of another category": ([(5, {}), (-6, {"category_code": "06"})], [5, -6]),
    "not of another supplier": ([(5, {}), (-6, {"supplier_key": "b"})], [5, -6]),
    "missing is a value of its own": ([(5, NOWHERE), (7, {}), (-2, NOWHERE)], [3, 7, 0]),
    "nothing bought": ([(0, {}), (-6, {})], [0, -6]),
}


@pytest.mark.parametrize("engine", ["pandas", "polars_lazy", "duckdb"])
def test_a_credit_note_reduces_its_own_purchases(engine: str, make_matched: Any, in_engine: Any) -> None:
    always = {"supplier_key": "a", "unit": "Norr", "category_code": "05", "booked_on": "2025-02-01"}
    lines, expected = [], []
    for case, (rows, left) in CREDITS.items():
        made = [always | {"amount_ore": amount} | differs for amount, differs in rows]
        lines += [row | {"supplier_key": f"{row['supplier_key']} {case}"} for row in made]
        expected += left
        assert sum(left) == sum(amount for amount, _ in rows)
    assert settled(in_engine(engine, make_matched(lines))) == expected


def test_the_ladder_by_hand(make_matched: Any) -> None:
    matched = make_matched(
        [
            {"supplier_key": "a", "amount_ore": 400, "contract_id": "K", "invoice_key": "1"},
            {"supplier_key": "a", "amount_ore": 100, "contract_id": "K", "possible_rung": 2, "invoice_key": "1"},
            {"supplier_key": "b", "amount_ore": 200, "invoice_key": "2"},
            {"supplier_key": "c", "amount_ore": 300, "invoice_key": "3"},
            {"supplier_key": "c", "amount_ore": 50, "invoice_key": None},
            {"supplier_key": "d", "amount_ore": -50, "contract_id": "K", "invoice_key": "4"},
        ]
    )
    # Supplier c may have a contract: nothing is proven, rung 3 is possible.
    matched.loc[[3, 4], ["possible_rung", "possible_rung_then"]] = 3
    matched.loc[0, ["proven_rung_then", "possible_rung_then"]] = 0
    ladder = loyalty.loyalty_ladder(matched)
    assert ladder["rung"].tolist() == [1, 2, 3, 4, 5]
    assert ladder["rung_name"].tolist() == list(RUNGS.values())
    assert ladder["proven_ore"].tolist()[:4] == [500, 500, 400, 400]
    assert ladder["possible_ore"].tolist()[:4] == [850, 850, 750, 400]
    assert ladder["unknown_ore"].tolist()[:4] == [350, 350, 350, 0]
    assert ladder["denominator_ore"].tolist() == [1_000] * 5
    assert ladder["proven_pct"].tolist()[:4] == [50.0, 50.0, 40.0, 40.0]
    # Invoice 1 stands where its lowest posting does; the credit note and the posting without number are no invoices.
    assert ladder["invoices_count"].tolist() == [3] * 5
    assert ladder["invoices_proven_count"].tolist()[:4] == [1, 1, 0, 0]
    assert ladder["invoices_possible_count"].tolist()[:4] == [2, 2, 1, 0]
    assert ladder["measurable"].tolist() == [True] * 4 + [False]
    last = ladder.iloc[4]
    assert last[["proven_ore", "possible_ore", "unknown_ore", "proven_pct", "invoices_proven_count"]].isna().all()
    assert last["reason"] == "Kan inte mätas utan orderrader eller fakturarader"
    then = loyalty.loyalty_ladder(matched, as_then=True)
    assert then["proven_ore"].tolist()[:4] == [100, 100, 0, 0]
    assert then["invoices_proven_count"].tolist()[:4] == [0, 0, 0, 0]


def test_the_interval_and_the_goal_are_told_with_the_figure(make_matched: Any) -> None:
    matched = make_matched(
        [
            {"supplier_key": "a", "amount_ore": 60_000, "contract_id": "K"},
            {"supplier_key": "b", "amount_ore": 25_000},
            {"supplier_key": "c", "amount_ore": 15_000},
        ]
    )
    matched.loc[2, "possible_rung"] = 4
    figures = {goal: loyalty.supplier_loyalty(matched, target_pct=goal) for goal in (60, 61, 75, 76, None)}
    assert {goal: figure.status for goal, figure in figures.items()} == {
        60: "met", 61: "unknown", 75: "unknown", 76: "off", None: "",
    }  # fmt: skip
    assert figures[None].comparison.replace("\u00a0", " ") == "mellan 60 % och 75 %"
    assert figures[61].comparison.replace("\u00a0", " ") == "mellan 60 % och 75 %; mål 61 %"
    assert figures[None].value == 60
    matched.loc[2, "amount_ore"] = 15
    assert loyalty.supplier_loyalty(matched).comparison.replace("\u00a0", " ") == "mellan 70,58 % och 70,59 %"
    matched.loc[2, "possible_rung"] = 0
    assert loyalty.category_loyalty(matched).comparison == ""


def test_late_registration_is_proven_only_where_nothing_could_have_been_known(make_matched: Any) -> None:
    matched = make_matched(
        [
            {"supplier_key": key, "amount_ore": amount, "contract_id": "K"}
            for key, amount in zip("abcd", (10, 20, 30, 40), strict=True)
        ]
    )
    matched["proven_rung_then"] = pd.array([4, 0, 0, 1], dtype="Int64")
    matched["possible_rung_then"] = pd.array([4, 0, 4, 1], dtype="Int64")
    figure = loyalty.late_registered_share(matched)
    assert figure.value == 60
    assert figure.comparison.replace("\u00a0", " ") == "mellan 60 % och 90 %"
    by_unit = loyalty.loyalty_by(matched, "unit")
    assert by_unit[["unit_name", "late_registered_ore", "late_possible_ore"]].values.tolist() == [
        ["Enhet saknas", 60, 90]
    ]


def test_each_group_has_its_largest_cause_and_its_goal(make_matched: Any) -> None:
    rows = [
        ("01", 100, 0, 0), ("01", 50, 1, 1), ("02", 80, 1, 1), ("03", 70, 2, 2), ("04", 65, 3, 3), ("05", 40, 0, 4),
        ("05", 20, 4, 4), ("06", 10, 4, 4), ("07", -5, 4, 4),
    ]  # fmt: skip
    matched = make_matched(
        [{"supplier_key": f"s{place}", "category_code": row[0], "amount_ore": row[1]} for place, row in enumerate(rows)]
    )
    for column, place in (("proven_rung", 2), ("possible_rung", 3)):
        matched[column] = pd.array([row[place] for row in rows], dtype="Int64")
    table = loyalty.loyalty_by(matched, "category", target_pct=50, targets_pct={"01": 0, "06": 100})
    table = table.set_index("category_code")
    assert table.index.tolist() == ["01", "02", "03", "04", "05", "06", "07"]
    assert table["cause"].tolist() == [
        "Leverantören har inget registrerat avtal",
        "Avtalet gällde inte på inköpsdagen",
        "Avtalet gäller en annan kategori",
        "Köparen får inte använda avtalet",
        "Går inte att avgöra med uppgifterna i registret och reskontran",
        "",
        "",
    ]
    assert table["cause_ore"].tolist() == [100, 80, 70, 65, 40, 0, 0]
    assert table["status"].tolist() == ["met", "off", "met", "met", "unknown", "met", "unknown"]
    assert table.loc["05", "status_reason"].replace("\u00a0", " ") == "Kan inte avgöras: mellan 33,3 % och 100 %"
    assert table.loc["07", "status_reason"] == loyalty.NOT_ABOVE_ZERO
    assert table.loc["02", ["target_pct", "distance_pp"]].tolist() == [50.0, -50.0]
    assert table.loc["01", "supplier_missing_pct"] == pytest.approx(150 * 100 / 430)
    plain = loyalty.loyalty_by(matched, "category")
    assert set(plain["status"]) == {""}
    assert plain["target_pct"].isna().all()
    weakest = loyalty.loyalty_by(matched, "category", weakest_first=True)
    assert weakest["category_code"].tolist() == ["01", "02", "05", "03", "04", "06", "07"]


def test_a_small_supplier_is_one_whose_year_is_small(make_matched: Any) -> None:
    rows = [("a", "2024-12-31", 30), ("a", "2025-01-01", 49), ("b", "2025-01-01", 40), ("b", "2025-12-31", 10)]
    matched = make_matched([{"supplier_key": k, "booked_on": d, "amount_ore": o} for k, d, o in rows])
    table = loyalty.loyalty_by(matched, "supplier_size", small_supplier_limit_ore=50).set_index("supplier_size")
    assert table["denominator_ore"].to_dict() == {"small": 79, "large": 50}
    names_shown = loyalty.loyalty_by(matched, "supplier_size")["supplier_size_name"]
    assert names_shown.str.replace("\u00a0", " ").tolist() == ["Leverantörer under 50 000 kr per år"]


def test_months_stand_in_order_and_a_credit_note_counts_where_its_purchase_does(make_matched: Any) -> None:
    rows = [("2025-03-05", 100), ("2025-01-05", 10), ("2025-04-01", -30), (None, 5)]
    always = {"supplier_key": "a", "unit": "Norr", "category_code": "05"}
    table = loyalty.loyalty_by(make_matched([always | {"booked_on": d, "amount_ore": o} for d, o in rows]), "month")
    assert table["month"].tolist()[:3] == ["2025-01", "2025-03", "2025-04"]
    assert table["month_name"].tolist() == ["januari 2025", "mars 2025", "april 2025", "Datum saknas"]
    assert table["denominator_ore"].tolist() == [10, 70, 0, 5]


@pytest.mark.parametrize("by", loyalty.GROUPINGS)
def test_the_groups_add_up_to_the_whole(by: str, matched_year: pd.DataFrame) -> None:
    table = loyalty.loyalty_by(matched_year, by)
    ladder = loyalty.loyalty_ladder(matched_year).set_index("rung")
    whole = int(ladder.loc[2, "denominator_ore"])
    assert table["denominator_ore"].sum() == whole
    for word, rung in (("supplier", 2), ("category", 4)):
        assert table[f"{word}_proven_ore"].sum() == ladder.loc[rung, "proven_ore"]
        assert table[f"{word}_possible_ore"].sum() == ladder.loc[rung, "possible_ore"]
        assert table[f"{word}_missing_ore"].sum() == whole - ladder.loc[rung, "proven_ore"]
        # m = (1 - loyalty) × share.
        missing = (100 - table[f"{word}_proven_pct"]) * table["share_pct"] / 100
        above = table["denominator_ore"] > 0
        assert table[f"{word}_missing_pct"][above].tolist() == pytest.approx(missing[above].tolist())
        assert table[f"{word}_missing_pct"].sum() == pytest.approx(100 - ladder.loc[rung, "proven_pct"])
    assert (table["category_proven_ore"] <= table["supplier_proven_ore"]).all()
    assert (table["supplier_proven_ore"] <= table["supplier_possible_ore"]).all()
    assert (table["category_proven_ore"] <= table["category_possible_ore"]).all()
    assert (table["late_registered_ore"] <= table["late_possible_ore"]).all()
    late = loyalty.late_registered_share(matched_year)
    assert late.numerator == Decimal(int(table["late_registered_ore"].sum())) / 100


@pytest.mark.parametrize("then", [False, True])
@pytest.mark.parametrize("investments", [False, True])
def test_the_ladder_never_rises(then: bool, investments: bool, matched_year: pd.DataFrame) -> None:
    ladder = loyalty.loyalty_ladder(matched_year, as_then=then, include_investments=investments)[:4]
    for name in ("proven_ore", "possible_ore", "invoices_proven_count", "invoices_possible_count"):
        assert ladder[name].is_monotonic_decreasing
    assert (ladder["proven_ore"] <= ladder["possible_ore"]).all()
    assert (ladder["invoices_proven_count"] <= ladder["invoices_possible_count"]).all()
    now = loyalty.loyalty_ladder(matched_year, include_investments=investments)[:4]
    assert (ladder["proven_ore"] <= now["proven_ore"]).all()


def test_what_falls_at_each_rung_adds_up(matched_year: pd.DataFrame) -> None:
    steps, ladder = loyalty.missing_by_rung(matched_year), loyalty.loyalty_ladder(matched_year)[:4]
    whole = int(ladder["denominator_ore"].iloc[0])
    assert steps["rung"].tolist() == [0, 1, 2, 3, 4]
    assert steps["left_ore"].tolist()[1:] == ladder["proven_ore"].tolist()
    assert steps["amount_ore"].sum() == whole - ladder["proven_ore"].iloc[-1]
    assert steps["amount_ore"].iloc[0] < 0 < steps["unknown_ore"].iloc[1:].min()
    assert steps["step"].tolist() == list(loyalty.STEPS)
    assert (steps["unknown_ore"] <= steps["amount_ore"].clip(lower=0)).all()


def test_large_items_are_taken_away_to_the_ore(matched_year: pd.DataFrame) -> None:
    found = large(matched_year)
    with_them, without = found.compared.to_dict("records")
    assert found.items["amount_ore"].min() > 2_000_00
    assert found.items["amount_ore"].is_monotonic_decreasing
    assert with_them["denominator_ore"] - found.items["settled_ore"].sum() == without["denominator_ore"]
    assert with_them["supplier_proven_ore"] > without["supplier_proven_ore"]
    ladder = loyalty.loyalty_ladder(matched_year)
    assert with_them["supplier_proven_pct"] == ladder["proven_pct"].iloc[1]
    assert "supplier_type" in found.items
    none = large(matched_year, 10**15)
    assert none.items.empty
    rows = none.compared.drop(columns=["selection", "selection_name"]).values.tolist()
    assert rows[0] == rows[1]


def test_an_invoice_is_large_by_the_sum_of_its_postings(make_matched: Any) -> None:
    rows = [("1", 60), ("1", 50), ("2", 100), (None, 101), (None, 60), (None, 60), ("3", 130), ("3", -40)]
    matched = make_matched([{"supplier_key": "a", "invoice_key": key, "amount_ore": ore} for key, ore in rows])
    items = large(matched, 100).items
    assert items["amount_ore"].tolist() == [110, 101]
    assert items["lines_count"].tolist() == [2, 1]
    # The credited 40 came off the latest purchases, not off these.
    assert items["settled_ore"].tolist() == [110, 101]


def test_the_largest_without_contract_leave_people_to_be_merged(make_matched: Any) -> None:
    rows = [
        ("a", "company", 90, 0, 0), ("b", "company", 80, 1, 1), ("c", "company", 70, 0, 4), ("d", "company", 500, 4, 4),
        ("p", "sole_trader", 5, 0, 0), ("q", "sole_trader", 85, 0, 0), ("r", "sole_trader", 4, 0, 0),
    ]  # fmt: skip
    matched = make_matched(
        [{"supplier_key": key, "supplier_type": kind, "amount_ore": ore} for key, kind, ore, *_ in rows]
    )
    for column, place in (("proven_rung", 3), ("possible_rung", 4)):
        matched[column] = pd.array([row[place] for row in rows], dtype="Int64")
    found = loyalty.largest_without_contract(matched, 2)
    assert found["supplier_key"].tolist() == ["a", "q", "b", "p", "r"]
    assert found["cause"].tolist()[:3] == [loyalty.CAUSES[0], loyalty.CAUSES[0], loyalty.CAUSES[1]]
    merged = suppliers.merge_sole_traders(found)
    assert merged["supplier_name"].tolist() == ["a", "b", "Enskilda firmor (3)"] or set(merged["amount_ore"]) == {
        90,
        80,
        94,
    }
    everyone = loyalty.largest_without_contract(matched).set_index("supplier_key")
    assert everyone.loc["c", ["amount_ore", "unknown_ore"]].tolist() == [70, 70]
    assert everyone.loc["c", "cause"] == loyalty.UNDECIDED
    assert "d" not in everyone.index


# The oracle: credit notes and ladder told a second time, in plain SQL, on the made-up ledgers.
SETTLE = """
create or replace temp table base as
select * from matched where lou_covered = 'ja' and spend_class not in ('ej inköp', 'investering');

create or replace temp table purchases as
select line_id, unit, supplier_key, category_code, proven_rung, possible_rung, proven_rung_then, possible_rung_then,
  amount_ore - least(amount_ore, greatest(0,
    (select coalesce(sum(-amount_ore), 0) from base c where c.amount_ore < 0 and c.supplier_key = b.supplier_key
       and c.unit is not distinct from b.unit and c.category_code is not distinct from b.category_code)
    - (select coalesce(sum(amount_ore), 0) from base p where p.amount_ore > 0 and p.supplier_key = b.supplier_key
       and p.unit is not distinct from b.unit and p.category_code is not distinct from b.category_code
       and (coalesce(p.booked_on, date '1900-01-01'), p.line_id)
         > (coalesce(b.booked_on, date '1900-01-01'), b.line_id)))) as left_ore
from base b where amount_ore > 0;
"""


@pytest.fixture(scope="module")
def ledgers(make_lines: Any) -> tuple[pd.DataFrame, duckdb.DuckDBPyConnection]:
    """1 000 matched ledgers as one frame, the ledger's number in supplier and unit, and the oracle's tables."""
    made, scopes = drawn.drawn_ledgers(1_000, seed=5)
    matched = contract_matching.match_contracts(make_lines(made), scopes=scopes)
    matched["unit"] = matched["unit"].fillna("-") + "|" + matched["supplier_key"].str[-4:]
    connection = duckdb.connect()
    connection.register("matched", matched)
    connection.execute(SETTLE)
    return matched, connection


def test_an_oracle_in_sql_settles_every_purchase_alike(ledgers: Any) -> None:
    matched, connection = ledgers
    rows = frames.collect_pandas(loyalty.loyalty_base(matched).lines)
    bought = rows[rows["amount_ore"] > 0].sort_values("line_id")
    expected = connection.sql("select line_id, left_ore from purchases order by line_id").df()
    assert bought["line_id"].tolist() == expected["line_id"].tolist()
    assert bought["settled_ore"].tolist() == expected["left_ore"].tolist()
    assert (bought["settled_ore"] < bought["amount_ore"]).mean() > 0.2
    left = rows[rows["amount_ore"] <= 0]["settled_ore"]
    assert left.max() == 0
    assert rows["settled_ore"].sum() == rows["amount_ore"].sum()


def test_an_oracle_in_sql_gives_every_ledger_the_same_ladder(ledgers: Any) -> None:
    matched, connection = ledgers
    lines = loyalty.loyalty_by(matched, "unit")
    figures = {"denominator_ore": "b.net"}
    for word, rung in (("supplier", 2), ("category", 4)):
        for sort in ("proven", "possible"):
            figures[f"{word}_{sort}_ore"] = f"coalesce(sum(left_ore) filter ({sort}_rung >= {rung}), 0)"
    late = "coalesce(sum(left_ore) filter (proven_rung >= 2 and {} < 2), 0)"
    figures["late_registered_ore"] = late.format("possible_rung_then")
    figures["late_possible_ore"] = late.format("proven_rung_then")
    columns = ", ".join(f"({formula})::bigint as {name}" for name, formula in figures.items())
    expected = connection.sql(
        f"select unit, {columns} from (select unit, sum(amount_ore) as net from base group by unit) b "
        "left join purchases using (unit) group by unit, b.net order by unit"
    ).df()
    found = lines.sort_values("unit", ignore_index=True)[["unit", *figures]]
    pd.testing.assert_frame_equal(found, expected.astype({"unit": "str"}))
    assert found["unit"].str[-4:].nunique() > 990


def test_no_ladder_of_any_ledger_rises(ledgers: Any) -> None:
    matched, connection = ledgers
    for then in ("", "_then"):
        rungs = {
            word: [f"coalesce(sum(left_ore) filter ({word}_rung{then} >= {rung}), 0)" for rung in (1, 2, 3, 4)]
            for word in ("proven", "possible")
        }
        ladder = loyalty.loyalty_ladder(matched, as_then=then != "")[:4]
        for word, sums in rungs.items():
            whole = connection.sql(f"select {', '.join(sums)} from purchases").fetchall()
            assert ladder[f"{word}_ore"].tolist() == list(whole[0])
    rows = frames.collect_pandas(loyalty.loyalty_base(matched).lines)
    rows["ledger"] = rows["supplier_key"].str[-4:]
    bought = rows[rows["is_purchase"] == 1]
    for key in ("ledger", "unit", "category_code"):
        climbed = [
            bought["settled_ore"].where(bought[f"{word}_rung"] >= rung, 0).groupby(bought[key]).sum()
            for word in ("possible", "proven")
            for rung in (1, 2, 3, 4)
        ]
        possible, proven = climbed[:4], climbed[4:]
        for higher, lower in [
            *itertools.pairwise(possible),
            *itertools.pairwise(proven),
            *zip(possible, proven, strict=True),
        ]:
            assert (lower <= higher).all()


@pytest.fixture(scope="module")
def of_postings(matched_year: pd.DataFrame) -> Callable[[str], Any]:
    """Ask a measure of the postings themselves, in pandas, once, and see that they stay as they were."""
    kept = matched_year.copy(deep=True)

    @cache
    def ask(name: str) -> Any:
        found = MEASURES[name](matched_year)
        pd.testing.assert_frame_equal(matched_year, kept)
        return found

    return ask


@pytest.mark.parametrize("name", MEASURES)
def test_every_engine_gives_the_same_and_the_input_is_untouched(
    name: str, matched_year: pd.DataFrame, of_postings: Any, in_engine: Any
) -> None:
    expected = of_postings(name)
    shuffled = matched_year.sample(frac=1, random_state=3)
    for engine in ("polars_lazy", "duckdb"):
        found = MEASURES[name](in_engine(engine, shuffled))
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(found, expected, check_exact=True)
        else:
            assert found == expected


@pytest.fixture(scope="module")
def summed_once(matched_year: pd.DataFrame, in_engine: Any) -> Callable[[str, bool], Any]:
    """The base that the measures below share in each engine."""

    @cache
    def summed(engine: str, include_investments: bool) -> Any:
        return loyalty.covered_purchases(in_engine(engine, matched_year), include_investments=include_investments)

    return summed


@pytest.mark.parametrize("name", MEASURES)
def test_what_is_summed_once_gives_every_measure_the_same(name: str, of_postings: Any, summed_once: Any) -> None:
    expected = of_postings(name)
    for engine in ("pandas", "polars_lazy", "duckdb"):
        shared = summed_once(engine, name == "loyalty_ladder then")
        for _ in range(2):  # the first to ask leaves nothing behind for the next
            found = MEASURES[name](shared)
            if isinstance(expected, pd.DataFrame):
                pd.testing.assert_frame_equal(found, expected, check_exact=True)
            else:
                assert found == expected


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("engine", ["pandas", "polars_lazy"])
def test_without_a_register_nothing_is_known_and_nothing_is_zero(
    name: str, engine: str, year_lines: pd.DataFrame, in_engine: Any
) -> None:
    found = MEASURES[name](contract_matching.without_register(in_engine(engine, year_lines)))
    if isinstance(found, pd.DataFrame):
        assert found.empty
        assert len(found.columns)
        return
    figure = KeyFigure(**found)
    assert figure.value is figure.numerator is figure.denominator is None
    assert figure.unknown_because == wording.NO_CONTRACT_REGISTER
    assert figure.comparison == figure.status == ""
    assert figure.excluded


@pytest.mark.parametrize("name", MEASURES)
def test_an_empty_ledger_is_answered(name: str, matched_year: pd.DataFrame, in_engine: Any) -> None:
    found = MEASURES[name](in_engine("polars_lazy", matched_year.iloc[:0]))
    if isinstance(found, pd.DataFrame):
        assert not [column for column in found if column.endswith("_pct") and found[column].notna().any()]
    else:
        assert found["unknown_because"] == loyalty.NO_PURCHASES


def test_more_credit_than_purchases_gives_no_percentage(make_matched: Any) -> None:
    matched = make_matched(
        [{"supplier_key": "a", "amount_ore": 10, "contract_id": "K"}, {"supplier_key": "b", "amount_ore": -10}]
    )
    figure = loyalty.supplier_loyalty(matched, target_pct=50)
    assert figure.value is None
    assert figure.unknown_because == loyalty.NOT_ABOVE_ZERO
    assert (figure.denominator, figure.comparison, figure.status) == (0, "", "")
    matched.loc[1, "amount_ore"] = -20
    assert loyalty.supplier_loyalty(matched).unknown_because == loyalty.NOT_ABOVE_ZERO
    assert loyalty.loyalty_ladder(matched)["proven_pct"].isna().all()


def test_a_wrong_parameter_or_column_is_told(matched_year: pd.DataFrame) -> None:
    with pytest.raises(MeasureError, match="Did you mean 'category'"):
        loyalty.loyalty_by(matched_year, "categori")
    with pytest.raises(MeasureError, match="small_supplier_limit_ore"):
        loyalty.loyalty_by(matched_year, "unit", small_supplier_limit_ore=0)
    with pytest.raises(MeasureError, match="n is 0"):
        loyalty.largest_without_contract(matched_year, 0)
    with pytest.raises(MeasureError, match="large_item_limit_ore"):
        large(matched_year, 0)
    with pytest.raises(MeasureError, match="proven_rung"):
        loyalty.loyalty_ladder(matched_year.drop(columns="proven_rung"))
