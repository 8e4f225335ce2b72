"""The fifth rung of the loyalty ladder: invoices split by their lines, by hand, by identities and in every engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import contract_loyalty, loyalty
from procanalysis.measures.contract_loyalty import LineEvidence

NO_LINES = "Kan inte mätas utan orderrader eller fakturarader"


def lines_of(*rows: tuple[str | None, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["invoice_key", "amount_ore", "contracted"])
    return frame.astype({"invoice_key": "str", "amount_ore": "int64", "contracted": "str"})


def fifth(matched: Any, lines: pd.DataFrame | None, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = loyalty.loyalty_ladder(matched, article_evidence=lines, **more).iloc[4].to_dict()
    return row


@pytest.fixture(scope="module")
def three(make_matched: Any) -> pd.DataFrame:
    """Invoices 1 and 2 stand on rung 4, 3 is possible there, 4 is not; of 1 one posting is not."""
    matched = make_matched(
        [
            {"supplier_key": "a", "amount_ore": 700, "contract_id": "K", "invoice_key": "1"},
            {"supplier_key": "a", "amount_ore": 300, "invoice_key": "1", "category_code": "09"},
            {"supplier_key": "b", "amount_ore": 100, "contract_id": "K", "invoice_key": "2"},
            {"supplier_key": "c", "amount_ore": 50, "invoice_key": "3"},
            {"supplier_key": "d", "amount_ore": 40, "invoice_key": "4"},
        ]
    )
    matched.loc[3, ["possible_rung", "possible_rung_then"]] = 4
    return matched


@pytest.mark.parametrize(
    ("lines", "proven", "possible"),
    [
        # Lines that add up to what is on rung 4 are taken as they are.
        ([("2", 60, "yes"), ("2", 30, "possible"), ("2", 10, "no")], 60, 700 + 90 + 50),
        # Others share it: 700 of 1 000 is on rung 4.
        ([("1", 500, "yes"), ("1", 500, "no")], 350, 350 + 100 + 50),
        # A third each of 100 öre: the odd one goes to the least certain.
        ([("2", 1, "yes"), ("2", 1, "possible"), ("2", 1, "no")], 33, 700 + 66 + 50),
        # What is only possible on rung 4 is never proven, but lines can rule it out.
        ([("3", 50, "yes")], 0, 850),
        ([("3", 50, "no")], 0, 800),
        ([("3", 20, "no"), ("3", 30, "possible")], 0, 830),
        # A discount takes from its own kind, and never below nothing.
        ([("2", 120, "yes"), ("2", -20, "no")], 100, 850),
        ([("2", 110, "yes"), ("2", -60, "yes"), ("2", 50, "no")], 50, 800),
        # Lines that net to nothing are as if there were none, but others tell.
        ([("2", 10, "yes"), ("2", -10, "yes"), ("1", 1, "yes")], 700, 850),
        # Not on rung 4 at all.
        ([("4", 40, "yes"), ("2", 100, "yes")], 100, 850),
    ],
)
def test_each_invoice_is_split_by_its_lines(
    lines: list[tuple[str, int, str]], proven: int, possible: int, three: pd.DataFrame
) -> None:
    row = fifth(three, lines_of(*lines))
    assert (row["proven_ore"], row["possible_ore"]) == (proven, possible)
    assert row["unknown_ore"] == possible - proven
    assert row["measurable"]


def test_invoices_are_counted_by_their_least_certain_line(three: pd.DataFrame) -> None:
    counted = ("invoices_proven_count", "invoices_possible_count")

    def counts(*lines: tuple[str, int, str]) -> list[int]:
        row = fifth(three, lines_of(*lines))
        return [row[name] for name in counted]

    # Invoice 1 has a posting below rung 4, so that only 2 can be proven, and 2 and 3 possible.
    assert counts(("1", 1_000, "yes"), ("2", 100, "yes")) == [1, 2]
    assert counts(("2", 99, "yes"), ("2", 1, "possible")) == [0, 2]
    assert counts(("2", 99, "yes"), ("2", 1, "no")) == [0, 1]
    assert counts(("2", 101, "yes"), ("2", -1, "no")) == [1, 2]
    assert counts(("3", 50, "yes")) == [0, 2]
    assert counts(("3", 50, "no")) == [0, 1]


def test_it_tells_how_much_the_lines_cover(three: pd.DataFrame) -> None:
    row = fifth(three, lines_of(("2", 100, "yes")))
    assert row["reason"].replace("\u00a0", " ") == "Rader finns för 12,5 % av det som är belagt i steg fyra"
    rung = loyalty.article_rung(loyalty.covered_purchases(three), lines_of(("2", 100, "yes")))
    assert (rung.covered_ore, rung.rung_four_ore) == (100, 800)


def test_without_lines_it_cannot_be_measured(three: pd.DataFrame) -> None:
    for lines, reason in (
        (None, NO_LINES),
        (lines_of(), NO_LINES),
        (lines_of((None, 5, "yes"), ("9", 5, "yes"), ("2", -5, "yes")), loyalty.NO_LINES_OF_INVOICES),
    ):
        row = fifth(three, lines)
        assert (bool(row["measurable"]), row["reason"]) == (False, reason)
        assert pd.isna(row["proven_ore"]) and pd.isna(row["possible_ore"]) and pd.isna(row["invoices_proven_count"])
        assert row["denominator_ore"] == 1_190


def test_a_missing_column_is_told(three: pd.DataFrame) -> None:
    with pytest.raises(MeasureError, match="loyalty_ladder: the frame has no column 'contracted'"):
        fifth(three, lines_of(("2", 1, "yes")).drop(columns="contracted"))


def test_a_credit_note_makes_the_whole_smaller_that_is_split(make_matched: Any) -> None:
    rows = [("1", 1_000), ("2", -400)]
    matched = make_matched(
        [{"supplier_key": "a", "amount_ore": amount, "invoice_key": key, "contract_id": "K"} for key, amount in rows]
    )
    row = fifth(matched, lines_of(("1", 800, "yes"), ("1", 200, "no"), ("2", -400, "no")))
    assert (row["proven_ore"], row["possible_ore"]) == (480, 480)


@pytest.fixture(scope="module")
def drawn(year_lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = np.random.default_rng(3)
    count = len(year_lines)
    possible = draw.integers(2, 5, count)
    proven = np.minimum(possible, draw.integers(2, 5, count))
    rungs = {"proven_rung": proven, "possible_rung": possible}
    then = {f"{name}_then": np.where(draw.random(count) < 0.3, 0, values) for name, values in rungs.items()}
    then["proven_rung_then"] = np.minimum(then["proven_rung_then"], then["possible_rung_then"])
    matched = year_lines.assign(**rungs, **then, contract_id=pd.Series(["K"] * count, dtype="str"))
    keys = matched["invoice_key"].dropna().drop_duplicates()
    chosen = keys[draw.random(len(keys)) < 0.7].repeat(3).reset_index(drop=True)
    amounts = (draw.lognormal(9, 2, len(chosen)) * draw.choice([1, -1], len(chosen), p=[0.95, 0.05])).astype("int64")
    kinds = draw.choice(["yes", "possible", "no"], len(chosen))
    lines = pd.DataFrame({"invoice_key": chosen, "amount_ore": amounts, "contracted": pd.Series(kinds, dtype="str")})
    return matched, lines


@pytest.mark.parametrize("then", [False, True])
@pytest.mark.parametrize("engine", ["pandas", "polars_lazy", "duckdb"])
def test_it_never_stands_above_the_fourth_in_any_engine(engine: str, then: bool, drawn: Any, in_engine: Any) -> None:
    matched, lines = drawn
    ladder = loyalty.loyalty_ladder(in_engine(engine, matched), as_then=then, article_evidence=lines)
    for name in ("proven_ore", "possible_ore", "invoices_proven_count", "invoices_possible_count"):
        assert ladder[name].is_monotonic_decreasing, name
    assert (ladder["proven_ore"] <= ladder["possible_ore"]).all()
    assert ladder["proven_ore"].iloc[4] > 0
    kept = loyalty.covered_purchases(in_engine(engine, matched))
    again = loyalty.loyalty_ladder(kept, as_then=then, article_evidence=lines)
    pd.testing.assert_frame_equal(ladder, again)
    plain = loyalty.loyalty_ladder(matched, as_then=then)
    pd.testing.assert_frame_equal(ladder.iloc[:4], plain.iloc[:4])


@pytest.mark.parametrize("kind", ["yes", "possible", "no"])
def test_lines_of_one_kind_decide_all_that_they_cover(kind: str, drawn: Any) -> None:
    matched, lines = drawn
    one = lines.assign(contracted=kind, amount_ore=lines["amount_ore"].abs() + 1)
    rung = loyalty.article_rung(loyalty.covered_purchases(matched), one)
    fourth = loyalty.loyalty_ladder(matched).iloc[3]
    assert rung.rung_four_ore == fourth["proven_ore"]
    assert rung.proven_ore == (rung.covered_ore if kind == "yes" else 0)
    if kind != "no":
        assert rung.possible_ore == fourth["possible_ore"]
    else:
        assert rung.possible_ore < fourth["possible_ore"]


def test_an_invoice_is_told_of_by_its_own_lines_before_those_of_its_order() -> None:
    invoices = LineEvidence(lines_of(("1", 10, "no"), ("1", 5, "yes"), (None, 7, "yes")), "")
    orders = LineEvidence(lines_of(("1", 15, "yes"), ("2", 20, "yes"), (None, 3, "no")), "")
    found = contract_loyalty.evidence_by_invoice(invoices, orders)
    assert found["invoice_key"].tolist() == ["1", "1", "2"]
    assert found["amount_ore"].tolist() == [10, 5, 20]
    assert contract_loyalty.evidence_by_invoice().empty


def test_the_worked_example_is_what_the_rung_gives(make_matched: Any, worked_tables: Any) -> None:
    given, told = worked_tables("article_rung")

    def ore(text: str) -> int:
        return 0 if text == "–" else int(Decimal(text.replace(",", ".")) * 100)

    kinds = {"yes": "Rader belagda (kr)", "possible": "Rader möjliga (kr)", "no": "Rader inte på avtal (kr)"}
    rows = given.to_dict("records")
    matched = make_matched(
        [
            {"supplier_key": "a", "invoice_key": row["Faktura"], "contract_id": "K",
             "amount_ore": ore(row["På steg 4 (kr)"])}
            for row in rows
        ]
    )  # fmt: skip
    lines = lines_of(
        *((row["Faktura"], ore(row[name]), kind) for row in rows for kind, name in kinds.items() if ore(row[name]))
    )
    rung = loyalty.article_rung(loyalty.covered_purchases(matched), lines)
    expected = {row["Storhet"]: int(row["Tal"]) * 100 for row in told.to_dict("records")}
    assert rung.proven_ore == expected["Belagt"] == sum(ore(row["Belagt steg 5 (kr)"]) for row in rows)
    assert rung.possible_ore == expected["Möjligt"] == sum(ore(row["Möjligt steg 5 (kr)"]) for row in rows)
    assert (rung.rung_four_ore, rung.covered_ore) == (expected["På steg fyra"], expected["Täckt av rader"])
