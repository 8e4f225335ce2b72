"""The portfolio: test vectors, hand-reckoned scores, what people set, and what follows for suppliers and contracts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, portfolio, suppliers

AS_OF = date(2026, 1, 1)
TAXONOMY = pd.DataFrame(
    {
        "category_code": ["05", "05.01", "05.02", "06", "06.01", "06.01.01", "07"],
        "category_path": ["05", "05/05.01", "05/05.02", "06", "06/06.01", "06/06.01/06.01.01", "07"],
        "name": ["Fastighet", "Städ", "Bevakning", "Resor", "Flyg", "Utrikes", "Konsulter"],
    }
)


def line(path: str | None, supplier: str, kronor: int, **more: Any) -> dict[str, Any]:
    return {"category_path": path, "supplier_key": supplier, "amount_ore": kronor * 100, **more}


def only(table: pd.DataFrame, code: str) -> dict[Any, Any]:
    found = table[table["category_code"] == code].to_dict("records")
    assert len(found) == 1
    return found[0]


def test_the_vector_of_the_methods_holds_in_each_category(make_matched: Any) -> None:
    rows = [line("05/05.01", key, kronor) for key, kronor in zip("abcde", (50, 30, 10, 5, 5), strict=True)]
    rows += [line("06/06.01/06.01.01", "a", 7), line("06/06.01", "b", -7), line(None, "c", 1)]
    table = portfolio.category_concentration(make_matched(rows), taxonomy=TAXONOMY)
    assert table["category_name"].tolist() == ["Städ", "Okategoriserat", "Flyg"]
    clean = only(table, "05.01")
    assert (clean["herfindahl"], clean["gini"]) == (Decimal("0.355"), Decimal("0.46"))
    assert round(clean["effective_suppliers"], 4) == Decimal("2.8169")
    assert (clean["cr1_ore"], clean["cr1_pct"], clean["cr3_ore"], clean["cr3_pct"]) == (5000, 50, 9000, 90)
    assert (clean["suppliers_count"], clean["largest_supplier"]) == (5, "a")
    flight = only(table, "06.01")
    assert (flight["amount_ore"], flight["positive_ore"], flight["positive_suppliers_count"]) == (0, 700, 1)
    assert flight["cr1_pct"] == 100
    assert flight["suppliers_count"] == 2
    empty = portfolio.category_concentration(make_matched([line("05/05.01", "a", -1)]))
    assert empty.loc[0, ["herfindahl", "gini", "cr1_pct"]].tolist() == [None, None, None]
    assert empty.loc[0, "unknown_because"] == "Ingen leverantör har en nettovolym över noll"


def test_a_supplier_of_two_branches_stands_once_and_a_sole_trader_is_not_named(make_matched: Any) -> None:
    rows = [
        line("06/06.01/06.01.01", "a", 60, supplier_type="sole_trader"),
        line("06/06.01", "a", 40, supplier_type="sole_trader"),
    ]
    found = portfolio.category_concentration(make_matched(rows)).to_dict("records")[0]
    assert (found["suppliers_count"], found["herfindahl"], found["lines_count"]) == (1, 1, 2)
    assert found["largest_supplier"] == "en enskild firma"
    assert found["category_name"] == "06.01"


@pytest.mark.parametrize("level", [1, 2, 3])
def test_concentration_sums_to_the_ledger_and_agrees_with_the_measures_of_suppliers(
    level: int, year_lines: pd.DataFrame, in_engine: Any
) -> None:
    paths = year_lines["category_code"].map({"05.01": "05/05.01", "05.02": "05/05.02", "11.03": "11", "12.01": "12/1"})
    lines = year_lines.assign(category_path=paths.astype("str"))
    table = portfolio.category_concentration(lines, level)
    assert table["amount_ore"].sum() == lines["amount_ore"].sum()
    assert table["lines_count"].sum() == len(lines)
    for row in table.dropna(subset="category_code").to_dict("records"):
        inside = lines[lines["category_path"].str.split("/").str[:level].str[-1] == row["category_code"]]
        assert row["gini"] == suppliers.gini(inside).value
        assert row["effective_suppliers"] == pytest.approx(suppliers.effective_suppliers(inside).value)
        assert row["cr3_ore"] == suppliers.concentration(inside, [3])["amount_ore"].iloc[0]
    for engine in ("polars_lazy", "duckdb"):
        other = portfolio.category_concentration(in_engine(engine, lines.sample(frac=1, random_state=4)), level)
        pd.testing.assert_frame_equal(other, table)


def test_a_tree_has_levels_from_one_to_nine(make_matched: Any) -> None:
    with pytest.raises(MeasureError, match="level is 0"):
        portfolio.category_concentration(make_matched([line("05", "a", 1)]), 0)


@dataclass(frozen=True)
class Score:
    impact: int | None
    risk: int | None
    reason: str


def spread_lines(make_matched: Any) -> pd.DataFrame:
    """Three categories whose volumes 100, 10 000 and 1 000 000 kr lie evenly on a logarithmic scale."""
    return make_matched(
        [
            line("05/05.01", "a", 750_000, contract_id="1"),
            line("05/05.01", "b", 250_000, contract_id="2"),
            line("05/05.02", "a", 10_000),
            line("06/06.01/06.01.01", "c", 50),
            line("06/06.01", "d", 50),
            line("05/05.01", "tax", 9_999, spend_class="ej inköp"),
            line(None, "x", 5),
        ],
    )


def test_impact_and_risk_are_what_the_hand_reckons(make_matched: Any, registers: Any) -> None:
    agreed = registers.contracts(
        {"title": "Städ söder", "category_codes": "05.01", "ends_on": "2026-02-01", "bids_count": 9},
        {"title": "Städ norr", "category_codes": "05.01; 05.02", "ends_on": "2026-01-15", "procurement_id": "U1"},
        {"category_codes": "06", "ends_on": "2025-12-31"},
        {"category_codes": "06.01.01", "ends_on": "2025-11-30", "bids_count": 1},
        {"category_codes": None, "ends_on": "2030-01-01"},
    )
    listed = registers.procurements(
        {"category_code": "05.01", "status": "finished", "bids_count": 4},
        {"category_code": "05.01", "status": "planned", "saving_potential_ore": 500},
        {"category_code": "05", "status": "running", "saving_potential_ore": 900},
        {"category_code": "06.01.01", "status": "running", "saving_potential_ore": 70},
        {"category_code": "06.01", "status": "finished", "saving_potential_ore": 9},
    )
    found = portfolio.kraljic(
        spread_lines(make_matched), agreed, listed, as_of=AS_OF, taxonomy=TAXONOMY, criticality={"05": 2, "07": 5}
    )
    clean, guards, flight = (only(found.categories, code) for code in ("05.01", "05.02", "06.01"))
    assert [row["impact"] for row in (clean, guards, flight)] == [5, 3, 1]
    # One supplier has 75 %; bids 9 and 4; the contract most bought on ends in 31 days; 2 was set on the level above.
    assert (clean["largest_pct"], clean["supplier_risk"]) == (75, 4)
    assert (clean["bids"], clean["procurements_count"], clean["bids_risk"]) == (Decimal("6.5"), 2, 1)
    assert (clean["contract_id"], clean["contract_title"], clean["days_to_end"]) == ("1", "Städ söder", 31)
    assert (clean["expiry_risk"], clean["criticality_risk"]) == (5, 2)
    assert (clean["risk"], clean["quadrant"], clean["known_parts_count"]) == (3, "strategic", 4)
    assert clean["unknown_parts"] == ""
    # Nothing was bought on its only contract, and nobody bid: two parts are unknown.
    assert (guards["contract_id"], guards["expiry_risk"], guards["supplier_risk"]) == ("2", 5, 5)
    assert guards["unknown_parts"] == "anbud per upphandling: antalet anbud är inte känt i någon upphandling"
    assert (guards["risk"], guards["quadrant_name"]) == (4, "Strategisk")
    # Both contracts have ended; the one that ended last speaks.
    assert (flight["contract_id"], flight["days_to_end"], flight["expiry_risk"]) == ("3", -1, 5)
    assert (flight["supplier_risk"], flight["bids_risk"], flight["criticality_risk"]) == (3, 5, None)
    assert flight["risk"] == Decimal("4.33")
    assert flight["quadrant"] == "bottleneck"
    assert [clean["saving_potential_ore"], flight["saving_potential_ore"]] == [500, 70]
    assert pd.isna(guards["saving_potential_ore"])
    assert found.unused_scores == ("07",)
    assert [(left.reason, left.rows, left.amount_ore) for left in found.excluded] == [
        ("Ej inköp", 1, 999_900),
        ("Kategori saknas", 1, 500),
    ]


@pytest.mark.parametrize(
    ("ends_on", "risk"),
    [
        ("2026-01-01", 5), ("2026-04-01", 5), ("2026-04-02", 4), ("2026-06-30", 4), ("2026-07-01", 3),
        ("2027-01-01", 3), ("2027-01-02", 2), ("2028-01-01", 2), ("2028-01-02", 1), ("9999-12-31", 1),
        ("2025-12-31", 5),
    ],
)  # fmt: skip
def test_the_end_of_the_contract_counts_to_the_day(ends_on: str, risk: int, make_matched: Any, registers: Any) -> None:
    agreed = registers.contracts({"category_codes": "05.01", "ends_on": ends_on})
    lines = make_matched([line("05/05.01", "a", 1)])
    row = only(portfolio.kraljic(lines, agreed, registers.procurements(), as_of=AS_OF).categories, "05.01")
    assert row["expiry_risk"] == risk
    assert pd.isna(row["days_to_end"]) == (ends_on == "9999-12-31")


def test_what_people_set_takes_the_place_of_what_was_reckoned_with_the_reason(
    make_matched: Any, registers: Any
) -> None:
    scores = {"05.01": Score(1, None, "Marknaden är stor"), "06.01": Score(5, 5, "Samhällsviktigt")}
    found = portfolio.kraljic(
        spread_lines(make_matched), registers.contracts(), registers.procurements(), as_of=AS_OF, category_scores=scores
    )
    clean, guards, flight = (only(found.categories, code) for code in ("05.01", "05.02", "06.01"))
    assert (clean["impact_reckoned"], clean["impact"], clean["hand_set"]) == (5, 1, "Betydelse")
    assert (clean["risk_reckoned"], clean["risk"], clean["quadrant"]) == (4, 4, "bottleneck")
    assert clean["hand_set_reason"] == "Marknaden är stor"
    assert (flight["impact"], flight["risk"], flight["hand_set"]) == (5, 5, "Betydelse och risk")
    assert (guards["hand_set"], guards["hand_set_reason"]) == ("", "")
    assert "organisationen har inget avtalsregister i underlaget" in guards["unknown_parts"]
    assert found.unused_scores == ()
    with pytest.raises(MeasureError, match="criticality of category 05 is 6"):
        portfolio.kraljic(
            spread_lines(make_matched),
            registers.contracts(),
            registers.procurements(),
            as_of=AS_OF,
            criticality={"05": 6},
        )


def test_what_cannot_be_known_has_a_reason_and_no_quadrant(make_matched: Any, registers: Any) -> None:
    lines = make_matched([line("05/05.01", "a", 5), line("05/05.02", "a", -5)])
    agreed = registers.contracts({"category_codes": "05.01", "ends_on": None}, {"category_codes": "06"})
    table = portfolio.kraljic(lines, agreed, registers.procurements(), as_of=AS_OF).categories
    alone, credit = only(table, "05.01"), only(table, "05.02")
    assert (alone["impact"], alone["quadrant"], alone["quadrant_name"]) == (None, None, "")
    assert alone["unknown_because"] == "Volymerna är för lika eller för få för att skilja åt"
    assert "avtalets slut: avtalens slutdag är okänd" in alone["unknown_parts"]
    assert (credit["risk"], credit["known_parts_count"]) == (None, 0)
    assert credit["unknown_because"] == "Nettovolymen är noll eller lägre"
    assert "avtalets slut: inget registrerat avtal i kategorin" in credit["unknown_parts"]
    assert portfolio.kraljic(lines.iloc[:0], agreed, registers.procurements(), as_of=AS_OF).categories.empty


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-5, 10**12), max_size=30))
def test_scores_lie_from_one_to_five_and_never_fall_when_the_amount_grows(amounts: list[int]) -> None:
    scores = frames.log_scores(amounts)
    known = [(amount, score) for amount, score in zip(amounts, scores, strict=True) if score is not None]
    assert all(1 <= score <= 5 for _, score in known)
    ordered = [score for _, score in sorted(known)]
    assert ordered == sorted(ordered)
    if known:
        assert {min(ordered), max(ordered)} == {1, 5}
        assert len(known) == sum(amount > 0 for amount in amounts)


def test_engines_and_order_of_rows_give_the_same_portfolio(
    year_lines: pd.DataFrame, registers: Any, in_engine: Callable[[str, pd.DataFrame], Any]
) -> None:
    rung = pd.Series(range(len(year_lines))) % 5
    lines = year_lines.assign(
        category_path=("0/" + year_lines["category_code"]).astype("str"),
        possible_rung=rung.where(rung > 0).astype("Int64"),
        contract_id=("K" + (rung % 3).astype("str")).where(rung > 1).astype("str"),
    )
    kept = lines.copy(deep=True)
    agreed = registers.contracts(
        *({"contract_id": f"K{n}", "category_codes": "0", "ends_on": f"2026-0{n + 1}-01"} for n in range(3))
    )

    def everything(native: Any) -> list[pd.DataFrame]:
        found = portfolio.kraljic(native, agreed, registers.procurements(), as_of=AS_OF)
        return [
            found.categories,
            portfolio.supplier_segments(native, found).suppliers,
            portfolio.contract_classes(agreed, native, found, as_of=AS_OF),
        ]

    expected = everything(lines)
    pd.testing.assert_frame_equal(lines, kept)
    for engine in ("polars_lazy", "duckdb"):
        for other, table in zip(
            everything(in_engine(engine, lines.sample(frac=1, random_state=2))), expected, strict=True
        ):
            pd.testing.assert_frame_equal(other, table)


def test_a_supplier_is_strategic_by_volume_or_by_risk_and_the_reason_says_which(
    make_matched: Any, registers: Any
) -> None:
    lines = make_matched(
        [
            line("05/05.01", "stor", 960), line("05/05.01", "liten", 20),
            line("06/06.01", "nyckel", 5), line("06/06.01", "bisak", 15),
            line("06/06.01", "kredit", -3), line(None, "okänd", 0),
            line("05/05.01", "skatt", 7, spend_class="ej inköp"),
        ],
    )  # fmt: skip
    scores = {"06.01": Score(None, 5, "En tillverkare"), "05.01": Score(None, 2, "Många")}
    found = portfolio.kraljic(
        lines, registers.contracts(), registers.procurements(), as_of=AS_OF, category_scores=scores
    )
    segments = portfolio.supplier_segments(lines, found, strategic_share_pct=3, risk_share_pct=25)
    table = segments.suppliers.set_index("supplier_key")
    assert table["segment"].to_dict() == {
        "stor": "strategic",
        "liten": "other",
        "bisak": "strategic",
        "nyckel": "strategic",
    }
    assert table.loc["stor", "reason"].replace("\xa0", " ") == "Hög volym: 96 % av inköpen, gränsen är 3 %"
    assert table.loc["nyckel", "share_pct"] == Decimal("0.5")
    reason = table.loc["nyckel", "reason"].replace("\xa0", " ")
    assert reason == "Hög risk: 25 % av 06.01, där risken är 5,00 och gränsen 4"
    assert table.loc["liten", "reason"] == "Varken volymen eller risken når gränsen"
    assert table.loc["liten", "highest_risk"] is None
    assert table.loc["bisak", "category_code"] == "06.01"
    assert [(left.reason.replace("\xa0", " "), left.rows, left.amount_ore) for left in segments.excluded] == [
        ("Ej inköp", 1, 700),
        ("Leverantörer med nettovolym noll eller lägre (2 st)", 2, -300),
    ]
    for limits in ({"strategic_share_pct": 101}, {"high_risk": 0}, {"risk_share_pct": -1}):
        with pytest.raises(MeasureError, match=next(iter(limits))):
            portfolio.supplier_segments(lines, found, **limits)  # type: ignore[arg-type]


def test_classes_are_proposed_from_impact_and_risk_beside_the_register(make_matched: Any, registers: Any) -> None:
    lines = make_matched(
        [
            line("05/05.01", "a", 100_000, contract_id="1"),
            line("05/05.02", "a", 90_000, contract_id="2"),
            line("05/05.01", "b", 10, contract_id="3"),
            line("05/05.01", "b", 77, contract_id="3", possible_rung=2),
        ],
    )
    scores = {"05.01": Score(5, 4, "Hand"), "05.02": Score(5, 2, "Hand")}
    agreed = registers.contracts(
        {"category_codes": "05.01", "contract_class": "A"},
        {"category_codes": "05.02", "contract_class": "C", "starts_on": "2026-01-01", "ends_on": "2026-01-01"},
        {"category_codes": "05"},
        {"category_codes": "05.02", "contract_class": "D"},
        {"category_codes": "05.01", "contract_class": "B", "ends_on": "2025-12-31"},
        {"category_codes": "05.01", "starts_on": "2026-01-02"},
        {"contract_class": "A"},
    )
    found = portfolio.kraljic(lines, agreed, registers.procurements(), as_of=AS_OF, category_scores=scores)
    table = portfolio.contract_classes(agreed, lines, found, as_of=AS_OF).set_index("contract_id")
    assert table["proposed_class"].to_dict() == {
        "1": "A", "2": "B", "3": "C", "4": "D", "5": None, "6": None, "7": None,
    }  # fmt: skip
    assert table["agreement"].to_dict() == {
        "1": "agrees", "2": "differs", "3": "no_class", "4": "agrees", "5": "no_proposal", "6": "no_proposal",
        "7": "no_proposal",
    }  # fmt: skip
    assert table.loc["3", ["amount_ore", "impact", "risk", "risk_category_name"]].tolist() == [1000, 1, 4, "05.01"]
    assert table.loc["4", ["amount_ore", "impact"]].tolist() == [0, 1]
    assert table.loc[["1", "2", "3"], "follow_up_form"].tolist() == [
        "Uppföljningsmöten",
        "Avstämningar via e-post, telefon eller uppföljningsmöte",
        "Avstämningar via e-post, telefon eller uppföljningsmöte",
    ]
    assert table.loc[["5", "6", "7"], "unknown_because"].tolist() == [
        "Avtalet har upphört",
        "Avtalet har inte börjat gälla",
        "Avtalets kategori saknas eller har ingen känd risk",
    ]
    assert portfolio.contract_classes(registers.contracts(), lines, found, as_of=AS_OF).empty


def shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Read a table of a method page row by row; a dash stands for what is missing."""
    return [
        {str(name): None if cell == "–" else cell for name, cell in row.items()} for row in table.to_dict("records")
    ]


def test_the_worked_example_is_what_the_measure_gives(worked_tables: Any, make_matched: Any, registers: Any) -> None:
    given_rows, expected = (shown(table) for table in worked_tables("kraljic"))

    def amount(text: str) -> Decimal:
        return Decimal(text.replace("\xa0", "").replace(" ", "").replace(",", "."))

    lines = make_matched(
        [line(row["Kategori"], row["Leverantör"], int(amount(row["Belopp (kr)"]))) for row in given_rows]
    )
    known = {row["Kategori"]: row for row in given_rows if row["Anbud"]}.values()
    agreed = registers.contracts(
        *({"category_codes": row["Kategori"], "ends_on": row["Avtalet slutar"], "bids_count": int(row["Anbud"])}
          for row in known)
    )  # fmt: skip
    found = portfolio.kraljic(lines, agreed, registers.procurements(), as_of=AS_OF).categories
    rows = found[["category_code", "impact", "risk", "quadrant_name"]].to_numpy().tolist()
    assert rows == [[row["Kategori"], amount(row["Betydelse"]), amount(row["Risk"]), row["Ruta"]] for row in expected]
