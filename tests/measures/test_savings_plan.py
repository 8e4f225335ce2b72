"""The savings target: outcome and plan side by side, reckoned by hand, and the target shared between units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import savings
from procanalysis.schema import kronor

MIDSUMMER = date(2025, 6, 30)
YEAR: dict[str, Any] = {"year": 2025, "as_of": MIDSUMMER}


def carried(registers: Any, *awards: Mapping[str, Any], shares: Any = ()) -> savings.CarryOver:
    listed = registers.awards(*awards)
    prices = registers.prices(
        *({"procurement_id": name, "quantity": 1, "previous_price_sek": kronor(award["saves"]), "new_price_sek": 0}
          for name, award in zip(listed["procurement_id"], awards, strict=True))
    )  # fmt: skip
    triage = savings.saving_triage(listed, registers.bids(), prices)
    return savings.carry_over(triage, listed, registers.shares(*shares), own_name="Region Påhitt")


def signed(registers: Any) -> savings.CarryOver:
    return carried(
        registers,
        {"procurement_id": "A", "starts_on": "2024-01-01", "ends_on": "2026-12-31", "saves": 365_00,
         "responsible": "Områdeschef vård"},
        {"procurement_id": "B", "starts_on": "2025-07-01", "ends_on": "2028-06-30", "saves": 730_00,
         "responsible": "Fastighetschef"},
        shares=[{"procurement_id": "A", "receiver": name, "share_pct": 50} for name in ("Norr", "Syd")],
    )  # fmt: skip


def coming(**more: Any) -> dict[str, Any]:
    return {"status": "planned", "planned_end_on": "2025-10-19", "saving_potential_ore": 365_00, **more}


def plain(frame: pd.DataFrame, *columns: str) -> list[list[Any]]:
    chosen = frame[list(columns)].astype(object)
    return chosen.where(chosen.notna(), None).to_numpy().tolist()  # type: ignore[no-any-return]


def test_outcome_and_plan_stand_side_by_side_and_never_in_one_sum(registers: Any) -> None:
    listed = registers.procurements(
        coming(procurement_id="C", buyer="Inköpare 1"),
        coming(procurement_id="D", status="running", planned_end_on="2024-11-30", saving_potential_ore=730_00),
    )
    plan = savings.savings_plan(listed, signed(registers), target_ore=1_500_00, **YEAR)
    # A runs all year and B from July: 365 and 730 × 184/365 = 368.
    assert plan.outcome_ore == 733_00
    assert plain(plan.outcome, "procurement_id", "responsible", "saving_ore", "so_far_ore", "remaining_ore") == [
        ["B", "Fastighetschef", 368_00, 0, 368_00],
        ["A", "Områdeschef vård", 365_00, 181_00, 184_00],
    ]
    assert plan.so_far_ore == 181_00
    # C is signed 19 October: 73 days are left. D is late, and can begin the day after the day of reckoning.
    assert plain(plan.planned, "procurement_id", "responsible", "status_name", "days", "planned_ore", "basis") == [
        ["D", None, "Pågår", 184, 368_00, "184 av 365 dagar, skulle ha varit tecknat 2024-11-30"],
        ["C", "Inköpare 1", "Planerad", 73, 73_00, "73 av 365 dagar"],
    ]
    assert (plan.planned_ore, plan.gap_ore, plan.missing_ore) == (441_00, 767_00, 326_00)
    assert plan.unknown_because == ""
    assert plan.not_planned.empty


def test_a_target_that_is_passed_leaves_a_negative_gap(registers: Any) -> None:
    plan = savings.savings_plan(registers.procurements(coming()), signed(registers), target_ore=700_00, **YEAR)
    assert (plan.gap_ore, plan.missing_ore) == (-33_00, -106_00)


@pytest.mark.parametrize(
    ("procurement", "reason"),
    [
        ({"procurement_id": "A"}, "Ingår redan i utfallet"),
        ({"saving_potential_ore": None}, "Besparingen är inte uppskattad"),
        ({"planned_end_on": None}, "Det är inte planerat när avtalet ska vara tecknat"),
        ({"planned_end_on": "2025-12-31"}, "Avtalet hinner inte ge någon besparing under året"),
        ({"planned_end_on": "2027-01-01"}, "Avtalet hinner inte ge någon besparing under året"),
    ],
)
def test_what_the_plan_cannot_count_is_told_with_its_reason(procurement: Any, reason: str, registers: Any) -> None:
    listed = registers.procurements(coming(procurement_id="Z"), coming(procurement_id="Y") | procurement)
    plan = savings.savings_plan(listed, signed(registers), target_ore=None, **YEAR)
    assert plain(plan.not_planned, "procurement_id", "reason") == [[procurement.get("procurement_id", "Y"), reason]]
    assert plan.planned["procurement_id"].tolist() == ["Z"]


def test_a_signed_procurement_without_estimate_does_not_make_the_plan_unknown(registers: Any) -> None:
    signed_one = coming(procurement_id="A", saving_potential_ore=None)
    plan = savings.savings_plan(registers.procurements(signed_one), signed(registers), target_ore=800_00, **YEAR)
    assert plain(plan.not_planned, "procurement_id", "reason") == [["A", "Ingår redan i utfallet"]]
    assert (plan.planned_ore, plan.gap_ore, plan.missing_ore, plan.unknown_because) == (0, 67_00, 67_00, "")
    listed = registers.procurements(signed_one, coming(procurement_id="Z", saving_potential_ore=None))
    assert savings.savings_plan(listed, signed(registers), target_ore=800_00, **YEAR).planned_ore is None


def test_ended_procurements_are_no_plan(registers: Any) -> None:
    listed = registers.procurements(coming(status="finished"), coming(status="cancelled"))
    plan = savings.savings_plan(listed, signed(registers), target_ore=733_00, **YEAR)
    assert (plan.planned_ore, plan.missing_ore, len(plan.not_planned)) == (0, 0, 0)


def test_a_coming_year_is_counted_whole_and_a_past_one_not_at_all(registers: Any) -> None:
    listed = registers.procurements(coming(saving_potential_ore=366_00))
    later = savings.savings_plan(listed, signed(registers), target_ore=None, year=2028, as_of=MIDSUMMER)
    assert plain(later.planned, "days", "planned_ore", "basis") == [[366, 366_00, "366 av 366 dagar"]]
    past = savings.savings_plan(listed, signed(registers), target_ore=None, year=2024, as_of=MIDSUMMER)
    assert past.planned.empty
    assert past.so_far_ore == past.outcome_ore == 365_00


def test_what_is_not_known_is_said_and_not_counted_as_nothing(registers: Any) -> None:
    none = savings.savings_plan(registers.procurements(), carried(registers), target_ore=None, **YEAR)
    assert (none.outcome_ore, none.so_far_ore, none.planned_ore, none.gap_ore, none.missing_ore) == (None,) * 5
    assert none.unknown_because == (
        "Inget mål är satt för 2025. Ingen besparing är känd för 2025. "
        "Organisationen har ingen förteckning över upphandlingar i underlaget."
    )
    listed = registers.procurements(coming(saving_potential_ore=None))
    without = savings.savings_plan(listed, signed(registers), target_ore=800_00, **YEAR)
    assert (without.planned_ore, without.gap_ore, without.missing_ore) == (None, 67_00, None)
    assert without.unknown_because == "Ingen pågående eller planerad upphandling har en uppskattad besparing."


def test_the_target_is_shared_with_those_who_realise_it() -> None:
    shared = savings.target_per_unit(
        70_000_000_00, {"Vård": Decimal(20), "Fastighet": Decimal(50), "Stöd": Decimal(30)}
    )
    assert plain(shared, "unit", "target_ore") == [
        ["Vård", 14_000_000_00], ["Fastighet", 35_000_000_00], ["Stöd", 21_000_000_00],
    ]  # fmt: skip
    assert shared["share_pct"].tolist() == [20, 50, 30]
    with pytest.raises(MeasureError, match="sum to 99"):
        savings.target_per_unit(1, {"Vård": Decimal(99)})
    assert savings.allocate(10, {"A": Decimal("12.5"), "B": Decimal("87.5")}) == {"A": 1, "B": 9}


@given(
    potential=st.integers(0, 10**12),
    planned_end=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    as_of=st.dates(date(2024, 6, 1), date(2026, 6, 30)),
)
@settings(max_examples=40, deadline=None)
def test_a_plan_never_counts_a_day_that_has_passed(
    potential: int, planned_end: date, as_of: date, registers: Any
) -> None:
    listed = registers.procurements(coming(planned_end_on=planned_end, saving_potential_ore=potential))
    found = savings.savings_plan(listed, carried(registers), year=2025, target_ore=None, as_of=as_of)
    days = [
        day for day in range(date(2025, 1, 1).toordinal(), date(2025, 12, 31).toordinal() + 1)
        if day > planned_end.toordinal() and day > as_of.toordinal()
    ]  # fmt: skip
    if days:
        assert found.planned["days"].tolist() == [len(days)]
        assert found.planned_ore == (2 * potential * len(days) + 365) // 730
        assert found.planned["counted_from_on"].tolist() == [pd.Timestamp(date.fromordinal(days[0]))]
    else:
        assert found.planned_ore == 0
        assert len(found.not_planned) == 1
