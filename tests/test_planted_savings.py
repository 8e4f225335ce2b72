"""What is planted in the savings register is found again through the opened organisation, to the öre."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

import procanalysis as proc
from procanalysis.example.savings import PACKS
from procanalysis.schema import NO_SAVING_REASONS, SAVING_METHODS, KeyFigure, kronor

Truths = dict[str, Any]
YEAR = 2025
PARTS = ("awards", "bids", "prices", "shares", "purchases")
FILES = ("effektredovisning.csv", "anbud.csv", "avtalspriser.csv", "andelar.csv", "prisade_inkop.csv")
CAUSES = ("not_started", "volume", "off_contract", "price_above")
REGISTER_MISSING = "Organisationen har inget besparingsregister i underlaget"


@dataclass(frozen=True)
class Analysed:
    """Hold what notebooks/savings.ipynb reckons for one organisation and period, by the names that it has there."""

    org: Any
    triage: Any
    carried: Any
    measured: Any
    estimated: pd.DataFrame
    rates: pd.DataFrame
    years: pd.DataFrame
    plan: Any
    ahead: Any
    parted: Any
    own: Any
    figures: dict[str, KeyFigure]


def analysed(org: Any) -> Analysed:
    """Call the measures as the notebook does."""
    chosen, year, currency = org.params.reports.savings, org.as_of.year, org.params.currency
    days = {"starts_on": org.period.starts_on, "ends_on": org.period.ends_on}
    triage = proc.savings.saving_triage(org.awards, org.bids, org.contract_prices, **chosen.method_choices)
    carried = proc.savings.carry_over(
        triage, org.awards, org.saving_shares, counted=chosen.counted, own_name=org.params.name
    )
    measured = proc.realisation.realised_savings(
        org.awards, triage.articles, org.priced_purchases, org.saving_shares, counted=chosen.counted,
        own_name=org.params.name, **days,
    )  # fmt: skip
    spent = proc.realisation.contract_spend(org.lines, org.awards, counted=chosen.counted, **days)
    estimated = proc.realisation.estimated_realisation(
        org.awards, triage.procurements, spent, org.saving_shares, counted=chosen.counted, own_name=org.params.name,
        measured=measured.rows["procurement_id"], **days,
    )  # fmt: skip
    rates = proc.realisation.realisation_rates(measured, estimated)
    plans = [
        proc.savings.savings_plan(
            org.procurements, carried, year=each, target_ore=chosen.targets_ore.get(each), as_of=org.as_of
        )
        for each in (year, org.next_day.year)
    ]
    before = org.period.before()
    base, current = (
        proc.price_comparison.purchases_of(
            org.priced_purchases, org.contract_prices, starts_on=first, ends_on=last, awards=org.awards
        )
        for first, last in ((before.starts_on, before.ends_on), (org.period.starts_on, org.period.ends_on))
    )
    own = proc.price_comparison.best_own_prices(org.priced_purchases, org.contract_prices, **days)
    figures = [
        proc.savings.enabled_saving(carried, year=year, currency=currency),
        proc.savings.cost_avoidance(carried, year=year, currency=currency),
        proc.savings.measurable_procurements_share(triage),
        proc.savings.single_or_two_bids_share(triage),
        proc.savings.negotiated_saving(triage, currency=currency),
        proc.realisation.realised_saving(measured, currency=currency),
        proc.realisation.saving_leakage(measured, currency=currency),
        proc.realisation.realisation_rate(rates, currency=currency),
        proc.price_comparison.fisher_index(proc.price_comparison.price_indices(base, current), currency=currency),
        proc.price_comparison.best_own_price(own, currency=currency),
    ]
    return Analysed(
        org=org,
        triage=triage,
        carried=carried,
        measured=measured,
        estimated=estimated,
        rates=rates,
        years=proc.savings.saving_per_year(
            carried, targets_ore=chosen.targets_ore, as_of=org.as_of, forecast_years=chosen.forecast_years
        ),
        plan=plans[0],
        ahead=plans[1],
        parted=proc.price_comparison.price_decomposition(base, current),
        own=own,
        figures={figure.id: figure for figure in figures},
    )


@pytest.fixture(scope="module")
def all_truths(example_project: Any) -> Truths:
    content: Truths = example_project.truths
    return content


@pytest.fixture(scope="module")
def truths(all_truths: Truths) -> Truths:
    planted: Truths = all_truths["savings"]
    return planted


@pytest.fixture(scope="module")
def found(session_environment: None) -> Analysed:
    return analysed(proc.open_organisation("exempel", str(YEAR)))


@pytest.fixture(scope="module")
def cells(example_project: Any, found: Analysed, truths: Truths) -> dict[str, list[dict[str, str]]]:
    """The accepted rows of the files of prices and purchases under our names, read with nothing but the csv module."""
    tables = {}
    for part, file in (("prices", FILES[2]), ("purchases", FILES[4])):
        names = {written: ours for ours, written in getattr(found.org.params.savings, part).columns.items()}
        rejected = {row["row_number"] for row in truths["rejected_rows"] if row["file"] == file}
        encoding = "utf-8-sig" if part == "prices" else "utf-8"
        with (example_project.root / "data/example" / file).open(encoding=encoding, newline="") as handle:
            header, *rows = csv.reader(handle, delimiter=";")
        tables[part] = [
            {names[name]: cell for name, cell in zip(header, row, strict=True)}
            for number, row in enumerate(rows, start=2)
            if number not in rejected
        ]
    return tables


def plain(value: Any) -> Any:
    """Give a cell as the truths write it: None when missing, a day as text, a count as a number."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value


