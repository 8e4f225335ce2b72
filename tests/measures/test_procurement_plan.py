"""The procurement plan: days counted by hand, kronor exposed to the öre, load, priority, and how procurement went."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import procurement_plan as plan
from procanalysis.schema import CONTRACTS, PROCUREMENT_STATUSES, PROCUREMENTS, names

AS_OF = date(2026, 1, 1)
YEAR: dict[str, Any] = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
NO_LIST = "Organisationen har ingen förteckning över upphandlingar i underlaget"


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def parts(figure: Any) -> tuple[Any, Any, Any]:
    return figure.value, figure.numerator, figure.denominator


def finished(category: str | None, days: int) -> dict[str, Any]:
    begun = date(2023, 1, 1)
    return {
        "category_code": category,
        "status": "finished",
        "started_on": begun,
        "ended_on": begun + timedelta(days=days),
    }


def test_the_lead_time_is_the_category_s_own_median_else_that_of_all_else_the_parameter(registers: Any) -> None:
    history = registers.procurements(
        finished("05.01", 100), finished("05.01", 301), finished("05.02", 500), finished(None, 200),
        {"category_code": "06", "status": "running", "started_on": "2025-01-01"},
        {"category_code": "06", "status": "cancelled", "started_on": "2025-01-01", "ended_on": "2025-01-03"},
        {"category_code": "06", "status": "finished", "started_on": "2025-01-01"},
        finished("06", 0),
    )  # fmt: skip
    own = plan.lead_time(history, lead_time_days=90, least_history=2)
    assert own.drop(columns=["basis", "unknown_because"]).astype(object).where(
        own.notna(), None
    ).to_numpy().tolist() == [
        ["05.01", 2, 201, 201],
        ["05.02", 1, 500, 251],
        ["06", 0, None, 251],
        [None, 4, 251, 251],
    ]
    assert own["basis"].str.replace("\xa0", " ").tolist() == [
        "Median av 2 avslutade upphandlingar i kategorin",
        *["Median av 4 avslutade upphandlingar i alla kategorier"] * 3,
    ]
    given_days = plan.lead_time(history, lead_time_days=90, least_history=5)
    assert given_days["days"].tolist() == [90, 90, 90, 90]
    assert set(given_days["basis"]) == {"Angiven i organisationens inställningar"}
    unknown = plan.lead_time(history, lead_time_days=None, least_history=5)
    assert unknown["days"].isna().all()
    assert set(unknown["unknown_because"]) == {
        "Färre än 5 avslutade upphandlingar har start och slut, och ingen ledtid är angiven"
    }


def test_no_list_of_procurements_leaves_the_lead_time_to_the_parameter(registers: Any) -> None:
    given_days = plan.lead_time(registers.procurements(), lead_time_days=270, least_history=5)
    assert given_days[["finished_count", "days"]].to_numpy().tolist() == [[0, 270]]
    unknown = plan.lead_time(registers.procurements(), lead_time_days=None, least_history=5)
    assert unknown["unknown_because"].tolist() == [f"{NO_LIST}, och ingen ledtid är angiven"]
    for wrong in ({"lead_time_days": 0, "least_history": 1}, {"lead_time_days": None, "least_history": 0}):
        with pytest.raises(MeasureError, match="is 0"):
            plan.lead_time(registers.procurements(), **wrong)


def begin(registers: Any, make_matched: Any, contracts: Any, *rows: dict[str, Any], **more: Any) -> Any:
    """Reckon with 60 days of standstill and 240 of lead time: 300 days from start to contract."""
    settings_given: dict[str, Any] = {
        "as_of": AS_OF,
        "years_ahead": 3,
        "standstill_and_review_days": 60,
        "lead_time_days": 240,
        "least_history": 99,
    }
    lines = make_matched(
        [
            {"contract_id": "1", "amount_ore": 365_000_00},
            {"contract_id": "1", "amount_ore": -100_00},
            {"contract_id": "1", "amount_ore": 3_00, "spend_class": "ej inköp"},
            {"contract_id": "1", "amount_ore": 5_00, "possible_rung": 3},
            {"contract_id": "2", "amount_ore": 1_000_00, "lou_covered": "okänt"},
            {"amount_ore": 9_00},
        ]
    )
    listed = registers.procurements(*rows)
    return plan.procurement_starts(contracts, lines, listed, **{**settings_given, **more})


def one(found: Any, contract: str = "1") -> dict[Any, Any]:
    table = found.contracts
    row = table[table["contract_id"] == contract].to_dict("records")[0]
    return {name: None if pd.isna(value) else value for name, value in row.items()}


@pytest.mark.parametrize(
    ("ends_on", "latest", "state", "gap"),
    [
        ("2026-10-28", "2026-01-01", "soon", 0),
        ("2026-10-27", "2025-12-31", "too_late", 1),
        ("2027-01-26", "2026-04-01", "soon", 0),
        ("2027-01-27", "2026-04-02", "later", 0),
        ("2028-12-31", "2028-03-06", "later", 0),
        ("2026-01-02", "2025-03-08", "too_late", 299),
    ],
)
def test_the_latest_start_and_the_gap_are_counted_to_the_day(
    ends_on: str, latest: str, state: str, gap: int, registers: Any, make_matched: Any
) -> None:
    found = one(begin(registers, make_matched, registers.contracts({"ends_on": ends_on, "latest_ends_on": ends_on})))
    assert (found["latest_start_on"], found["state"], found["gap_days"]) == (day(latest), state, gap)
    assert found["latest_start_with_options_on"] == day(latest)
    assert found["yearly_ore"] == 364_900_00
    assert found["exposed_ore"] == found["exposed_with_options_ore"] == round(Fraction(364_900_00 * gap, 365))


def test_options_give_more_time_and_an_open_end_leaves_no_gap(registers: Any, make_matched: Any) -> None:
    contracts = registers.contracts(
        {"ends_on": "2026-03-01", "latest_ends_on": "2027-03-01"},
        {"ends_on": "2026-03-01", "latest_ends_on": "9999-12-31"},
    )
    found = begin(registers, make_matched, contracts)
    first, second = one(found), one(found, "2")
    assert (first["latest_start_on"], first["latest_start_with_options_on"]) == (day("2025-05-05"), day("2026-05-05"))
    assert (first["gap_days"], first["exposed_ore"], first["exposed_with_options_ore"]) == (241, 24_093_397, 0)
    assert (second["exposed_ore"], second["exposed_with_options_ore"]) == (660_27, 0)


@pytest.mark.parametrize(
    ("procurement", "state", "start", "gap"),
    [
        ({"status": "running", "started_on": "2025-05-05"}, "begun", "2025-05-05", 0),
        ({"status": "running", "started_on": "2025-05-06"}, "begun_late", "2025-05-06", 1),
        ({"status": "running", "planned_start_on": "2025-05-06"}, "unknown", None, None),
        ({"status": "planned", "planned_start_on": "2026-02-01"}, "too_late", "2026-02-01", 272),
        ({"status": "planned", "planned_start_on": "2025-02-01"}, "too_late", "2026-01-01", 241),
        ({"status": "planned"}, "too_late", "2026-01-01", 241),
        ({"status": "finished", "ended_on": "2026-03-01"}, "replaced", None, 0),
        ({"status": "finished", "ended_on": "2026-03-11"}, "replaced", None, 10),
        ({"status": "cancelled", "started_on": "2025-02-01"}, "too_late", "2026-01-01", 241),
    ],
)
def test_the_procurement_that_replaces_a_contract_decides_the_start(
    procurement: dict[str, Any], state: str, start: str | None, gap: int | None, registers: Any, make_matched: Any
) -> None:
    contracts = registers.contracts({"ends_on": "2026-03-01", "latest_ends_on": "2026-03-01"})
    found = one(begin(registers, make_matched, contracts, {"replaces_contract_id": "1", **procurement}))
    assert (found["state"], found["gap_days"]) == (state, gap)
    assert found["start_on"] == (None if start is None else day(start))
    assert (found["procurement_id"] is None) == (procurement["status"] == "cancelled")
    expected = None if gap is None else round(Fraction(364_900_00 * gap, 365))
    assert found["exposed_ore"] == expected
    assert found["unknown_because"] == ("" if gap is not None else "Upphandlingen som ska ersätta avtalet saknar datum")


def test_a_plan_that_begins_after_the_latest_start_is_late_though_today_is_not(
    registers: Any, make_matched: Any
) -> None:
    contracts = registers.contracts({"ends_on": "2027-12-31"})
    listed = [
        {"replaces_contract_id": "1", "status": "planned", "planned_start_on": "2027-04-01", "procurement_id": "sen"},
        {"replaces_contract_id": "1", "status": "planned", "planned_start_on": "2027-03-06", "procurement_id": "tidig"},
        {"replaces_contract_id": "1", "status": "cancelled", "started_on": "2025-01-01"},
    ]
    late = one(begin(registers, make_matched, contracts, listed[0]))
    assert (late["state_name"], late["gap_days"]) == ("Planerad för sent", 26)
    both = one(begin(registers, make_matched, contracts, *listed))
    assert (both["procurement_id"], both["state"], both["gap_days"]) == ("tidig", "later", 0)
    running = {"replaces_contract_id": "1", "status": "running", "started_on": "2026-01-01", "procurement_id": "pågår"}
    assert one(begin(registers, make_matched, contracts, *listed, running))["procurement_id"] == "pågår"


def test_contracts_outside_the_years_are_counted_and_unknown_ends_are_shown(registers: Any, make_matched: Any) -> None:
    contracts = registers.contracts(
        {"ends_on": "2026-01-01"}, {"ends_on": "2026-01-02"}, {"ends_on": "2028-12-31"}, {"ends_on": "2029-01-01"},
        {"ends_on": "9999-12-31"}, {}, {"ends_on": "2026-12-31"},
    )  # fmt: skip
    found = begin(registers, make_matched, contracts)
    assert found.contracts["contract_id"].tolist() == ["2", "7", "3", "6"]
    assert (found.ended_before_count, found.ends_after_count) == (1, 2)
    assert len(found.contracts) + found.ended_before_count + found.ends_after_count == len(contracts)
    nobody_knows = one(found, "6")
    assert (nobody_knows["state_name"], nobody_knows["unknown_because"]) == ("Okänt", "Avtalets slutdag är okänd")
    assert [(left.reason, left.rows, left.amount_ore) for left in found.excluded] == [("Ej inköp", 1, 3_00)]
    years = plan.ending_per_year(found)
    assert years["year_name"].tolist() == ["2026", "2028", "Slutdag saknas"]
    assert years["contracts_count"].tolist() == [2, 1, 1]
    assert years["late_count"].tolist() == [1, 0, 0]
    assert years["unknown_count"].tolist() == [0, 0, 1]
    assert years["yearly_ore"].tolist() == [1_000_00, 0, 0]
    figure = plan.contract_gap_exposure(found)
    assert parts(figure) == (Decimal("819.18"), 1, 3)
    assert figure.comparison == "1 avtal går inte att bedöma"
    new_year = begin(registers, make_matched, contracts, as_of=date(2025, 12, 31), years_ahead=1)
    assert new_year.contracts["contract_id"].tolist() == ["1", "2", "7", "6"], "the years begin the day after"


def test_without_register_history_or_matching_the_exposure_is_unknown(registers: Any, make_matched: Any) -> None:
    nothing = begin(registers, make_matched, registers.contracts())
    assert plan.contract_gap_exposure(nothing).value is None
    assert plan.contract_gap_exposure(nothing).unknown_because == (
        "Organisationen har inget avtalsregister i underlaget"
    )
    assert plan.ending_per_year(nothing).empty
    contracts = registers.contracts({"ends_on": "2026-03-01"})
    no_time = plan.contract_gap_exposure(begin(registers, make_matched, contracts, lead_time_days=None))
    assert (no_time.value, no_time.unknown_because) == (None, f"{NO_LIST}, och ingen ledtid är angiven")
    unmatched = make_matched([{"contract_id": None, "amount_ore": 5, "possible_rung": None}])
    found = plan.procurement_starts(
        contracts, unmatched, registers.procurements(), as_of=AS_OF, years_ahead=1, standstill_and_review_days=0,
        lead_time_days=10, least_history=1,
    )  # fmt: skip
    assert one(found)["unknown_because"] == "Raderna i reskontran är inte prövade mot avtalsregistret"
    assert (one(found)["yearly_ore"], one(found)["exposed_ore"]) == (None, None)
    later = begin(registers, make_matched, registers.contracts({"ends_on": "2040-01-01"}))
    assert parts(plan.contract_gap_exposure(later)) == (0, 0, 0)


def test_a_part_of_a_year_is_made_a_year_and_the_longest_lead_time_counts(registers: Any, make_matched: Any) -> None:
    contracts = registers.contracts({"ends_on": "2026-12-31", "category_codes": "05.01; 06"}, {"ends_on": "2026-12-31"})
    history = [finished("05.01", 30), finished("06", 90), finished("06", 95), finished("05.01", 40)]
    found = begin(registers, make_matched, contracts, *history, months_covered=9, least_history=2)
    first, second = one(found), one(found, "2")
    assert (first["lead_time_days"], second["lead_time_days"]) == (93, 65)
    assert first["yearly_ore"] == round(Fraction(364_900_00 * 12, 9))
    assert second["yearly_ore"] == 133_333
    assert (first["yearly_ore"], one(begin(registers, make_matched, contracts, least_rung=3))["yearly_ore"]) == (
        48_653_333_33 // 100,
        364_905_00,
    )
    wrongs = ({"years_ahead": 0}, {"months_covered": 0}, {"standstill_and_review_days": -1}, {"least_rung": 5})
    for wrong in wrongs:
        with pytest.raises(MeasureError, match=next(iter(wrong))):
            begin(registers, make_matched, contracts, **wrong)


def test_engines_give_the_same_starts(year_lines: pd.DataFrame, registers: Any, in_engine: Any) -> None:
    number = pd.Series(range(len(year_lines)))
    lines = year_lines.assign(
        proven_rung=(number % 3).astype("Int64"),
        possible_rung=(number % 5).astype("Int64"),
        contract_id=(number % 4).where(number % 5 > 0).astype("Int64").astype("str"),
    )
    lines["contract_id"] = lines["contract_id"].where(number % 5 > 0)
    shuffled = lines.sample(frac=1, random_state=5)
    contracts = registers.contracts(*({"contract_id": str(n), "ends_on": "2026-02-01"} for n in range(4)))
    made = [
        plan.procurement_starts(
            contracts, native, registers.procurements(), as_of=AS_OF, years_ahead=1, standstill_and_review_days=9,
            lead_time_days=100, least_history=1,
        )
        for native in (lines, *(in_engine(engine, shuffled) for engine in ("polars", "duckdb")))
    ]  # fmt: skip
    assert made[0].contracts["yearly_ore"].sum() != 0
    for other in made[1:]:
        pd.testing.assert_frame_equal(other.contracts, made[0].contracts)
        assert other.excluded == made[0].excluded


def test_what_is_proven_is_told_apart_from_what_is_possible(registers: Any, make_matched: Any) -> None:
    lines = make_matched([{"contract_id": "1", "amount_ore": 300}, {"contract_id": "1", "amount_ore": 70}])
    lines["proven_rung"] = pd.array([4, 2], dtype="Int64")
    rungs: dict[int, tuple[int, int]] = {}
    for rung in (4, 3, 2, 1):
        found = plan.procurement_starts(
            registers.contracts({"ends_on": "2026-12-31"}), lines, registers.procurements(), as_of=AS_OF, years_ahead=1,
            standstill_and_review_days=60, lead_time_days=240, least_history=1, least_rung=rung,
        )  # fmt: skip
        rungs[rung] = (one(found)["yearly_proven_ore"], one(found)["yearly_ore"])
    assert rungs == {4: (300, 370), 3: (300, 370), 2: (370, 370), 1: (370, 370)}


@settings(max_examples=25, deadline=None)
@given(
    st.dates(date(2026, 1, 2), date(2028, 12, 31)), st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(0, 200),
    st.integers(1, 900), st.integers(-(10**6), 10**12),
)  # fmt: skip
def test_a_start_on_the_latest_day_leaves_no_gap_and_every_day_later_leaves_one(
    ends_on: date, started_on: date, standstill: int, lead: int, amount: int
) -> None:
    contracts = pd.DataFrame([{**dict.fromkeys(names(CONTRACTS)), "contract_id": "1", "ends_on": ends_on}])
    contracts["ends_on"] = pd.to_datetime(contracts["ends_on"])
    row = {"procurement_id": "u", "replaces_contract_id": "1", "status": "running", "started_on": started_on}
    listed = pd.DataFrame([{**dict.fromkeys(names(PROCUREMENTS)), **row}])
    listed["started_on"] = pd.to_datetime(listed["started_on"])
    lines = pd.DataFrame(
        {"contract_id": ["1"], "proven_rung": [4], "possible_rung": [4], "supplier_key": ["a"],
         "invoice_key": ["i"], "spend_class": ["x"],
         "amount_ore": [amount]}
    )  # fmt: skip
    found = plan.procurement_starts(
        contracts, lines, listed, as_of=AS_OF, years_ahead=3, standstill_and_review_days=standstill,
        lead_time_days=lead, least_history=1,
    ).contracts.to_dict("records")[0]  # fmt: skip
    latest = ends_on - timedelta(days=standstill + lead)
    gap = max((started_on - latest).days, 0)
    assert (found["latest_start_on"].date(), found["gap_days"]) == (latest, gap)
    assert (found["state"] == "begun_late") == (gap > 0)
    assert abs(found["exposed_ore"] - max(Fraction(amount * gap, 365), 0)) <= Fraction(1, 2)


def hand_out(registers: Any, make_matched: Any, contracts: Any, *rows: dict[str, Any], **more: Any) -> Any:
    starts = begin(registers, make_matched, contracts, *rows)
    listed = registers.procurements(*rows)
    times = plan.lead_time(listed, lead_time_days=more.pop("lead_time_days", 59), least_history=99)
    return plan.load_per_buyer(listed, starts, times, as_of=AS_OF, **more)


def test_load_counts_what_a_buyer_has_in_hand_and_names_what_could_be_moved(registers: Any, make_matched: Any) -> None:
    contracts = registers.contracts(
        {"ends_on": "2027-12-31"}, {"ends_on": "2027-01-26"}, {"ends_on": "2026-12-31", "title": "Ensam"}, {},
    )  # fmt: skip
    both = {"buyer": "Eva", "planned_start_on": "2026-02-10"}
    found = hand_out(
        registers, make_matched, contracts,
        {**both, "title": "A", "status": "planned", "replaces_contract_id": "1", "planned_end_on": "2026-04-30"},
        {**both, "title": "B", "status": "planned", "replaces_contract_id": "2"},
        {**both, "title": "C", "status": "planned", "planned_end_on": "2026-02-28"},
        {**both, "title": "D", "status": "planned", "replaces_contract_id": "4", "planned_end_on": "2026-02-11"},
        {"buyer": "Eva", "title": "E", "status": "running", "started_on": "2025-06-01", "planned_end_on": "2025-12-01"},
        {"title": "F", "status": "running", "started_on": "2025-06-01", "planned_end_on": "2026-01-31"},
        {"buyer": "Eva", "title": "G", "status": "finished", "started_on": "2025-06-01"},
        {"buyer": "Eva", "title": "H", "status": "planned"},
        largest_load_per_month=3,
    )  # fmt: skip
    assert len(found.months) == 2 * 12
    months = found.months[found.months["procurements_count"] > 0].set_index(["buyer_name", "month"])
    assert months["procurements_count"].to_dict() == {
        ("Eva", "2026-01"): 1, ("Eva", "2026-02"): 4, ("Eva", "2026-03"): 2, ("Eva", "2026-04"): 2,
        ("Ej tilldelad", "2026-01"): 1, ("Ej tilldelad", "2026-03"): 1, ("Ej tilldelad", "2026-04"): 1,
        ("Ej tilldelad", "2026-05"): 1, ("Ej tilldelad", "2026-06"): 1, ("Ej tilldelad", "2026-07"): 1,
        ("Ej tilldelad", "2026-08"): 1, ("Ej tilldelad", "2026-09"): 1, ("Ej tilldelad", "2026-10"): 1,
        ("Ej tilldelad", "2026-11"): 1,
    }  # fmt: skip
    assert months.loc["Eva", "starts_count"].to_dict() == {"2026-01": 0, "2026-02": 4, "2026-03": 0, "2026-04": 0}
    heavy = months.loc[("Eva", "2026-02")]
    assert heavy["problem"].replace("\xa0", " ") == "4 upphandlingar, högst 3"
    assert heavy["titles"] == "A; B; C; D"
    assert (
        heavy["could_be_moved"] == "A (start senast 2027-03-06); B (start senast 2026-04-01); C (ersätter inget avtal)"
    )
    assert months["is_overloaded"].sum() == 1
    assert months.loc[("Ej tilldelad", "2026-03"), "titles"] == "Ensam"
    assert found.not_placed.to_numpy().tolist() == [["8", "H", "Start saknas"]]


def test_load_is_cut_at_the_last_month_and_what_cannot_be_placed_says_why(registers: Any, make_matched: Any) -> None:
    row = {"buyer": "Eva", "title": "A", "status": "running", "started_on": "2025-12-15"}
    found = hand_out(registers, make_matched, registers.contracts(), row, months_ahead=2, lead_time_days=90)
    assert found.months["month"].tolist() == ["2026-01", "2026-02"]
    unknown = hand_out(registers, make_matched, registers.contracts(), row, lead_time_days=None)
    assert unknown.months.empty
    assert unknown.not_placed["unknown_because"].tolist() == ["Slut saknas, och ledtiden är okänd"]
    with pytest.raises(MeasureError, match="largest_load_per_month is 0"):
        hand_out(registers, make_matched, registers.contracts(), largest_load_per_month=0)


def categories(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = [
        "category_code", "category_name", "amount_ore", "quadrant_name", "saving_potential_ore", "ends_on",
        "expiry_risk", "supplier_risk", "bids_risk", "criticality_risk", "risk", "hand_set",
    ]  # fmt: skip
    filled = [{"category_name": row["category_code"], "quadrant_name": "", "hand_set": "", **row} for row in rows]
    return pd.DataFrame(filled, columns=columns, dtype=object)


WEIGHTS = {"potential": 2, "expiry": 1, "risk": 1, "ease": 0}


def test_priority_weighs_the_known_parts_and_names_the_unknown() -> None:
    portfolio = categories(
        {"category_code": "a", "amount_ore": 5, "saving_potential_ore": 100, "expiry_risk": Decimal(5),
         "supplier_risk": Decimal(2), "bids_risk": Decimal(5), "risk": Decimal(4)},
        {"category_code": "b", "amount_ore": 9, "saving_potential_ore": 10_000, "expiry_risk": Decimal(1),
         "supplier_risk": Decimal(1), "risk": Decimal(1)},
        {"category_code": "c", "amount_ore": 7, "supplier_risk": Decimal(1), "risk": Decimal(4), "hand_set": "Risk"},
        {"category_code": "d", "amount_ore": 8, "expiry_risk": Decimal(4), "risk": Decimal(4)},
        {"category_code": "e", "amount_ore": 1},
    )  # fmt: skip
    table = plan.prioritised_categories(portfolio, weights=WEIGHTS, ease={"e": 5})
    found = table.set_index("category_code")
    # a: (2×1 + 5 + 3,5) / 4; b: (2×5 + 1 + 1) / 4; c: the risk that people set; d: expiry alone.
    assert found["score"].to_dict() == {
        "d": Decimal("4.00"), "c": Decimal("4.00"), "b": Decimal("3.00"), "a": Decimal("2.63"), "e": None,
    }  # fmt: skip
    assert table["category_code"].tolist() == ["d", "c", "b", "a", "e"], "the larger category first when alike"
    assert table["place"].tolist()[:4] == [1, 2, 3, 4]
    assert pd.isna(table["place"].iloc[4])
    assert found.loc["d", "unknown_parts"] == "potential; risk"
    assert found.loc["a", ["risk_score", "known_parts_count", "unknown_parts"]].tolist() == [Decimal("3.50"), 3, ""]
    easy = plan.prioritised_categories(portfolio, weights={"ease": 1}, ease={"e": 5})
    assert easy["category_code"].tolist()[0] == "e"


def test_waves_hold_one_to_three_categories_and_nobody_without_score() -> None:
    portfolio = categories(*({"category_code": f"c{n}", "amount_ore": n, "expiry_risk": Decimal(3)} for n in range(4)),
                           {"category_code": "x", "amount_ore": 99})  # fmt: skip
    ordered = plan.prioritised_categories(portfolio, weights=WEIGHTS, ease={})
    assert plan.waves(ordered, 3)["wave"].tolist() == [1, 1, 1, 2]
    assert plan.waves(ordered, 1)["wave"].tolist() == [1, 2, 3, 4]
    assert plan.waves(ordered, 3)["category_code"].tolist() == ["c3", "c2", "c1", "c0"]
    assert plan.waves(ordered.iloc[:0]).empty
    for wrong in (0, 4):
        with pytest.raises(MeasureError, match=f"categories_per_wave is {wrong}"):
            plan.waves(ordered, wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"weights": {"potential": 0}, "ease": {}}, "all weights are 0"),
        ({"weights": {"potental": 1}, "ease": {}}, "Did you mean 'potential'"),
        ({"weights": {"risk": -1}, "ease": {}}, "weight of risk is -1"),
        ({"weights": WEIGHTS, "ease": {"a": 0}}, "ease of category a is 0"),
    ],
)
def test_a_priority_that_cannot_be_reckoned_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        plan.prioritised_categories(categories(), **wrong)


def test_the_plan_is_made_in_august_to_october_of_the_year_before() -> None:
    table = plan.plan_calendar(2027)
    assert table["phase"].tolist() == [
        "Analysera och planera", "Upphandla och omförhandla", "Implementera, mäta och följa upp",
    ]  # fmt: skip
    assert table["starts_on"].tolist() == [day("2026-08-01"), day("2027-01-01"), day("2027-01-01")]
    assert table["ends_on"].tolist() == [day("2026-10-31"), day("2027-12-31"), day("2027-12-31")]
    with pytest.raises(MeasureError, match="plan_year is 27"):
        plan.plan_calendar(27)


def test_planned_is_counted_against_what_turned_up_among_those_begun_in_the_period(registers: Any) -> None:
    listed = registers.procurements(
        {"status": "running", "is_planned": 1, "started_on": "2025-01-01"},
        {"status": "finished", "is_planned": 0, "started_on": "2025-12-31"},
        {"status": "cancelled", "is_planned": 0, "started_on": "2025-03-31"},
        {"status": "running", "started_on": "2025-02-01", "value_ore": 900},
        {"status": "running", "is_planned": 1, "started_on": "2026-01-01"},
        {"status": "planned", "is_planned": 1, "planned_start_on": "2025-06-01"},
    )
    figure = plan.planned_share(listed, **YEAR)
    assert parts(figure) == (Decimal(100) / 3, 1, 3)
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("Det är inte angivet om upphandlingen var planerad", 1, 900)
    ]
    unstated = plan.planned_share(listed.iloc[3:4], **YEAR)
    assert (unstated.value, unstated.unknown_because) == (None, "Det är inte angivet om upphandlingen var planerad")


def test_finished_as_planned_counts_all_that_should_have_ended(registers: Any) -> None:
    listed = registers.procurements(
        {"status": "finished", "planned_end_on": "2025-01-01", "ended_on": "2025-01-01"},
        {"status": "finished", "planned_end_on": "2025-06-01", "ended_on": "2025-06-02"},
        {"status": "cancelled", "planned_end_on": "2025-06-01", "ended_on": "2025-05-02"},
        {"status": "running", "planned_end_on": "2025-06-30"},
        {"status": "running", "planned_end_on": "2025-07-01"},
        {"status": "finished", "planned_end_on": "2025-12-31", "ended_on": "2025-02-01"},
        {"status": "finished", "planned_end_on": "2025-02-01"},
        {"status": "finished", "planned_end_on": "2024-12-31", "ended_on": "2024-12-01"},
        {"status": "finished", "ended_on": "2025-12-01"},
    )
    figure = plan.finished_as_planned(listed, **YEAR, as_of=date(2025, 7, 1))
    assert parts(figure) == (40, 2, 5)
    assert [(left.reason, left.rows) for left in figure.excluded] == [("Den avslutade upphandlingen saknar slutdag", 1)]
    assert parts(plan.finished_as_planned(listed, **YEAR, as_of=date(2025, 7, 2))) == (Decimal(200) / 6, 2, 6)
    early = plan.finished_as_planned(listed.iloc[3:5], **YEAR, as_of=date(2025, 6, 30))
    assert (early.value, early.unknown_because) == (None, "Ingen upphandling skulle vara avslutad i perioden")


def test_a_single_bid_is_counted_among_the_finished_whose_bids_are_known(registers: Any) -> None:
    done = {"status": "finished", "ended_on": "2025-06-01"}
    listed = registers.procurements(
        {**done, "bids_count": 1},
        {**done, "bids_count": 1, "ended_on": "2025-12-31"},
        {**done, "bids_count": 2, "ended_on": "2025-01-01"},
        {**done, "bids_count": 1, "ended_on": "2024-12-31"},
        {**done, "bids_count": 0, "value_ore": 3_00},
        {**done, "value_ore": 4_00},
        {"status": "finished", "bids_count": 1},
        {**done, "status": "cancelled", "bids_count": 1},
        {"status": "running", "bids_count": 1},
    )
    figure = plan.single_bid_share(listed, **YEAR)
    assert parts(figure) == (Decimal(200) / 3, 2, 3)
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("Slutdag eller antal anbud saknas", 3, 7_00)
    ]
    unknown = plan.single_bid_share(listed.iloc[4:7], **YEAR)
    assert (unknown.value, unknown.unknown_because) == (None, "Slutdag eller antal anbud saknas")
    assert plan.single_bid_share(listed.head(0), **YEAR).unknown_because == NO_LIST
    assert plan.single_bid_share(listed.iloc[7:], **YEAR).unknown_because == "Ingen upphandling avslutades i perioden"
    with pytest.raises(MeasureError, match="Swap the days"):
        plan.single_bid_share(listed, starts_on=date(2025, 2, 1), ends_on=date(2025, 1, 1))


def test_each_board_has_its_own_rule_of_what_is_coordinated(registers: Any) -> None:
    begun = {"status": "running", "started_on": "2025-05-05"}
    listed = registers.procurements(
        {**begun, "participants": "Region Sörmland;region västmanland ; Örebro"},
        {**begun, "participants": "Region Sörmland;Örebro"},
        {**begun, "participants": "Örebro; örebro ;"},
        {**begun, "participants": ";"},
        {**begun},
        {"status": "running", "participants": "a;b", "started_on": "2026-01-01"},
    )
    both = plan.coordinated_share(listed, **YEAR, all_of=("Region Västmanland", "Region Sörmland"))
    assert parts(both) == (Decimal(100) / 3, 1, 3)
    assert both.label == "Samordnade upphandlingar (alla av Region Västmanland, Region Sörmland)"
    two = plan.coordinated_share(listed, **YEAR, at_least=2)
    assert parts(two) == (Decimal(200) / 3, 2, 3)
    assert [left.rows for left in two.excluded] == [2]
    assert parts(plan.coordinated_share(listed, **YEAR, at_least=3)) == (Decimal(100) / 3, 1, 3)
    with pytest.raises(MeasureError, match="at_least is 0"):
        plan.coordinated_share(listed, **YEAR, at_least=0)


def test_without_a_list_or_a_procurement_in_the_period_the_shares_are_unknown(registers: Any) -> None:
    old = registers.procurements({"status": "finished", "started_on": "2020-01-01", "planned_end_on": "2020-02-01"})
    for measure, more in (
        (plan.planned_share, {}),
        (plan.coordinated_share, {}),
        (plan.finished_as_planned, {"as_of": AS_OF}),
    ):
        nothing = measure(registers.procurements(), **YEAR, **more)
        assert (nothing.value, nothing.unknown_because) == (None, NO_LIST)
        none_in_period = measure(old, **YEAR, **more)
        assert none_in_period.value is None
        assert none_in_period.unknown_because.startswith("Ingen upphandling")
        with pytest.raises(MeasureError, match="Swap the days"):
            measure(old, starts_on=date(2025, 2, 1), ends_on=date(2025, 1, 1), **more)


def test_procurements_are_counted_per_year_with_the_change_between_whole_years(registers: Any) -> None:
    listed = registers.procurements(
        {"status": "finished", "started_on": "2022-12-31", "ended_on": "2024-01-01"},
        {"status": "finished", "started_on": "2024-02-29", "ended_on": "2025-12-31"},
        {"status": "cancelled", "started_on": "2024-03-01", "ended_on": "2025-01-01"},
        {"status": "cancelled", "ended_on": "2025-01-01"},
        {"status": "running", "started_on": "2026-01-01"},
        {"status": "running"},
        {"status": "finished"},
        {"status": "planned", "planned_start_on": "2026-05-05"},
        {"status": "finished", "started_on": "2026-01-02", "ended_on": "2026-01-02"},
    )
    table = plan.procurements_per_year(listed, as_of=AS_OF).astype(object).where(lambda cell: cell.notna(), None)
    assert table.to_numpy().tolist() == [
        ["2022", 1, 0, 0, None, None, None],
        ["2023", 0, 0, 0, -1, 0, 0],
        ["2024", 2, 1, 0, 2, 1, 0],
        ["2025", 0, 1, 2, -2, 0, 2],
        ["2026", 1, 0, 0, None, None, None],
        ["Datum saknas", 2, 1, 0, None, None, None],
    ]
    assert plan.procurements_per_year(registers.procurements(), as_of=AS_OF).empty


SHOWN = {
    "Påbörjad": "started_on",
    "Planerat slut": "planned_end_on",
    "Avslutad": "ended_on",
    "Deltagare": "participants",
    "Anbud": "bids_count",
}
CODES = {name: code for code, name in PROCUREMENT_STATUSES.items()}


def shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Read a table of a method page row by row; a dash stands for what is missing."""
    return [
        {str(name): None if cell == "–" else cell for name, cell in row.items()} for row in table.to_dict("records")
    ]


