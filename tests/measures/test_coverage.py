"""How much the rules decide: shares, tiers, what is left and what each rule did add up to the ledger, to the öre."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import coverage
from procanalysis.schema import TIERS, KeyFigure, kronor

PAGES = Path(__file__).parents[2] / "docs" / "methods"
ENGINES = ("pandas", "polars", "polars_lazy", "duckdb")

Row = dict[str, Any]


def line(amount: int, tier: str | None = "account", **more: Any) -> Row:
    return {
        "supplier_key": "a",
        "amount_ore": amount,
        "tier": tier,
        "rule_id": None if tier is None else f"{tier}-regel",
        "is_mapped": int(tier not in (None, "default")),
        **more,
    }


lines_of = st.lists(
    st.builds(
        line,
        st.integers(-(10**12), 10**12),
        st.sampled_from([None, *TIERS]),
        account=st.sampled_from([None, "6440", "7", "9"]),
        spend_class=st.sampled_from([None, "adresserbar", "ej inköp"]),
        supplier_key=st.sampled_from(["a", "b"]),
    ),
    min_size=1,
    max_size=30,
)
RULES = pd.DataFrame(
    [{"rule_id": f"{tier}-regel", "tier": tier, "category_code": "1", "reason": "Prov."} for tier in TIERS]
)


@settings(max_examples=25, deadline=None)
@given(rows=lines_of)
def test_mapped_and_not_mapped_are_the_whole_ledger_in_rows_and_ore(rows: list[Row], make_lines: Any) -> None:
    lines = make_lines(rows)
    whole, absolute = sum(row["amount_ore"] for row in rows), sum(abs(row["amount_ore"]) for row in rows)
    mapped_rows = [row for row in rows if row["is_mapped"]]
    left = coverage.unmapped(lines)
    assert left["lines_count"].sum() + len(mapped_rows) == len(rows)
    assert left["amount_ore"].sum() + sum(row["amount_ore"] for row in mapped_rows) == whole
    assert left["absolute_ore"].tolist() == sorted(left["absolute_ore"], reverse=True)

    figure = coverage.mapped_share(lines)
    assert (figure.numerator, figure.denominator) == (
        kronor(sum(abs(row["amount_ore"]) for row in mapped_rows)),
        kronor(absolute),
    )
    assert sum(exclusion.rows for exclusion in figure.excluded) + len(mapped_rows) == len(rows)
    assert (figure.value is None) == (absolute == 0)
    assert figure.value is None or 0 <= figure.value <= 100

    for by in ("tier", "spend_class"):
        table = coverage.coverage(lines, by)
        assert table["lines_count"].sum() == len(rows)
        assert (table["amount_ore"].sum(), table["absolute_ore"].sum()) == (whole, absolute)
        assert not absolute or table["share_pct"].sum() == pytest.approx(100)

    tiers = coverage.coverage(lines).set_index("label")["absolute_ore"]
    above = [label for tier, label in TIERS.items() if tier != "default"]
    assert kronor(int(tiers.reindex(above).fillna(0).sum())) == figure.numerator

    outcomes = coverage.rule_outcomes(lines, RULES)
    undecided = [row for row in rows if row["rule_id"] is None]
    assert outcomes["lines_count"].sum() + len(undecided) == len(rows)
    assert outcomes["amount_ore"].sum() + sum(row["amount_ore"] for row in undecided) == whole


PLANTED = [
    line(100_00, account="6440", main_category_name="Mat", lou_covered="ja"),
    line(-20_00, account="6440", main_category_name="Mat", lou_covered="ja"),
    line(30_00, "override", main_category_name="Energi"),
    line(40_00, "default", account="9", account_text="Övrigt", main_category_name="Rest"),
    line(-41_00, "default", account="9", account_text="Annat", supplier_key="b", main_category_name="Rest"),
    line(50_00, None, account="8"),
    line(60_00, None),
    line(5_00, None),
]


def test_coverage_lists_the_tiers_in_the_order_in_which_they_decide(make_lines: Any, in_engine: Any) -> None:
    for engine in ENGINES:
        table = coverage.coverage(in_engine(engine, make_lines(PLANTED)))
        assert table.drop(columns="share_pct").to_numpy().tolist() == [
            ["Undantag", 1, 30_00, 30_00],
            ["Konto", 2, 80_00, 120_00],
            ["Grundregel", 2, -1_00, 81_00],
            ["Ingen regel", 3, 115_00, 115_00],
        ]
        assert table["share_pct"].tolist() == pytest.approx([30 / 3.46, 120 / 3.46, 81 / 3.46, 115 / 3.46])


def test_coverage_by_something_else_lists_the_largest_first(make_lines: Any) -> None:
    lines = make_lines(PLANTED)
    assert coverage.coverage(lines, "main_category_name")["label"].tolist() == ["Mat", "Ingen regel", "Rest", "Energi"]
    assert coverage.coverage(lines, "lou_covered")["label"].tolist() == ["okänt", "ja"]
    with pytest.raises(MeasureError, match="coverage: the frame has no column 'teir'"):
        coverage.coverage(lines, "teir")


def test_what_is_not_mapped_is_ranked_by_amount_without_sign(make_lines: Any, in_engine: Any) -> None:
    for engine in ENGINES:
        left = coverage.unmapped(in_engine(engine, make_lines(PLANTED)))
        shown = left.astype("object").where(left.notna(), None).to_numpy().tolist()
        assert shown == [
            ["9", "Annat", 2, 2, -1_00, 81_00],
            [None, None, 2, 1, 65_00, 65_00],
            ["8", None, 1, 1, 50_00, 50_00],
        ]


def test_every_rule_is_listed_in_its_own_order_also_those_that_did_nothing(make_lines: Any, in_engine: Any) -> None:
    for engine in ENGINES:
        outcomes = coverage.rule_outcomes(in_engine(engine, make_lines(PLANTED)), RULES.iloc[::-1])
        assert outcomes["rule_id"].tolist() == RULES["rule_id"].tolist()[::-1]
        fired = outcomes.set_index("tier")[["lines_count", "amount_ore"]]
        assert fired.loc["account"].tolist() == [2, 80_00]
        assert fired.loc["default"].tolist() == [2, -1_00]
        assert fired.loc["supplier"].tolist() == [0, 0]
        assert fired.dtypes.astype("str").tolist() == ["int64", "int64"]


def test_outcomes_of_other_rules_than_those_that_mapped_are_refused(make_lines: Any) -> None:
    with pytest.raises(MeasureError, match=r"override-regel are not among the rules"):
        coverage.rule_outcomes(make_lines(PLANTED), RULES[RULES["tier"] != "override"])
    with pytest.raises(MeasureError, match="rule_outcomes: the frame has no column 'reason'"):
        coverage.rule_outcomes(make_lines(PLANTED), RULES.drop(columns="reason"))


@pytest.mark.parametrize("rows", [[], [line(0)]])
def test_a_share_of_nothing_is_unknown_with_a_reason(rows: list[Row], make_lines: Any) -> None:
    figure = coverage.mapped_share(make_lines(rows or PLANTED).iloc[: len(rows)])
    assert figure.value is None
    assert "inga belopp" in figure.unknown_because
    assert figure.denominator == 0


def test_a_ledger_wholly_mapped_excludes_nothing(make_lines: Any) -> None:
    figure = coverage.mapped_share(make_lines(PLANTED[:3]))
    assert (figure.value, figure.excluded, figure.unknown_because) == (Decimal(100), (), "")


def test_the_worked_example_on_the_method_page_is_what_the_measure_gives(make_lines: Any) -> None:
    text = (PAGES / "mapped_share.md").read_text(encoding="utf-8")
    example = text.split("## Räkneexempel\n")[1].split("\n## ")[0]
    cells = [
        [cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", example, re.MULTILINE)
    ]
    given_rows = [row for row in cells if len(row) == 3][2:]
    told = {row[0]: number(row[1]) for row in cells if len(row) == 2 and row[1][:1].isdigit()}
    rows = [
        line(int(number(amount) * 100), "default" if rule == "grundregeln" else "account", account=account)
        for account, rule, amount in given_rows
    ]
    assert_told(coverage.mapped_share(make_lines(rows)), told)


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def assert_told(figure: KeyFigure, told: dict[str, Decimal]) -> None:
    assert figure.id == figure.method == "mapped_share"
    assert (figure.value, figure.numerator, figure.denominator) == (told["Värde"], told["Täljare"], told["Nämnare"])
    assert kronor(sum(exclusion.amount_ore for exclusion in figure.excluded)) == told["Undantaget"]