def summed(frame: pd.DataFrame, by: str, column: str = "saving_ore") -> dict[Any, int]:
    """Sum a column exactly over the values of another; what is missing takes no part."""
    known = frame.dropna(subset=[column])
    return {key: int(rows[column].sum()) for key, rows in known.groupby(by)}


def number(written: str) -> Decimal | None:
    return Decimal(written.replace(" ", "").replace(",", ".")) if written else None


# The registers


def test_the_registers_reckon_up_to_the_files(found: Analysed, truths: Truths) -> None:
    controls = found.org.facts["registers"]
    faults = Counter(row["file"] for row in truths["rejected_rows"])
    frames = (
        found.org.awards, found.org.bids, found.org.contract_prices, found.org.saving_shares,
        found.org.priced_purchases,
    )  # fmt: skip
    for part, file, frame in zip(PARTS, FILES, frames, strict=True):
        told = (controls[part]["rows_read"], controls[part]["rows_accepted"], controls[part]["rows_rejected"])
        assert told == (truths["files"][file], truths["files"][file] - faults[file], faults[file]), part
        assert len(frame) == controls[part]["rows_accepted"]
        assert controls[part]["unknown_categories"] == []
    table = found.org.registers
    assert len(table) == 14  # contracts, follow-ups and procurements, the five parts of savings, six of articles
    assert (table["rows_read_count"] == table["rows_accepted_count"] + table["rows_rejected_count"]).all()
    listed = found.org.rejected_in_registers
    columns = ["file", "row_number", "column", "value", "reason"]
    ours = listed[listed["file"].isin(FILES)][columns].to_dict("records")
    assert sorted(ours, key=str) == sorted(truths["rejected_rows"], key=str)
    assert listed["reason_name"].notna().all()


def test_every_award_is_told_with_the_gaps_in_its_lists(found: Analysed, truths: Truths) -> None:
    rows = found.org.awards.set_index("procurement_id")
    assert len(rows) == len(truths["awards"])
    columns = (
        "contract_id", "replaces_procurement_id", "category_code", "starts_on", "ends_on", "expected_yearly_ore",
        "one_off_cost_ore", "is_coordinated", "rejected_bids_count", "rejected_prices_count",
    )  # fmt: skip
    for one in truths["awards"]:
        row = rows.loc[one["procurement_id"]]
        assert {name: plain(row[name]) for name in columns} == {name: one[name] for name in columns}
    # Planted: an article that stands twice, a price and a bid that cannot be read. A bid on a procurement that nobody
    # awarded, units whose shares are 99 and an award that ends before it starts leave no gap in the others.
    gaps = rows.filter(regex="^rejected_").sum()
    assert {name: int(count) for name, count in gaps.items() if count} == {
        "rejected_bids_count": 1, "rejected_prices_count": 2,
    }  # fmt: skip


def test_prices_and_quantities_are_exact(found: Analysed, cells: dict[str, list[dict[str, str]]]) -> None:
    prices, bought = found.org.contract_prices, found.org.priced_purchases
    pairs = (
        (prices, cells["prices"], ("quantity", "previous_price", "new_price", "index_base", "refused_increase")),
        (bought, cells["purchases"], ("quantity", "price_paid")),
    )
    for frame, written, columns in pairs:
        for ours in columns:
            name = ours if ours in frame else f"{ours}_sek"
            assert frame[name].tolist() == [number(row[ours]) for row in written], name
    assert {type(value) for value in bought["price_paid_sek"]} == {Decimal}


