"""The screening against the direct-award limit: hand cases, boundaries, a brute-force oracle, and no verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import direct_awards, wording
from procanalysis.measures.direct_awards import (
    change_in_count,
    limit_on,
    screening,
    screening_by_kind,
    screening_exclusions,
    spend_without_contract,
    suppliers_above_limit,
    three_way_split,
)
from procanalysis.schema import LIMIT_IDS, MATCHED_COLUMNS, Exclusion, kronor, names

KR = 100
LIMIT = 700_000 * KR
TAXONOMY = pd.DataFrame({"category_code": ["05", "05.01", "05.02"], "name": ["Fastighet", "Städ", "Bevakning"]})
YEAR = {"period_starts_on": date(2025, 1, 1), "period_ends_on": date(2025, 12, 31), "as_of": date(2026, 2, 1)}


def law(*rows: tuple[str, str, str | None, int | None, str]) -> pd.DataFrame:
    held = rows or (
        ("direct_award", "2022-02-01", None, 700_000, "sourced"),
        ("direct_award_annex_2", "2022-02-01", "2023-12-31", 7_802_550, "sourced"),
        ("direct_award_annex_2", "2024-01-01", None, None, "open"),
    )
    frame = pd.DataFrame(held, columns=["limit_id", "valid_from", "valid_to", "amount_sek", "status"])
    dates = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in ("valid_from", "valid_to")}
    return frame.assign(**dates, amount_sek=frame["amount_sek"].astype("Int64"), source="lagens tabell")


@pytest.fixture(scope="session")
def bought(make_lines: Any) -> Any:
    """Build matched lines from short rows; without rungs given, nothing has a contract."""

    def build(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        given_rows = pd.DataFrame(rows, columns=None if rows else ["supplier_key", "booked_on", "amount_ore"])
        defaults = {"lou_covered": "ja", "spend_class": "adresserbar", "category_path": "05/05.01", "proven_rung": 0}
        for name, value in defaults.items():
            filled = given_rows[name] if name in given_rows else pd.Series(value, index=given_rows.index)
            given_rows[name] = filled.where(filled.notna(), value)
        if "possible_rung" not in given_rows:
            given_rows["possible_rung"] = given_rows["proven_rung"]
        lines = make_lines(given_rows.assign(booked_on=pd.to_datetime(given_rows["booked_on"])))
        rungs = {name: given_rows[name].astype("Int64") for name in ("proven_rung", "possible_rung")}
        then = {f"{name}_then": values for name, values in rungs.items()}
        contract = pd.Series(None, index=lines.index, dtype="str")
        return lines.assign(**rungs, **then, contract_id=contract)[[*lines.columns, *names(MATCHED_COLUMNS)]]

    return build


def row(supplier: str, day: str | None, kronor: int, **more: Any) -> dict[str, Any]:
    return {"supplier_key": supplier, "booked_on": day, "amount_ore": kronor * KR, **more}


def screened(lines: Any, **changed: Any) -> pd.DataFrame:
    return screening(lines, **{"limits": law(), **YEAR, **changed})


def one(lines: Any, **changed: Any) -> dict[str, Any]:
    found = screened(lines, **changed)
    assert len(found) == 1
    return {str(name): value for name, value in found.iloc[0].items()}


@pytest.mark.parametrize(
    ("day", "limit_id", "expected"),
    [
        (date(2022, 1, 31), "direct_award", (None, "open")),
        (date(2022, 2, 1), "direct_award", (LIMIT, "sourced")),
        (date(2023, 12, 31), "direct_award_annex_2", (780_255_000, "sourced")),
        (date(2024, 1, 1), "direct_award_annex_2", (None, "open")),
        (date(2025, 1, 1), "eu_threshold", (None, "open")),
    ],
)
def test_a_limit_is_looked_up_by_day(day: date, limit_id: str, expected: tuple[int | None, str]) -> None:
    assert limit_on(law(), limit_id, day)[:2] == expected


def test_an_unknown_limit_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(MeasureError, match="Did you mean 'direct_award'"):
        limit_on(law(), "direct_awards", date(2025, 1, 1))


@pytest.mark.parametrize(
    ("kronor", "status"),
    [(594_999, "under"), (595_000, "near"), (700_000, "near"), (700_001, "over")],
)
def test_exactly_at_the_limit_is_not_over_and_exactly_85_percent_is_near(bought: Any, kronor: int, status: str) -> None:
    found = one(bought([row("a", "2025-03-01", kronor)]))
    assert (found["year_status"], found["rolling_status"], found["status"]) == (status, status, status)
    assert ("bör granskas" in found["status_name"]) == (status in ("over", "near"))


def test_the_crossing_day_is_the_first_day_above_the_limit(bought: Any) -> None:
    rows = [row("a", "2025-02-01", 400_000), row("a", "2025-05-20", 300_000), row("a", "2025-05-21", 1)]
    found = one(bought([*rows, row("a", "2025-09-01", 50_000)]))
    assert found["crosses_on"] == pd.Timestamp("2025-05-21")
    assert found["crossing"] == "Passerad 21 maj 2025"
    assert found["year_amount_ore"] == found["rolling_amount_ore"] == 750_001 * KR
    # The sum stands from 1 September on; the first of the equal windows is shown.
    assert (found["rolling_starts_on"], found["rolling_ends_on"]) == (
        pd.Timestamp("2024-09-02"),
        pd.Timestamp("2025-09-01"),
    )


def test_twelve_months_across_the_turn_of_the_year_are_found(bought: Any) -> None:
    found = one(bought([row("a", "2024-11-10", 500_000), row("a", "2025-02-03", 300_000)]))
    assert (found["year_status"], found["rolling_status"], found["status"]) == ("under", "over", "over")
    assert found["year_amount_ore"] == 300_000 * KR
    assert found["rolling_crosses_on"] == found["crosses_on"] == pd.Timestamp("2025-02-03")


def test_purchases_exactly_a_year_apart_never_share_a_window(bought: Any) -> None:
    apart = one(bought([row("a", "2024-05-10", 400_000), row("a", "2025-05-10", 400_000)]))
    within = one(bought([row("a", "2024-05-11", 400_000), row("a", "2025-05-10", 400_000)]))
    assert (apart["rolling_status"], within["rolling_status"]) == ("under", "over")


def test_a_supplier_that_was_above_before_the_period_is_told_so(bought: Any) -> None:
    found = one(bought([row("a", "2024-06-01", 900_000)]))
    assert found["crossing"] == "Redan över när perioden började"
    assert (found["year_status"], found["year_amount_ore"]) == ("under", 0)


def test_a_credit_note_lowers_the_sum_and_keeps_its_sign(bought: Any) -> None:
    rows = [row("a", "2025-03-01", 800_000), row("a", "2025-03-01", -150_000)]
    found = one(bought(rows))
    assert (found["year_amount_ore"], found["status"]) == (650_000 * KR, "near")


@pytest.mark.parametrize(
    ("kronor", "expected"),
    [
        # 181 days to 30 June: 350 000 kr a half-year gives 700 000 kr on day 362, and more on day 363.
        (350_000, "2025-12-29"),
        (700_000, "2025-07-01"),
        (400_000, "2025-11-13"),
        (340_000, None),
        (-10, None),
    ],
)
def test_the_crossing_at_the_present_pace_is_told_within_the_year(
    bought: Any, kronor: int, expected: str | None
) -> None:
    half = {"period_starts_on": date(2025, 1, 1), "period_ends_on": date(2025, 12, 31), "as_of": date(2025, 6, 30)}
    found = one(bought([row("a", "2025-03-01", kronor)]), **half)
    if expected is None:
        assert pd.isna(found["crosses_on"])
        assert found["crossing"] == "Passeras inte i år i nuvarande takt"
    else:
        day = pd.Timestamp(expected)
        so_far = (day - pd.Timestamp("2025-01-01")).days + 1
        assert kronor * so_far / 181 > 700_000 >= kronor * (so_far - 1) / 181
        assert found["crosses_on"] == day
        assert found["crossing"].startswith("Beräknas passeras")


def test_postings_after_the_day_of_the_screening_are_left_out_and_named(bought: Any) -> None:
    lines = bought(
        [
            row("a", "2025-03-01", 1),
            row("a", "2025-08-01", 900_000),
            row("a", None, 5),
            row("b", "2025-03-01", 7, lou_covered="nej"),
            row("b", "2025-03-01", 8, lou_covered="okänt"),
            row("b", "2025-03-01", 9, spend_class="ej inköp"),
            row("b", "2025-03-01", 10, spend_class="investering"),
        ]
    )
    day = date(2025, 6, 30)
    assert one(lines, as_of=day, include_investments=False)["year_amount_ore"] == 1 * KR
    left = screening_exclusions(lines, period_ends_on=date(2025, 12, 31), as_of=day, include_investments=False)
    assert left == (
        Exclusion("LOU omfattar inte köpet", 1, 700),
        Exclusion("Okänt om LOU omfattar köpet", 1, 800),
        Exclusion("Ej inköp", 1, 900),
        Exclusion("Investeringar", 1, 1000),
        Exclusion("Datum saknas", 1, 500),
        Exclusion("Bokförda efter 30 juni 2025", 1, 900_000 * KR),
    )


def test_what_may_have_a_contract_stands_apart_and_never_makes_a_supplier_over(bought: Any) -> None:
    lines = bought(
        [
            row("a", "2025-03-01", 500_000),
            row("a", "2025-04-01", 300_000, proven_rung=1, possible_rung=4),
            row("a", "2025-05-01", 900_000, proven_rung=2, possible_rung=2),
        ]
    )
    found = one(lines)
    assert (found["year_amount_ore"], found["year_may_ore"]) == (500_000 * KR, 300_000 * KR)
    assert (found["status"], found["may_be_over"]) == ("under", True)
    assert found["status_name"] == "Kan vara över gränsen, okänt om avtal finns"
    assert "kan ha avtal" in found["reasons"]


def test_an_open_limit_gives_no_verdict_whatever_the_amount(bought: Any) -> None:
    lines = bought([row("a", "2025-03-01", 90_000_000), row("b", "2025-03-01", 900_000, category_path="06")])
    found = screened(lines, annex_2_categories=["05"]).set_index("supplier_key")
    assert found.loc["a", "status"] == "unknown"
    assert found.loc["a", "status_name"] == "Kan inte bedömas"
    assert pd.isna(found.loc["a", "rolling_limit_ore"]) and pd.isna(found.loc["a", "crosses_on"])
    assert direct_awards.LIMIT_OPEN in found.loc["a", "reasons"]
    assert found.loc["b", "status"] == "over"


def test_a_supplier_with_both_limits_is_judged_by_each(bought: Any) -> None:
    rows = [row("a", "2023-03-01", 750_000), row("a", "2023-03-02", 5_000_000, category_path="06/06.01")]
    period = {"period_starts_on": date(2023, 1, 1), "period_ends_on": date(2023, 12, 31), "as_of": date(2024, 1, 1)}
    found = screened(bought(rows), annex_2_categories=["06"], **period).set_index("limit_id")
    assert found["status"].to_dict() == {"direct_award": "over", "direct_award_annex_2": "under"}
    assert found.loc["direct_award_annex_2", "limit_name"] == LIMIT_IDS["direct_award_annex_2"]


def test_each_window_is_judged_by_the_limit_of_its_own_last_day(bought: Any) -> None:
    limits = law(
        ("direct_award", "2020-01-01", "2022-01-31", 615_312, "sourced"),
        ("direct_award", "2022-02-01", None, 700_000, "sourced"),
    )
    period = {"period_starts_on": date(2022, 1, 1), "period_ends_on": date(2022, 12, 31), "as_of": date(2023, 1, 1)}
    rows = [row("a", "2021-12-01", 620_000), row("a", "2022-03-01", 60_000)]
    found = one(bought(rows), limits=limits, **period)
    assert found["status"] == "over"
    assert (found["rolling_amount_ore"], found["rolling_limit_ore"]) == (620_000 * KR, 615_312 * KR)
    assert one(bought(rows[1:]), limits=limits, **period)["rolling_limit_ore"] == LIMIT


def test_reasons_tell_why_it_may_be_in_order_and_never_accuse(bought: Any) -> None:
    lines = bought(
        [
            row("a", "2025-03-01", 500_000, supplier_type="public"),
            row("a", "2025-03-01", 400_000, supplier_type="public", category_path="05/05.02"),
            row("b", "2025-03-01", 10),
        ]
    )
    found = screened(lines).set_index("supplier_key")
    told = found.loc["a", "reasons"]
    for part in ("offentlig organisation", "2 slag"):
        assert part in told
    assert found.loc["b", "reasons"] == ""
    words = " ".join([*found["reasons"], *found["status_name"], *direct_awards.SPLIT.values()]).lower()
    assert "otillåten" not in words and "olaglig" not in words


def test_a_ledger_that_begins_within_the_window_is_told(bought: Any) -> None:
    short = screened(bought([row("a", "2025-03-05", 10)]))
    long = screened(bought([row("a", "2024-01-15", 1), row("b", "2025-01-15", 10)])).set_index("supplier_key")
    assert not short["rolling_is_complete"].any()
    assert long.loc["b", "rolling_is_complete"]


def test_kinds_are_screened_over_all_suppliers(bought: Any) -> None:
    rows = [row(name, "2025-03-01", 400_000) for name in "ab"]
    rows += [
        row("c", "2025-03-01", 100_000, category_path="05/05.02"),
        row("c", "2025-04-01", 9_000_000, category_path=None),
    ]
    lines = bought(rows)
    lines.loc[lines["amount_ore"] == 9_000_000 * KR, "category_path"] = None
    found = screening_by_kind(lines, limits=law(), taxonomy=TAXONOMY, **YEAR)
    assert found[["kind_name", "status", "suppliers_count"]].to_numpy().tolist() == [
        ["Städ", "over", 2],
        ["Okategoriserat", "unknown", 1],
        ["Bevakning", "under", 1],
    ]
    main = screening_by_kind(lines, limits=law(), taxonomy=TAXONOMY, kind_level=1, **YEAR)
    assert main.loc[0, ["kind_code", "kind_name", "rolling_amount_ore"]].tolist() == ["05", "Fastighet", 900_000 * KR]


def split(lines: Any, **changed: Any) -> pd.DataFrame:
    by_supplier = screened(lines, **changed)
    by_kind = screening_by_kind(lines, **{"limits": law(), "taxonomy": TAXONOMY, **YEAR, **changed})
    codes = changed.get("annex_2_categories", ())
    return three_way_split(lines, by_supplier=by_supplier, by_kind=by_kind, annex_2_categories=codes)


def test_the_split_parts_the_base_to_the_ore(bought: Any) -> None:
    lines = bought(
        [
            row("a", "2025-03-01", 800_000),
            row("a", "2025-03-01", -50_000),
            row("b", "2025-03-01", 20_000, category_path="05/05.02"),
            row("c", "2025-03-01", 30_000),  # the kind is over, though the supplier is not
            row("d", "2025-03-01", 40_000, category_path="07/07.01"),
            row("e", "2025-03-01", 1_000_000, proven_rung=4),
            row("f", "2025-03-01", 60_000, proven_rung=1, possible_rung=3),
            row("g", "2025-03-01", 150_000, lou_covered="nej"),
            row("h", None, 70_000, category_path="05/05.02"),
        ]
    )
    found = split(lines, annex_2_categories=["07"]).set_index("part")
    assert found["amount_ore"].to_dict() == {
        "on_contract": 1_000_000 * KR,
        "may_have_contract": 60_000 * KR,
        "plausible": 20_000 * KR,
        "above_limit": 780_000 * KR,
        "cannot_be_judged": 110_000 * KR,
    }
    assert found["lines_count"].sum() == 8
    assert found["share_pct"].sum() == pytest.approx(100)
    figure = spend_without_contract(lines)
    without = found.loc[["plausible", "above_limit", "cannot_be_judged"], "amount_ore"].sum()
    assert (figure.numerator, figure.denominator) == (kronor(without), kronor(found["amount_ore"].sum()))


def test_the_share_without_contract_follows_the_test_vector(bought: Any) -> None:
    lines = bought(
        [
            row("a", "2025-03-01", 600, proven_rung=2),
            row("b", "2025-03-01", 300),
            row("a", "2025-04-01", -50, proven_rung=2),
            row("c", "2025-03-01", 150, lou_covered="nej"),
            row("d", "2025-03-01", 1000, spend_class="investering"),
        ]
    )
    figure = spend_without_contract(lines)
    assert (figure.numerator, figure.denominator) == (Decimal(300), Decimal(850))
    assert figure.value is not None and round(figure.value, 1) == Decimal("35.3")
    assert figure.excluded == (
        Exclusion("LOU omfattar inte köpet", 1, 15_000),
        Exclusion("Investeringar", 1, 100_000),
    )
    assert spend_without_contract(lines, include_investments=True).denominator == Decimal(1850)


def test_the_unknown_part_is_named(bought: Any) -> None:
    lines = bought([row("a", "2025-03-01", 100), row("b", "2025-03-01", 300, possible_rung=4)])
    told = spend_without_contract(lines).comparison.replace(wording.HARD_SPACE, " ")
    assert told == "Ytterligare 300 kr (75 %) kan sakna avtal"


def test_without_a_register_nothing_is_claimed(bought: Any) -> None:
    lines = bought([row("a", "2025-03-01", 900_000)]).assign(proven_rung=None, possible_rung=None)
    found = screened(lines)
    assert found.empty
    assert split(lines).empty
    for figure in (spend_without_contract(lines), suppliers_above_limit(lines, found)):
        assert figure.value is None
        assert figure.unknown_because == wording.NO_CONTRACT_REGISTER
        assert figure.numerator is None


def test_an_empty_ledger_is_answered(bought: Any) -> None:
    lines = bought([])
    assert list(screened(lines).columns) == list(screened(bought([row("a", "2025-03-01", 1)])).columns)
    assert spend_without_contract(lines).value is None


def test_a_base_that_is_not_above_zero_gives_no_share(bought: Any) -> None:
    figure = spend_without_contract(bought([row("a", "2025-03-01", -5)]))
    assert (figure.value, figure.unknown_because) == (None, direct_awards.NO_BASE)


def test_suppliers_above_the_limit_are_counted_with_the_change(bought: Any) -> None:
    lines = bought(
        [
            row("a", "2025-03-01", 900_000),
            row("b", "2025-03-01", 600_000, category_path="07"),
            row("c", "2025-03-01", 500_000),
            row("c", "2025-03-01", 500_000, possible_rung=4),
        ]
    )
    before = screened(bought([row(name, "2025-03-01", 900_000) for name in "abcd"]))
    figure = suppliers_above_limit(lines, screened(lines, annex_2_categories=["07"]), before)
    assert figure.value == 1
    assert figure.comparison.replace(wording.HARD_SPACE, " ") == (
        "4 året före, 75 % färre nu. Ytterligare 1 kan vara över gränsen, beroende på om avtal finns"
    )
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(1, 600_000 * KR)]
    assert (change_in_count(1, 4), change_in_count(4, 0), change_in_count(6, 4)) == (75, None, -50)


def test_a_limit_open_for_everyone_leaves_the_count_unknown(bought: Any) -> None:
    lines = bought([row("a", "2025-03-01", 900_000)])
    figure = suppliers_above_limit(lines, screened(lines, annex_2_categories=["05"]))
    assert (figure.value, figure.unknown_because) == (None, direct_awards.LIMIT_OPEN)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"near_limit_pct": 101}, "near_limit_pct is 101"),
        ({"as_of": date(2024, 12, 31)}, "Give an as_of"),
        ({"limits": pd.DataFrame({"limit_id": ["direct_award"]})}, "no column 'valid_from'"),
    ],
)
def test_what_cannot_be_used_is_refused(bought: Any, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        screened(bought([row("a", "2025-03-01", 1)]), **changed)


def test_what_is_planted_in_a_noisy_ledger_is_recovered_exactly(bought: Any) -> None:
    draw = np.random.default_rng(4)
    days = pd.date_range("2024-01-01", "2025-12-31")
    noise = [
        row(f"n{number:03d}", str(days[draw.integers(len(days))].date()), int(draw.integers(-2_000, 40_000)))
        for number in range(300)
        for _ in range(5)
    ]
    planted = {
        "over": ([("2025-02-01", 690_000), ("2025-10-07", 10_001)], "over", "2025-10-07"),
        "rolling": ([("2024-09-30", 699_000), ("2025-01-15", 1_001)], "over", "2025-01-15"),
        "near": ([("2025-02-01", 500_000), ("2025-10-07", 100_000)], "near", None),
        "before": ([("2024-01-01", 3_000_000)], "under", None),
    }
    rows = [row(name, day, kronor) for name, (has, _, _) in planted.items() for day, kronor in has]
    found = screened(bought([*noise, *rows])).set_index("supplier_key")
    for name, (_, status, crossed) in list(planted.items())[:3]:
        assert found.loc[name, "status"] == status
        assert found.loc[name, "crosses_on"] == pd.Timestamp(crossed) or crossed is None
    # 1 January 2024 lies before the first window, which begins on the 2nd.
    assert "before" not in found.index
    assert set(found.index[found["status"] != "under"]) == {"over", "rolling", "near"}


def brute_force(postings: list[tuple[date, int]], limit_of: dict[date, int | None]) -> tuple[Any, ...]:
    """Try every day: the largest window above its own limit, else the largest, the earliest of equals."""
    tried = []
    for day, limit in limit_of.items():
        leap = (day.month, day.day) == (2, 29)
        before = date(day.year - 1, day.month, 28 if leap else day.day)
        amount = sum(amount for booked, amount in postings if before < booked <= day)
        tried.append((limit is not None and amount > limit, amount, -day.toordinal(), limit))
    over, amount, day_number, limit = max(tried, key=lambda one_try: one_try[:3])
    crossed = next((date.fromordinal(-one_try[2]) for one_try in tried if one_try[0]), None)
    near = limit is not None and amount * 100 >= limit * 85
    status = "over" if over else "unknown" if limit is None else "near" if near else "under"
    return amount, limit, date.fromordinal(-day_number), status, crossed


POSTINGS = st.lists(
    st.tuples(
        st.dates(date(2023, 2, 1), date(2024, 4, 10)),
        st.integers(-60, 90).map(lambda thousands: thousands * 10_000 * KR),
    ),
    min_size=1,
    max_size=12,
)


@given(bought_by=st.lists(POSTINGS, min_size=1, max_size=12))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_rolling_window_is_what_trying_every_day_gives(bought: Any, bought_by: Any) -> None:
    limits = law(
        ("direct_award", "2020-01-01", "2024-02-20", 700_000, "sourced"),
        ("direct_award", "2024-02-21", "2024-03-10", 500_000, "computed"),
        ("direct_award", "2024-03-11", None, None, "open"),
    )
    first, last = date(2024, 1, 20), date(2024, 3, 31)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    limit_of = {day: 700_000 * KR if day < date(2024, 2, 21) else 500_000 * KR for day in days}
    limit_of |= {day: None for day in days if day > date(2024, 3, 10)}
    has = {f"s{number}": postings for number, postings in enumerate(bought_by)}
    rows = [{"supplier_key": name, "booked_on": str(day), "amount_ore": ore} for name in has for day, ore in has[name]]
    found = screened(bought(rows), limits=limits, period_starts_on=first, period_ends_on=last, as_of=last)
    for told in found.to_dict("records"):
        crossed, limit = told["rolling_crosses_on"], told["rolling_limit_ore"]
        assert brute_force(has[told["supplier_key"]], limit_of) == (
            told["rolling_amount_ore"],
            None if pd.isna(limit) else limit,
            told["rolling_ends_on"].date(),
            told["rolling_status"],
            None if pd.isna(crossed) else crossed.date(),
        )


def test_engines_and_orders_agree_and_the_input_is_untouched(
    bought: Any, year_lines: Any, year_before: Any, in_engine: Any
) -> None:
    both = pd.concat([year_before, year_lines], ignore_index=True)
    place = pd.Series(range(len(both)))
    proven = (place % 3).astype("Int64")
    lines = both.assign(
        amount_ore=both["amount_ore"] * 40,
        category_path=both["main_category_code"] + "/" + both["category_code"],
        proven_rung=proven,
        possible_rung=(proven + place % 2 * 2).clip(upper=4).astype("Int64"),
    )
    kept = lines.copy(deep=True)
    options: dict[str, Any] = {"limits": law(), "annex_2_categories": ["11"], **YEAR}

    def answers(native: Any) -> list[Any]:
        by_supplier = screening(native, **options)
        by_kind = screening_by_kind(native, taxonomy=TAXONOMY, **options)
        parts = three_way_split(native, by_supplier=by_supplier, by_kind=by_kind, annex_2_categories=["11"])
        figures = [spend_without_contract(native), suppliers_above_limit(native, by_supplier)]
        left = screening_exclusions(native, period_ends_on=date(2025, 12, 31), as_of=date(2025, 6, 1))
        return [by_supplier, by_kind, parts, figures, left]

    expected = answers(lines)
    pd.testing.assert_frame_equal(lines, kept)
    assert set(expected[0]["status"]) >= {"over", "unknown", "under"}
    for engine in ("duckdb", "polars_lazy"):
        found = answers(in_engine(engine, lines.sample(frac=1, random_state=5)))
        for ours, theirs in zip(expected, found, strict=True):
            if isinstance(ours, pd.DataFrame):
                pd.testing.assert_frame_equal(ours, theirs)
            else:
                assert ours == theirs


def ore(text: str) -> int:
    return int(Decimal(text.replace(" ", "").replace("\u00a0", "").replace("−", "-").replace(",", ".")) * 100)


def worked_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {
        "Leverantör": "supplier_key", "LOU": "lou_covered", "Inköpsklass": "spend_class", "Datum": "booked_on",
        "Bevisat steg": "proven_rung", "Möjligt steg": "possible_rung",
    }  # fmt: skip
    rows = table.rename(columns=columns).to_dict("records")
    rungs = ("proven_rung", "possible_rung")
    return [
        {
            **{str(key): int(value) if key in rungs else value for key, value in row.items() if key != "Belopp (kr)"},
            "booked_on": row.get("booked_on", "2025-03-01"),
            "amount_ore": ore(row["Belopp (kr)"]),
        }
        for row in rows
    ]


def test_the_worked_share_without_contract_is_what_the_measure_gives(bought: Any, worked_tables: Any) -> None:
    given_rows, told = worked_tables("spend_without_contract")
    figure = spend_without_contract(bought(worked_rows(given_rows)))
    left = sum((kronor(one_reason.amount_ore) for one_reason in figure.excluded), Decimal(0))
    expected = {row["Storhet"]: kronor(ore(row["Tal"])) for row in told.to_dict("records")}
    assert figure.id == figure.method == "spend_without_contract"
    assert [figure.value, figure.numerator, figure.denominator, left] == list(expected.values())
    assert figure.comparison.replace(wording.HARD_SPACE, " ") == "Ytterligare 150 kr (15 %) kan sakna avtal"


def test_the_worked_suppliers_above_the_limit_are_what_the_measure_gives(bought: Any, worked_tables: Any) -> None:
    given_rows, standings, told = worked_tables("suppliers_above_limit")
    lines = bought(worked_rows(given_rows))
    found = screened(lines).set_index("supplier_key")
    for row_told in standings.to_dict("records"):
        crossed = found.loc[row_told["Leverantör"], "crosses_on"]
        assert found.loc[row_told["Leverantör"], "status_name"] == row_told["Läge"]
        assert row_told["Passerad"] == ("–" if pd.isna(crossed) else crossed.strftime("%Y-%m-%d"))
    assert len(found) == len(standings)
    figure = suppliers_above_limit(lines, screened(lines))
    assert figure.id == figure.method == "suppliers_above_limit"
    assert figure.value == int(told["Tal"].iloc[0])