def amount(text: str | None) -> Decimal:
    return Decimal((text or "0").replace("\xa0", "").replace(" ", "").replace(",", "."))


@pytest.mark.parametrize("name", ["planned_share", "finished_as_planned", "coordinated_share", "single_bid_share"])
def test_the_worked_examples_of_procurements_are_what_the_measures_give(
    name: str, worked_tables: Any, registers: Any
) -> None:
    table, figures = worked_tables(name)
    rows = [
        {
            **row,
            "status": CODES[row.get("Läge", "Pågår")],
            "is_planned": {"ja": 1, "nej": 0}.get(row.get("Planerad")),
            "value_ore": int(amount(row.get("Värde (kr)")) * 100) or None,
        }
        for row in shown(table.rename(columns=SHOWN))
    ]
    more = {"as_of": date(2025, 10, 1)} if name == "finished_as_planned" else {}
    figure = getattr(plan, name)(registers.procurements(*rows), **YEAR, **more)
    expected = {row["Storhet"]: amount(row["Tal"]) for row in figures.to_dict("records")}
    assert figure.id == figure.method == name
    assert parts(figure) == (expected["Värde"], expected["Täljare"], expected["Nämnare"])
    assert sum(left.amount_ore or 0 for left in figure.excluded) == expected.get("Undantaget", 0) * 100
    if name == "coordinated_share":
        both = plan.coordinated_share(registers.procurements(*rows), **YEAR, all_of=["Norr", "Öster"])
        assert parts(both) == (25, 1, 4)