# Which method, and why none


def test_the_triage_finds_every_planted_saving_and_every_reason(found: Analysed, truths: Truths) -> None:
    rows = found.triage.procurements.set_index("procurement_id")
    assert len(rows) == len(truths["awards"])
    columns = (
        *(f"{name}_ore" for name in SAVING_METHODS), "method", "yearly_ore", "cost_avoidance_ore", "bids_count",
        "qualified_bids_count",
    )  # fmt: skip
    for one in truths["awards"]:
        row = rows.loc[one["procurement_id"]]
        assert {name: plain(row[name]) for name in columns} == {name: one[name] for name in columns}, one
        assert bool(row["unknown_because"]) == (one["method"] is None)
        assert bool(row["cost_avoidance_reason"]) == (one["cost_avoidance_ore"] is None)
        assert {name for name in SAVING_METHODS if row[f"{name}_reason"]} == set(one["causes"])
    causes = {one["procurement_id"]: one["causes"] for one in truths["awards"]}
    reasons = found.triage.reasons
    assert len(reasons) == sum(map(len, causes.values()))
    for row in reasons.to_dict("records"):
        assert row["reason"] in causes[row["procurement_id"]][row["method"]], row
    assert set(reasons["reason"]) == set(NO_SAVING_REASONS) - {"no_refused_increase"}


def test_what_could_not_be_read_is_reckoned_by_nothing(found: Analysed, truths: Truths) -> None:
    rows, cases = found.triage.procurements.set_index("procurement_id"), truths["cases"]
    price, bid = "En eller flera prisrader kunde inte läsas", "Ett eller flera anbud kunde inte läsas"
    ((unreadable,), (repeated,), (unread_bid,)) = (
        cases["price_unreadable"], cases["price_repeated"], cases["bid_unreadable"],
    )  # fmt: skip
    for number_of_one in (unreadable, repeated):
        assert rows.loc[number_of_one, ["previous_contract_reason", "cost_avoidance_reason"]].tolist() == [price] * 2
        assert rows.loc[number_of_one, ["previous_contract_ore", "cost_avoidance_ore"]].isna().all()
    # Its other article has both prices, and three bids are whole: they decide.
    assert rows.loc[repeated, "method"] == "market_price"
    assert rows.loc[unread_bid, ["market_price_reason", "negotiation_reason"]].tolist() == [bid] * 2
    # Three of its four bids can be read, which would have been enough.
    assert (found.org.bids["procurement_id"] == unread_bid).sum() == 3
    assert rows.loc[unread_bid, ["bids_count", "qualified_bids_count", "yearly_ore"]].isna().all()


def test_coverage_and_bids_are_those_planted(found: Analysed, truths: Truths) -> None:
    planted, procurements = truths["coverage"], found.triage.procurements
    coverage = found.figures["measurable_procurements_share"]
    assert (coverage.numerator, coverage.denominator) == (planted["numerator"], planted["denominator"])
    assert coverage.value == Decimal(planted["numerator"]) * 100 / planted["denominator"]
    used = proc.savings.methods_used(found.triage)
    by_method = used.dropna(subset=["method"]).set_index("method")
    assert by_method["used_count"].to_dict() == planted["by_method"]
    assert int(used["used_count"].sum()) == planted["denominator"]
    assert by_method["yearly_ore"].sum() == sum(one["yearly_ore"] or 0 for one in truths["awards"])
    negative = procurements.loc[(procurements["yearly_ore"] < 0).fillna(False), "procurement_id"]
    assert sorted(negative) == sorted(planted["negative"])
    several = procurements[[f"{name}_ore" for name in SAVING_METHODS]].notna().sum(axis=1) > 1
    assert int(several.sum()) == planted["several_methods"]
    assert procurements["cost_avoidance_ore"].notna().sum() == planted["with_cost_avoidance"]
    without = procurements.loc[procurements["method"].isna(), "procurement_id"]
    reasons = found.triage.reasons
    why = reasons.loc[reasons["procurement_id"].isin(without), "method"].value_counts()
    assert set(why) == {planted["denominator"] - planted["numerator"]}
    bids, few = truths["bids"], found.figures["single_or_two_bids_share"]
    assert (few.numerator, few.denominator) == (bids["one_or_two"], bids["known"])
    assert [(left.reason, left.rows) for left in few.excluded] == [("Antalet anbud är okänt", bids["unknown"])]


