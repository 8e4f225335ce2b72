"""One category: profile, what stands out, opportunities and questions, each against a planted truth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import opportunities as opp

KR = 100


def posting(supplier: str, kronor: int, **more: Any) -> dict[str, Any]:
    row = {"supplier_key": supplier, "amount_ore": kronor * KR, "unit": "Norr", "spend_class": "adresserbar"}
    return row | {"lou_covered": "ja", "booked_on": "2025-01-15"} | more


@pytest.fixture(scope="module")
def category(make_lines: Any) -> pd.DataFrame:
    rows = [
        posting("stor", 700_000, invoice_key="stor|1"),
        posting("stor", 100_000, invoice_key="stor|2", unit="Söder"),
        posting("mellan", 120_000, invoice_key="mellan|1", lou_covered="okänt"),
        # Five small invoices from one supplier: three in January, two in February.
        *[posting("små", 4_000, invoice_key=f"små|{number}") for number in range(3)],
        *[posting("små", 4_000, invoice_key=f"små|{number}", booked_on="2025-02-03") for number in (3, 4)],
        posting("person", 30_000, invoice_key="person|1", unit="Söder", supplier_type="sole_trader"),
        posting("kredit", -5_000, invoice_key="kredit|1"),
    ]
    lines: pd.DataFrame = make_lines(rows)
    return lines


def test_the_profile_holds_the_planted_facts(category: pd.DataFrame) -> None:
    profile = opp.category_profile(category)
    assert profile.amount_ore == 965_000 * KR
    assert (profile.lines_count, profile.invoices_count, profile.suppliers_count, profile.units_count) == (
        10,
        10,
        5,
        2,
    )
    assert (profile.positive_ore, profile.positive_suppliers_count) == (970_000 * KR, 4)
    assert (profile.largest_supplier, profile.largest_supplier_ore) == ("stor", 800_000 * KR)
    assert profile.largest_supplier_pct == Decimal(80_000) / 970
    assert profile.tail_suppliers_count == 3
    assert (profile.largest_unit, profile.largest_unit_ore) == ("Norr", 835_000 * KR)
    assert profile.small_invoices_count == 5
    assert profile.single_unit_suppliers_count == 3
    assert profile.undecided_ore == 120_000 * KR


def test_the_four_opportunities_and_how_they_were_reckoned(category: pd.DataFrame) -> None:
    found = {
        one.id: one
        for one in opp.savings_opportunities(
            category,
            handling_cost_ore=250 * KR,
            small_supplier_saving_pct=5,
            coordination_saving_pct=Decimal("2.5"),
        )
    }
    assert list(found) == ["fewer_invoices", "small_suppliers", "single_unit_suppliers", "undecided_lou"]
    fewer = found["fewer_invoices"]
    assert (fewer.numerator, fewer.denominator, fewer.amount_ore, fewer.volume_ore) == (
        3,
        5,
        750 * KR,
        20_000 * KR,
    )
    small = found["small_suppliers"]
    assert (small.numerator, small.denominator) == (2, 4)
    assert (small.volume_ore, small.amount_ore) == (50_000 * KR, 2_500 * KR)
    alone = found["single_unit_suppliers"]
    assert (alone.numerator, alone.volume_ore, alone.amount_ore) == (3, 170_000 * KR, 4_250 * KR)
    lou = found["undecided_lou"]
    assert (lou.amount_ore, lou.volume_ore, lou.part_unit) == (None, 120_000 * KR, "SEK")
    assert (lou.numerator, lou.denominator) == (Decimal("120000.00"), Decimal("965000.00"))
    for one in found.values():
        assert one.reckoning
        assert (one.amount_ore is None) == bool(one.unknown_because)
    assert "250\u00a0kr" in fewer.reckoning
    assert "2,5\u00a0%" in alone.assumption


def test_without_an_assumption_no_amount_is_invented(category: pd.DataFrame) -> None:
    for one in opp.savings_opportunities(category):
        assert one.amount_ore is None
        assert one.unknown_because
        assert one.volume_ore > 0


def test_only_addressable_postings_count(category: pd.DataFrame) -> None:
    found = opp.savings_opportunities(category.assign(spend_class="ej inköp"), handling_cost_ore=1)
    assert [one.volume_ore for one in found] == [0, 0, 0, 0]
    assert all(one.amount_ore is None and one.unknown_because for one in found)


def test_established_suppliers_stay_also_where_all_are_small(make_lines: Any) -> None:
    lines = make_lines([posting("a", 9_000), posting("b", 700), posting("c", 300)])
    found = opp.savings_opportunities(lines, small_supplier_saving_pct=10)[1]
    assert (found.numerator, found.denominator, found.volume_ore) == (2, 3, 1_000 * KR)


def test_undated_invoices_need_the_number_of_months(category: pd.DataFrame) -> None:
    undated = category.assign(booked_on=pd.NaT)
    unknown = opp.savings_opportunities(undated, handling_cost_ore=250 * KR)[0]
    assert "antalet månader" in unknown.unknown_because
    for months, avoided in ((1, 4), (2, 3), (12, 0)):
        known = opp.savings_opportunities(undated, handling_cost_ore=250 * KR, months_covered=months)[0]
        assert (known.numerator, known.amount_ore) == (avoided, avoided * 250 * KR)


def test_a_category_with_one_unit_has_nothing_to_coordinate(category: pd.DataFrame) -> None:
    found = opp.savings_opportunities(category.assign(unit="Norr"), coordination_saving_pct=3)[2]
    assert (found.amount_ore, found.volume_ore) == (None, 0)
    assert found.unknown_because == "Färre än två enheter köper i kategorin"


def test_the_table_puts_known_amounts_first(category: pd.DataFrame) -> None:
    table = opp.opportunity_table(opp.savings_opportunities(category, handling_cost_ore=1))
    assert table["id"].tolist() == [
        "fewer_invoices",
        "single_unit_suppliers",
        "undecided_lou",
        "small_suppliers",
    ]
    assert table["amount_ore"].dtype == "Int64"
    assert opp.opportunity_table(()).empty


def months(make_lines: Any, *kronor: int) -> pd.DataFrame:
    rows = [
        posting(f"s{month % 3}", amount, booked_on=f"2025-{month:02d}-10")
        for month, amount in enumerate(kronor, start=1)
    ]
    lines: pd.DataFrame = make_lines(rows)
    return lines


def test_a_planted_peak_is_found_and_nothing_else(make_lines: Any) -> None:
    found = opp.deviations(months(make_lines, 100, 110, 90, 105, 400, 95, 100, 110), large_posting_pct=100)
    assert found[["kind", "subject", "where", "amount_ore", "reference_ore"]].values.tolist() == [
        # The median of 90 95 100 100 105 110 110 400 is 102,50.
        ["Månadstopp", "maj 2025", "2025-05", 400 * KR, 10_250]
    ]
    # MAD is 7,50: 102,50 + 3 × 1,4826 × 7,50 = 135,86, above the other limit of 128,13.
    assert "gräns 136\u00a0kr" in found["rule"][0]


def test_a_flat_year_and_a_short_one_have_no_peak(make_lines: Any) -> None:
    assert opp.deviations(months(make_lines, *[100] * 7, 101), large_posting_pct=100).empty
    assert opp.deviations(months(make_lines, 100, 100, 100, 100, 900), large_posting_pct=100).empty


def test_a_month_without_postings_counts_as_zero(make_lines: Any) -> None:
    lines = months(make_lines, 100, 0, 0, 0, 0, 0, 100)
    found = opp.deviations(lines[lines["amount_ore"] > 0], large_posting_pct=100)
    assert found[["where", "reference_ore"]].values.tolist() == [["2025-01", 0], ["2025-07", 0]]


def test_large_postings_lead_to_their_row_without_naming_a_person(make_lines: Any) -> None:
    lines = make_lines([posting("a", 90), posting("b", 10, supplier_type="sole_trader"), posting("c", 4)])
    found = opp.deviations(lines, large_posting_pct=9)
    assert found[["kind", "subject", "where"]].values.tolist() == [
        ["Stor enskild kontering", "a", "reskontra.csv, rad 2"],
        ["Stor enskild kontering", "en enskild firma", "reskontra.csv, rad 3"],
    ]


def test_the_largest_rise_and_fall_are_told_and_persons_left_out(make_lines: Any) -> None:
    now = make_lines(
        [posting("a", 50), posting("b", 10), posting("p", 900, supplier_type="sole_trader"), posting("d", 7)]
    )
    before = make_lines([posting("a", 20), posting("b", 80, unit="Söder"), posting("d", 7)])
    found = opp.deviations(now, before, large_posting_pct=100)
    assert found[["kind", "subject", "difference_ore"]].values.tolist() == [
        ["Ökning per leverantör", "a", 30 * KR],
        ["Minskning per leverantör", "b", -70 * KR],
        ["Ökning per enhet", "Norr", 940 * KR],
        ["Minskning per enhet", "Söder", -80 * KR],
    ]


def test_the_questions_carry_the_facts(category: pd.DataFrame) -> None:
    found = opp.deviations(category, category.iloc[:1])
    questions = opp.questions_for_the_business(opp.category_profile(category), found)
    text = " ".join(questions).replace("\u00a0", " ")
    assert "stor, står för 82,5 % av volymen" in text
    assert "3 av 4 leverantörer delar på högst 20 %" in text
    assert "5 av 10 fakturor ligger under 10 000 kr" in text
    assert "För 120 000 kr saknas beslut" in text
    assert "Vad avser konteringen på 700 000 kr från stor" in text
    assert "Varför ökade köpen från mellan från 0 kr till 120 000 kr?" in text
    assert "person" not in text
    assert all(question.endswith("?") for question in questions)


def test_an_empty_category_raises_no_question(category: pd.DataFrame) -> None:
    empty = category.iloc[:0]
    assert opp.questions_for_the_business(opp.category_profile(empty), opp.deviations(empty, empty)) == ()


def test_parameters_that_make_no_sense_are_refused(category: pd.DataFrame) -> None:
    with pytest.raises(MeasureError, match="small_supplier_saving_pct is 101"):
        opp.savings_opportunities(category, small_supplier_saving_pct=101)
    with pytest.raises(MeasureError, match="handling_cost_ore is -1"):
        opp.savings_opportunities(category, handling_cost_ore=-1)
    with pytest.raises(MeasureError, match="months_covered is 0"):
        opp.savings_opportunities(category, months_covered=0)
    with pytest.raises(MeasureError, match="large_posting_pct is 0"):
        opp.deviations(category, large_posting_pct=0)