def test_the_worked_exposure_is_what_the_measure_gives(worked_tables: Any, make_matched: Any, registers: Any) -> None:
    table, figures = worked_tables("contract_gap_exposure")
    rows = shown(table)
    begins = {"Pågår": "started_on", "Planerad": "planned_start_on"}
    starts = plan.procurement_starts(
        registers.contracts(*({"contract_id": row["Avtal"], "ends_on": row["Sista dag"]} for row in rows)),
        make_matched(
            [{"contract_id": row["Avtal"], "amount_ore": int(amount(row["Årsköp (kr)"]) * 100)} for row in rows]
        ),
        registers.procurements(
            *(
                {"replaces_contract_id": row["Avtal"], "status": CODES[row["Upphandling"]],
                 begins[row["Upphandling"]]: row["Börjar"]}
                for row in rows
                if row["Upphandling"]
            )
        ),
        as_of=AS_OF, years_ahead=3, standstill_and_review_days=60, lead_time_days=240, least_history=5,
    )  # fmt: skip
    figure = plan.contract_gap_exposure(starts)
    expected = {row["Storhet"]: amount(row["Tal"]) for row in figures.to_dict("records")}
    assert figure.id == figure.method == "contract_gap_exposure"
    assert parts(figure) == (expected["Värde"], expected["Täljare"], expected["Nämnare"])