def test_what_was_negotiated_is_a_memo_beside_the_rest(found: Analysed, truths: Truths) -> None:
    planted, figure = truths["negotiated"], found.figures["negotiated_saving"]
    assert figure.value == kronor(planted["amount_ore"])
    assert figure.comparison == f"{planted['procurements']} upphandlingar"
    each = proc.savings.negotiated_per_year(found.triage)
    assert (each["procurements_count"].sum(), each["saving_ore"].sum()) == (
        planted["procurements"], planted["amount_ore"],
    )  # fmt: skip


# Whose year


def test_every_year_has_its_new_and_running_savings_and_its_target(found: Analysed, truths: Truths) -> None:
    rows = found.years.set_index("year")
    planted = {int(year): one for year, one in truths["per_year"].items()}
    forecast = found.org.params.reports.savings.forecast_years
    assert list(rows.index) == [year for year in planted if year <= YEAR + forecast]
    for year in rows.index:
        row, one = rows.loc[year], planted[year]
        names = ("saving_ore", "new_ore", "running_ore", "target_ore", "difference_ore")
        assert {name: plain(row[name]) for name in names} == {name: one[name] for name in names}, year
        assert (plain(row["cost_avoidance_ore"]) or 0) == one["cost_avoidance_ore"]
        assert (row["contracts_count"], bool(row["is_forecast"])) == (one["contracts"], year > YEAR)
    whole = proc.savings.saving_per_year(found.carried, targets_ore={}, as_of=found.org.as_of)
    assert dict(zip(whole["year"], whole["saving_ore"], strict=True)) == {
        year: one["saving_ore"] for year, one in planted.items()
    }


def test_the_headline_says_what_is_new_what_runs_on_and_what_is_left_out(found: Analysed, truths: Truths) -> None:
    of_year, figure = truths["per_year"][str(YEAR)], found.figures["enabled_saving"]
    assert figure.value == kronor(of_year["saving_ore"])
    new, running = (f"{round(kronor(of_year[name])):,}".replace(",", " ") for name in ("new_ore", "running_ore"))
    said = f"{new} kr från avtal som började {YEAR} och {running} kr från tidigare avtal"
    assert figure.comparison.replace("\xa0", " ") == said
    left = {each.reason: (each.rows, each.amount_ore) for each in figure.excluded}
    assert left.pop("Avtalets slutdag saknas") == (1, truths["left_out"][0]["yearly_ore"])
    running_without = [
        one for one in truths["awards"]
        if not one["method"] and one["starts_on"][:4] <= str(YEAR) <= (one["ends_on"] or "9999")[:4]
    ]  # fmt: skip
    assert left == {"Ingen metod för besparing kan användas": (len(running_without), None)}
    left_out = found.carried.left_out[["procurement_id", "yearly_ore"]].to_dict("records")
    assert left_out == truths["left_out"]
    avoided = found.figures["cost_avoidance"]
    assert avoided.value == kronor(of_year["cost_avoidance_ore"])


@pytest.mark.parametrize("by", ["organisation", "group", "reporting_group", "method", "category_code"])
def test_the_year_is_parted_as_planted(found: Analysed, truths: Truths, by: str) -> None:
    parts = proc.savings.saving_by(found.carried, by, YEAR)
    known = parts.dropna(subset=["saving_ore"])
    assert dict(zip(known[by], known["saving_ore"], strict=True)) == truths["period"][by]


def test_a_replaced_award_counts_to_the_day_before_the_new_one(found: Analysed, truths: Truths) -> None:
    assert len(truths["replaced"]) == 2
    for one in truths["replaced"]:
        rows = found.carried.ledger[found.carried.ledger["procurement_id"] == one["procurement_id"]]
        assert plain(rows["last_on"].max()) == one["last_on"]
        assert {str(year): amount for year, amount in summed(rows, "year").items()} == one["saving_ore"]
        assert rows["basis"].iloc[-1].endswith(f"då {one['replaced_by']} tar vid")


def test_the_ledger_adds_up_whichever_way_it_is_cut(found: Analysed) -> None:
    ledger = found.carried.ledger
    total = int(ledger["saving_ore"].sum())
    assert total > 0
    for by in ("year", "organisation", "reporting_group", "category_code", "method", "procurement_id"):
        assert sum(summed(ledger, by).values()) == total, by
    for year, in_year in summed(ledger, "year").items():
        for by in ("organisation", "group", "reporting_group", "category_code", "method"):
            assert int(proc.savings.saving_by(found.carried, by, year)["saving_ore"].sum()) == in_year
        contributors = proc.savings.largest_contributors(found.carried, year, 1_000)
        assert int(contributors["saving_ore"].sum()) == in_year
    yearly = found.triage.procurements.set_index("procurement_id")["yearly_ore"]
    for name, rows in ledger.dropna(subset=["saving_ore"]).groupby("procurement_id"):
        days = sum((Fraction(int(row.days), 366 if row.year % 4 == 0 else 365)
                    for row in rows.drop_duplicates("year").itertuples()), Fraction(0))  # fmt: skip
        assert abs(int(rows["saving_ore"].sum()) - int(yearly[name]) * days) <= Fraction(1, 2), name


def test_target_outcome_and_plan_stand_beside_each_other(found: Analysed, truths: Truths) -> None:
    for plan in (found.plan, found.ahead):
        planted = truths["per_year"][str(plan.year)]
        assert (plan.target_ore, plan.outcome_ore) == (planted["target_ore"], planted["saving_ore"])
        assert plan.gap_ore == -planted["difference_ore"]
        assert int(plan.outcome["saving_ore"].sum()) == plan.outcome_ore
        assert len(plan.outcome) == planted["contracts"]
        assert plan.outcome["responsible"].notna().all()
        assert plan.missing_ore == plan.gap_ore - plan.planned_ore
        assert int(plan.planned["planned_ore"].sum()) == plan.planned_ore
    assert found.plan.so_far_ore == found.plan.outcome_ore, "the whole year is gone"
    assert (found.ahead.so_far_ore, found.ahead.planned_ore > 0) == (0, True)
    shares = found.org.params.reports.savings.unit_shares_pct
    assert (
        int(proc.savings.target_per_unit(found.ahead.target_ore, shares)["target_ore"].sum()) == found.ahead.target_ore
    )


# What is realised


def test_what_is_realised_is_that_planted_per_procurement_unit_and_cause(found: Analysed, truths: Truths) -> None:
    planted, rows = truths["realised"], found.measured.rows
    by_procurement = proc.realisation.realised_by(found.measured, "procurement").sort_values("procurement_id")
    names = ["procurement_id", "promised_ore", "realised_ore"]
    assert by_procurement[names].to_dict("records") == planted["by_procurement"]
    units = rows.set_index(["procurement_id", "unit"])
    assert len(units) == len(planted["units"])
    for one in planted["units"]:
        row = units.loc[(one["procurement_id"], one["unit"])]
        # The steps of a unit sum to the öre here, while each is rounded by itself in the truths.
        for step in ("promised", *CAUSES, "realised"):
            assert abs(row[f"{step}_ore"] - one[f"{step}_ore"]) <= 1, (one, step)
    steps = rows[[f"{cause}_ore" for cause in CAUSES]].sum(axis=1)
    assert (rows["promised_ore"] - steps == rows["realised_ore"]).all()
    bridge = dict(zip(found.measured.causes["step"], found.measured.causes["amount_ore"], strict=True))
    assert bridge["promised"] + sum(bridge[cause] for cause in CAUSES) == bridge["realised"]
    for by in ("unit", "procurement"):
        parts = proc.realisation.realised_by(found.measured, by)
        assert {f"{step}_ore": int(parts[f"{step}_ore"].sum()) for step in ("promised", "realised")} == {
            "promised_ore": bridge["promised"], "realised_ore": bridge["realised"],
        }  # fmt: skip
    figure = found.figures["realised_saving"]
    assert figure.value == kronor(sum(one["realised_ore"] for one in planted["by_procurement"]))
    used = int(rows["purchases_count"].sum()) + int(found.measured.excluded["rows_count"].sum())
    assert used == len(found.org.priced_purchases) == planted["order_lines"]


def test_where_no_purchase_tells_the_ledger_estimates(found: Analysed, truths: Truths) -> None:
    rows = found.estimated.set_index("procurement_id")
    for one in truths["estimated"]:
        row = rows.loc[one["procurement_id"]]
        names = ("contract_id", "promised_ore", "expected_ore", "realised_ore")
        assert {name: plain(row[name]) for name in names} == {name: one[name] for name in names}
        assert (plain(row["spend_ore"]) or 0) == one["spent_ore"]
        assert row["basis"] == "uppskattat" if one["realised_ore"] is not None else bool(row["reason"])
    # Planted: a coordinated contract of which half is ours, and one whose shares nobody has stated.
    coordinated = {one["procurement_id"] for one in truths["awards"] if one["is_coordinated"] == 1} & set(rows.index)
    shared = {one["procurement_id"] for one in truths["estimated"]} & coordinated
    assert sorted(rows.loc[sorted(shared), "promised_ore"].notna()) == [False, True]
    without = "Samordnad upphandling utan angivna andelar, så den egna delen är inte känd"
    assert without in set(rows.loc[sorted(shared), "reason"])
    known = {one["procurement_id"] for one in truths["estimated"] if one["realised_ore"] is not None}
    assert set(rows.index[rows["basis"].notna()]) == known
    both = [
        *truths["realised"]["by_procurement"], *(one for one in truths["estimated"] if one["procurement_id"] in known),
    ]  # fmt: skip
    rate = found.figures["realisation_rate"]
    assert rate.numerator == kronor(sum(one["realised_ore"] for one in both))
    assert rate.denominator == kronor(sum(one["promised_ore"] for one in both))
    bases = Counter(map(plain, found.rates["basis"]))
    assert (bases["uppmätt"], bases["uppskattat"]) == (truths["realised"]["procurements"], len(known))
    assert (found.rates["basis"].isna() == (found.rates["reason"] != "")).all()


# Unit prices


def mean_prices(cells: dict[str, list[dict[str, str]]]) -> dict[tuple[str, str], dict[str, tuple[Fraction, Fraction]]]:
    """Reckon quantity and value per article and unit of the year from the file's own cells."""
    sums: dict[tuple[str, str], dict[str, tuple[Fraction, Fraction]]] = defaultdict(dict)
    for row in cells["purchases"]:
        if row["bought_on"].startswith(str(YEAR)):
            quantity, price = Fraction(number(row["quantity"]) or 0), Fraction(number(row["price_paid"]) or 0)
            units = sums[row["procurement_id"], row["article_id"]]
            before = units.get(row["unit"], (Fraction(0), Fraction(0)))
            units[row["unit"]] = (before[0] + quantity, before[1] + quantity * price)
    return sums


def test_unit_prices_are_those_of_the_file(found: Analysed, cells: dict[str, list[dict[str, str]]]) -> None:
    reckoned = mean_prices(cells)
    days = {"starts_on": date(YEAR, 1, 1), "ends_on": date(YEAR, 12, 31)}
    variance = proc.price_comparison.price_variance(found.org.priced_purchases, found.org.contract_prices, **days)
    for row in variance.groups.to_dict("records"):
        quantity, value = reckoned[row["procurement_id"], row["article_id"]][row["group_name"]]
        assert abs(Fraction(row["price_sek"]) - value / quantity) <= Fraction(1, 2_000_000)
    assert len(variance.articles) == sum(len(units) > 1 for units in reckoned.values())
    for row in found.own.articles.to_dict("records"):
        units = reckoned[row["procurement_id"], row["article_id"]]
        best = min(value / quantity for quantity, value in units.values())
        paid, bought = sum(value for _, value in units.values()), sum(quantity for quantity, _ in units.values())
        assert abs(Fraction(row["potential_ore"]) - (paid - best * bought) * 100) <= Fraction(1, 2), row
    counted = found.own.articles["is_counted"] == 1
    assert found.figures["best_own_price"].value == kronor(int(found.own.articles.loc[counted, "potential_ore"].sum()))


def test_a_price_for_a_pack_is_shown_with_caution_and_not_counted(found: Analysed, truths: Truths) -> None:
    case, article, unit, _ = PACKS
    rows = found.own.articles
    (packed,) = rows[rows["caution"] != ""].to_dict("records")
    assert [packed["procurement_id"]] == truths["cases"][case]
    assert (packed["article_name"], packed["is_counted"]) == (article, 0)
    variance = proc.price_comparison.price_variance(
        found.org.priced_purchases, found.org.contract_prices, starts_on=date(YEAR, 1, 1), ends_on=date(YEAR, 12, 31)
    ).articles
    dearest = variance[variance["article_name"] == article].iloc[0]
    assert (dearest["procurement_id"], dearest["highest_at"]) == (packed["procurement_id"], unit)


def test_price_volume_and_mix_sum_to_the_change_in_cost(
    found: Analysed, cells: dict[str, list[dict[str, str]]]
) -> None:
    amounts = dict(zip(found.parted.steps["step"], found.parted.steps["amount_ore"], strict=True))
    current = amounts.pop("current")
    assert sum(amounts.values()) == current
    paid = {
        year: sum(
            Fraction(number(row["quantity"]) or 0) * Fraction(number(row["price_paid"]) or 0) * 100
            for row in cells["purchases"]
            if row["bought_on"].startswith(str(year))
        )
        for year in (YEAR - 1, YEAR)
    }
    assert (amounts["base"], current) == (round(paid[YEAR - 1]), round(paid[YEAR]))
    fisher = found.figures["fisher_index"]
    assert fisher.value is not None and 90 < fisher.value < 110


# Business cases


def test_the_case_by_hand_has_its_planted_answers(session_environment: None, all_truths: Truths) -> None:
    planted = all_truths["business_cases"]["exempel-e-handel"]
    opened = proc.open_business_case("exempel-e-handel")
    flows, rows = proc.cases.cash_flows(opened.case), proc.cases.results(opened.case).set_index("alternative_id")
    assert set(planted["alternatives"]) | {"do_nothing"} == set(rows.index)
    for name, answer in planted["alternatives"].items():
        row, years = rows.loc[name], flows[flows["alternative_id"] == name]
        assert years["net_ore"].tolist() == answer["flows_ore"]
        assert years["time_ore"].tolist() == answer["time_ore"]
        assert (row["net_present_value_ore"], row["net_present_value_with_time_ore"]) == (
            answer["npv_ore"], answer["npv_with_time_ore"],
        )  # fmt: skip
        payback = plain(row["payback_years"])
        assert answer["payback_years"] == (None if payback is None else f"{payback:.2f}")
    assert proc.cases.recommendation(opened.case, rows.reset_index()).alternative_id == planted["recommended"]


def test_the_case_from_the_ledger_starts_from_what_is_planted_there(
    session_environment: None, all_truths: Truths
) -> None:
    planted = all_truths["business_cases"]["exempel-it-konsulter"]
    opened = proc.open_business_case("exempel-it-konsulter")
    today = {each.number: (each.value, each.origin) for each in opened.of_today}
    assert today["spend_sek"] == (kronor(planted["spend_ore"]), f"Inköp enligt leverantörsreskontran, {YEAR}")
    suppliers = opened.lines.aggregate("count(distinct supplier_key)").fetchall()
    assert suppliers == [(planted["suppliers_in_ledger"],)]
    # What the file states by hand goes before the ledger.
    assert today["suppliers_count"][0] == opened.params.baseline.by_hand.suppliers_count
    (record,) = [each for each in opened.case.drivers if each.evidence.startswith("Egen historik")]
    assert f"{YEAR - 2}–{YEAR}" in record.evidence and record.low < record.likely < record.high
    rows = proc.cases.results(opened.case)
    assert len(rows) == 4 and rows["net_present_value_ore"].notna().all()


# Other periods, and no register


MONTHS = [(date(YEAR, month, 1), date(YEAR + month // 12, month % 12 + 1, 1)) for month in range(1, 13)]


@pytest.fixture(scope="module", params=["2025-03", "2025-04", "2025-Q2"])
def other_period(request: pytest.FixtureRequest, session_environment: None) -> Analysed:
    return analysed(proc.open_organisation("exempel", request.param))


def test_another_period_has_the_years_enabled_saving_and_its_own_realised(
    other_period: Analysed, found: Analysed, truths: Truths
) -> None:
    part, org = other_period, other_period.org
    of_year = truths["per_year"][str(YEAR)]
    assert part.figures["enabled_saving"].value == kronor(of_year["saving_ore"])
    assert part.figures["cost_avoidance"].value == kronor(of_year["cost_avoidance_ore"])
    assert part.plan.outcome_ore == of_year["saving_ore"]
    assert 0 < part.plan.so_far_ore < part.plan.outcome_ore
    assert (
        part.years.set_index("year")["is_forecast"].to_dict() == found.years.set_index("year")["is_forecast"].to_dict()
    )
    inside = org.priced_purchases["bought_on"].between(
        pd.Timestamp(org.period.starts_on), pd.Timestamp(org.period.ends_on)
    )
    if not inside.any():
        # Nothing was ordered in that month: what is realised is unknown, not zero.
        assert len(part.measured.rows) == len(part.measured.causes) == 0
        for name in ("realised_saving", "saving_leakage", "fisher_index", "best_own_price"):
            assert part.figures[name].value is None and part.figures[name].unknown_because
    else:
        counted = int(part.measured.rows["purchases_count"].sum())
        new = part.measured.excluded
        inside_without_gain = new.loc[new["reason"] != "Köpt utanför perioden", "rows_count"].sum()
        assert counted + inside_without_gain == inside.sum()
        realised = part.figures["realised_saving"].value
        assert realised is not None and 0 < realised < found.figures["realised_saving"].value
    days = {"starts_on": org.period.starts_on, "ends_on": org.period.ends_on}
    spent = proc.realisation.contract_spend(org.lines, org.awards, **days)
    year_spent = proc.realisation.contract_spend(org.all_lines, org.awards, **days)
    pd.testing.assert_frame_equal(spent, year_spent)


def test_the_months_realise_what_the_year_does(found: Analysed) -> None:
    def of(first: date, last: date) -> Any:
        return proc.realisation.realised_savings(
            found.org.awards, found.triage.articles, found.org.priced_purchases, found.org.saving_shares,
            starts_on=first, ends_on=last, own_name=found.org.params.name,
        ).rows  # fmt: skip

    def ends() -> Iterator[tuple[date, date]]:
        for first, after in MONTHS:
            yield first, date.fromordinal(after.toordinal() - 1)

    months = pd.concat([of(*days) for days in ends()])
    year, parts = summed(found.measured.rows, "procurement_id", "realised_ore"), len(MONTHS)
    for name, amount in summed(months, "procurement_id", "realised_ore").items():
        assert abs(amount - year[name]) <= parts, name


def test_without_a_register_everything_is_unknown_with_a_reason_and_nothing_is_zero(without_registers: Any) -> None:
    empty = analysed(without_registers)
    for frame in (empty.org.awards, empty.org.bids, empty.org.contract_prices, empty.org.saving_shares,
                  empty.org.priced_purchases, empty.org.registers, empty.org.rejected_in_registers):  # fmt: skip
        assert frame.empty
    assert len(empty.figures) == 10
    for figure in empty.figures.values():
        assert (figure.value, figure.numerator, figure.excluded, figure.comparison) == (None, None, (), ""), figure.id
        assert figure.unknown_because, figure.id
    said = ("enabled_saving", "cost_avoidance", "measurable_procurements_share", "negotiated_saving")
    assert {empty.figures[name].unknown_because for name in said} == {REGISTER_MISSING}
    tables = [
        empty.triage.procurements, empty.triage.articles, empty.triage.reasons, empty.carried.ledger,
        empty.carried.left_out, empty.carried.without_method, empty.measured.rows, empty.measured.causes,
        empty.measured.excluded, empty.measured.not_measured, empty.estimated, empty.rates, empty.parted.steps,
        empty.parted.articles, empty.own.articles, empty.own.excluded, proc.savings.methods_used(empty.triage),
        proc.savings.negotiated_per_year(empty.triage),
        proc.savings.largest_contributors(empty.carried, YEAR, 15),
        *(proc.savings.saving_by(empty.carried, by, YEAR) for by in proc.savings.SAVING_PARTS),
        *(proc.realisation.realised_by(empty.measured, by) for by in ("unit", "procurement")),
    ]  # fmt: skip
    assert [place for place, table in enumerate(tables) if len(table)] == []
    # The targets are stated without any register, and are all that is known of their years.
    targets = empty.org.params.reports.savings.targets_ore
    assert dict(zip(empty.years["year"], empty.years["target_ore"], strict=True)) == {
        year: target for year, target in targets.items() if year <= empty.years["year"].max()
    }
    unknown = ["new_ore", "running_ore", "saving_ore", "cost_avoidance_ore", "difference_ore"]
    assert empty.years[unknown].isna().all(axis=None)
    for plan in (empty.plan, empty.ahead):
        amounts = (plan.outcome_ore, plan.so_far_ore, plan.planned_ore, plan.gap_ore, plan.missing_ore)
        assert amounts == (None,) * 5 and plan.unknown_because
        assert plan.outcome.empty and plan.planned.empty and plan.not_planned.empty
    record = proc.realisation.track_record([empty.rates])
    assert (record.low_pct, record.likely_pct, record.high_pct) == (None, None, None) and record.unknown_because
