"""What Region Exempel's annual report rests on besides its ledger: tender statistics, reported figures and texts."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procanalysis.annual_report import AnnualReport, open_annual_report
from procanalysis.example.reported import REPORTED_FOLDER, write_reported
from procanalysis.example.tender_buyers import REGIONS, buyers
from procanalysis.example.tender_files import FAULTS, LOT_COLUMNS, TENDER_FILES
from procanalysis.example.tender_truths import write_tender_statistics
from procanalysis.measures.income_statement import deviations_to_explain
from procanalysis.measures.tenders import (
    announced_by,
    bid_summary,
    contract_value,
    coordinated_tender_share,
    covered_share,
    databases_using,
    environmental_share,
    few_bids_share,
    framework_share,
    mean_bids,
    median_bids,
    numbers_of,
    procurement_bids,
    procurements_announced,
    regional_award_share,
    reviewed_share,
    sme_award_share,
    social_share,
    tender_joins,
)
from procanalysis.measures.truth_check import contradictions
from procanalysis.params.indicators import load_indicators
from procanalysis.params.organisation import load_organisation_params
from procanalysis.params.tenders import load_tender_source
from procanalysis.published import Published, board_slugs, open_published, truth_check_of
from procanalysis.schema import REJECT_REASONS, KeyFigure, TenderTables
from procanalysis.tenders import TenderStatistics, TenderYear, open_tender_group, open_tenders, tender_year, tenders_of

Truths = dict[str, Any]
SEED = 2025
YEARS = (2023, 2024, 2025)
PEERS = [region.peer for region in REGIONS]
LEDGER_YEARS = {2023, 2024, 2025}


@pytest.fixture(scope="module")
def truths(example_project: Any) -> Truths:
    planted: Truths = example_project.truths["tenders"]
    return planted


@pytest.fixture(scope="module")
def reported(example_project: Any) -> Truths:
    planted: Truths = example_project.truths["reported"]
    return planted


@pytest.fixture(scope="module")
def statistics(session_environment: None) -> TenderStatistics:
    return open_tenders("exempel")


@pytest.fixture(scope="module")
def opened(statistics: TenderStatistics) -> dict[tuple[str, int], TenderYear]:
    chosen = [("exempel", year) for year in YEARS] + [(peer, YEARS[-1]) for peer in PEERS[1:]]
    return {
        (peer, year): tender_year(statistics, year, numbers=numbers_of(statistics.peers, peer), name=peer)
        for peer, year in chosen
    }


@pytest.fixture(scope="module")
def published(session_environment: None) -> Published:
    return open_published("exempel")


@pytest.fixture(scope="module")
def report(statistics: TenderStatistics) -> AnnualReport:
    return open_annual_report("exempel", 2025)


# Generated alike every time


def test_statistics_and_reported_figures_are_the_same_whatever_the_ledgers_size(
    example_project: Any, truths: Truths, reported: Truths, tmp_path: Path
) -> None:
    assert write_tender_statistics(tmp_path, SEED) == truths
    assert write_reported(tmp_path) == reported
    made = example_project.root / "data/example"
    names = [*TENDER_FILES.values(), *(f"{REPORTED_FOLDER}/{name}.csv" for name in reported["rows"])]
    for name in names:
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes(), name
    other = write_tender_statistics(tmp_path, SEED + 1)
    assert other["years"] != truths["years"] and other["regions"] == truths["regions"]


def test_nobody_else_has_the_buyers_numbers(example_project: Any, truths: Truths) -> None:
    numbers = [buyer.number for buyer in buyers()]
    assert len(set(numbers)) == len(numbers) and all(number[:5] == "21209" for number in numbers)
    path = example_project.root / "data/example/leverantorsreskontra-2025.csv"
    with path.open(encoding="utf-16", newline="") as handle:
        suppliers = {row["leverantor_id"].strip().replace("-", "") for row in csv.DictReader(handle)}
    assert not suppliers & set(numbers)
    assert truths["regions"]["exempel"]["numbers"] == ["2120999004"]


# Read as planted


def test_every_planted_fault_is_rejected_and_nothing_else(statistics: TenderStatistics, truths: Truths) -> None:
    wanted = {
        (row["file"], row["row_number"], row["column"], row["value"], row["reason"]) for row in truths["rejected_rows"]
    }
    columns = ["file", "row_number", "column", "value", "reason"]
    found = set(statistics.rejected[columns].astype(object).itertuples(index=False, name=None))
    assert found == wanted and len(wanted) == len(FAULTS)
    assert {row["reason"] for row in truths["rejected_rows"]} <= REJECT_REASONS.keys()
    for table, rows in truths["accepted_rows"].items():
        assert len(getattr(statistics.tables, table)) == rows
        assert truths["rows_in_file"][table] - rows == sum(row["table"] == table for row in truths["rejected_rows"])


def test_no_sole_trader_is_named_in_what_was_read(statistics: TenderStatistics, truths: Truths) -> None:
    people = truths["sole_traders_raw"]
    assert len(people) > 10 and sum(bool(one["number"]) for one in people) > 5
    hidden = {one["name"] for one in people} | {one["number"] for one in people if one["number"]}
    for table in (*vars(statistics.tables).values(), statistics.rejected):
        for column in table.select_dtypes("str"):
            shown = " ".join(table[column].dropna().unique())
            assert not [secret for secret in hidden if secret in shown], column
    keys = statistics.tables.awards["supplier_key"].dropna().unique()
    assert len(keys) > 300


def test_the_column_map_is_what_makes_the_list_of_bids_readable() -> None:
    source = load_tender_source("exempel")
    assert source.fictional and source.years == YEARS
    assert source.lots is not None and source.lots.columns == LOT_COLUMNS
    assert [not table.columns for table in (source.procurements, source.values, source.awards) if table] == [True] * 3


def test_the_peers_are_the_regions_and_their_numbers(statistics: TenderStatistics, truths: Truths) -> None:
    assert list(dict.fromkeys(statistics.peers["peer"])) == PEERS == list(truths["regions"])
    for peer, region in truths["regions"].items():
        assert list(numbers_of(statistics.peers, peer)) == region["numbers"]
        assert set(statistics.peers.loc[statistics.peers["peer"] == peer, "county"]) == {region["county"]}
    assert [len(region["numbers"]) for region in truths["regions"].values()].count(2) == 1
    params = load_organisation_params("exempel")
    assert params.tenders == ("exempel",)
    assert params.organisation_number.replace("-", "") == truths["regions"]["exempel"]["numbers"][0]


# The measures find the planted figures


def parts(figure: KeyFigure) -> dict[str, int]:
    return {"numerator": int(figure.numerator or 0), "denominator": int(figure.denominator or 0)}


def excluded(figure: KeyFigure, reason: str) -> int:
    return sum(one.rows for one in figure.excluded if reason in one.reason)


def check_bids(lots: pd.DataFrame, per: str, planted: Truths) -> None:
    middle, mean = median_bids(lots, per=per), mean_bids(lots, per=per)
    assert middle.value == Decimal(planted["median"])
    assert (mean.numerator, mean.denominator) == (planted["sum"], planted["known"])
    assert sum(one.rows for one in middle.excluded) == planted["not_stated"]
    assert parts(few_bids_share(lots, per=per)) == planted["one_bid"]
    assert parts(few_bids_share(lots, per=per, most=2)) == planted["one_or_two_bids"]


def check_figures(tables: TenderTables, whole: TenderTables, planted: Truths, used_in: tuple[str, ...]) -> None:
    tenders = tables.procurements
    assert procurements_announced(tenders).value == planted["procurements"]
    kinds = announced_by(tenders, "kind")
    assert dict(zip(kinds["name"], kinds["procurements_count"], strict=True)) == planted["by_kind"]
    for measure, name in (
        (framework_share, "frameworks"),
        (reviewed_share, "reviewed"),
        (environmental_share, "environmental"),
    ):
        figure = measure(tenders)
        assert parts(figure) | {"not_stated": sum(one.rows for one in figure.excluded)} == planted[name], name
    check_bids(tables.lots, "lot", planted["bids_per_lot"])
    check_bids(tables.lots, "procurement", planted["bids_per_procurement"])
    sme = sme_award_share(tables.awards)
    assert parts(sme.lowest)["numerator"] == planted["sme_awards"]["lowest"]
    assert parts(sme.highest) == {
        "numerator": planted["sme_awards"]["highest"],
        "denominator": planted["sme_awards"]["denominator"],
    }
    for what, name in (("lots", "with_bids"), ("values", "with_value"), ("awards", "with_award")):
        assert covered_share(tenders, getattr(whole, what), what=what).numerator == planted[name], name
    value = contract_value(tables.values)
    worth = planted["values"]
    assert (value.value or 0) * 100 == worth["sum_ore"]
    assert (
        excluded(value, "noll eller mindre") == worth["zero"] and excluded(value, "inte angivet") == worth["not_stated"]
    )
    coordinated = coordinated_tender_share(tenders, used_in=used_in)
    told = planted["coordinated"]
    assert parts(coordinated) == {
        key: told[key] if coordinated.value is not None else 0 for key in ("numerator", "denominator")
    }
    assert excluded(coordinated, "använder inte märkningen") == told["in_other_databases"]
    assert social_share(tenders).value is None


def test_every_region_has_the_planted_figures(
    statistics: TenderStatistics, opened: dict[tuple[str, int], TenderYear], truths: Truths
) -> None:
    used_in = databases_using(statistics.tables.procurements, "is_coordinated")
    assert list(used_in) == truths["marking_databases"]
    for (peer, year), found in opened.items():
        planted = truths["years"][str(year)]["own"][peer]
        check_figures(found.own, statistics.tables, planted, used_in)
        county = regional_award_share(found.own.awards, county=found.county)
        assert found.county == truths["regions"][peer]["county"] and parts(county) == planted["county_awards"]


@pytest.mark.parametrize("year", YEARS)
def test_all_regions_and_the_nation_have_the_planted_figures(
    statistics: TenderStatistics, opened: dict[tuple[str, int], TenderYear], truths: Truths, year: int
) -> None:
    used_in = databases_using(statistics.tables.procurements, "is_coordinated")
    groups = opened["exempel", year].groups
    for tables, planted in zip(groups.values(), ("regions", "nation"), strict=True):
        check_figures(tables, statistics.tables, truths["years"][str(year)][planted], used_in)


# What is planted to be seen


def test_one_procurement_of_many_lots_decides_the_figures_per_lot_only(
    opened: dict[tuple[str, int], TenderYear], truths: Truths
) -> None:
    [many] = truths["many_lots"]
    lots = opened["exempel", 2025].own.lots
    per_procurement = procurement_bids(lots).set_index("procurement_id")
    assert many["buyer"] == "exempel" and per_procurement.loc[many["procurement_id"], "lots_count"] == many["lots"]
    per_lot, per_one = (median_bids(lots, per=per).value for per in ("lot", "procurement"))
    assert per_lot is not None and per_one is not None and per_lot >= per_one + 3


def test_each_region_that_should_stand_out_does(opened: dict[tuple[str, int], TenderYear]) -> None:
    few = bid_summary({"få": opened["fatalson", 2025].own.lots}, per="procurement")
    assert few["caution"].iloc[0] and not opened["fatalson", 2025].missing_because
    silent = opened["provnaset", 2025]
    assert len(silent.missing_tables) == 2 and silent.own.values.empty and silent.own.awards.empty
    assert len(set(opened["pahittsbygden", 2025].own.procurements["buyer_number"])) == 2
    assert 20 <= len(opened["exempel", 2025].own.procurements) <= 60


def test_a_value_can_be_another_buyers_than_the_procurement(statistics: TenderStatistics) -> None:
    tables = statistics.tables
    joins = tender_joins(tables.procurements, tables.lots, tables.values, tables.awards)
    pair = joins[(joins["table"] == "procurements") & (joins["other_table"] == "values")].iloc[0]
    assert 0 < pair["unmatched_count"] < pair["ids_count"]
    owners = tables.procurements.set_index("procurement_id")["buyer_number"]
    theirs = tables.values["procurement_id"].map(owners) != tables.values["buyer_number"]
    assert 3 <= theirs.sum() <= 60


def test_what_the_source_is_said_to_leave_out_is_so(opened: dict[tuple[str, int], TenderYear], truths: Truths) -> None:
    for year in YEARS:
        planted = truths["years"][str(year)]["nation"]
        said = " ".join(opened["exempel", year].left_out)
        assert (
            f"Källan har {planted['procurements']} annonserade upphandlingar, med anbud för {planted['with_bids']}, "
            f"kontraktsvärde för {planted['with_value']} och tilldelad leverantör för {planted['with_award']}."
        ) in said
        assert f"är markerad i {planted['coordinated']['numerator']} av {planted['procurements']} upphandl" in said
        assert f"{planted['values']['zero']} av " in said and "Region Provnäset" in said


def test_the_fictional_source_is_used_only_by_name(session_environment: None) -> None:
    group = open_tender_group("exempel-regioner", 2025)
    assert list(group.members) == [region.name for region in REGIONS] and group.source.fictional
    numbers = ["212099-9004"]
    assert tenders_of(numbers, 2025, name="Region Exempel", fictional=True).missing_because
    named = tenders_of(numbers, 2025, name="Region Exempel", sources=["exempel"], fictional=True)
    assert not named.missing_because


# What the region has reported


def test_the_reported_tables_are_read_and_only_what_is_planted_is_wrong(published: Published, reported: Truths) -> None:
    tables = {
        "indicator_values": published.values, "income_statements": published.statements, "budgets": published.budgets,
        "cost_deviations": published.deviations, "staff": published.staff, "goal_statuses": published.goals,
        "status_scales": published.scales, "stated_terms": published.terms, "mended_figures": published.mended,
    }  # fmt: skip
    assert {name: len(frame) for name, frame in tables.items()} == reported["rows"]
    for name, frame in tables.items():
        assert frame["source"].str.startswith("Fiktiva uppgifter").all(), name
        assert set(frame["organisation"]) <= {"exempel"}
    checks = truth_check_of(published)
    faults = contradictions(checks)
    assert faults["row"].tolist() == [fault["row"] for fault in reported["contradictions"]]
    for fault, found in zip(reported["contradictions"], faults["difference"], strict=True):
        assert fault["difference"] in (None, found)
    rounded = checks[checks["verdict"] == "rounding"]
    assert rounded["row"].tolist() == [one["row"] for one in reported["within_rounding"]]
    assert rounded["difference"].tolist() == [one["difference"] for one in reported["within_rounding"]]
    assert set(faults["year"]) == {reported["year"]}


def test_the_statement_is_planted_with_a_rounding_and_an_unexplained_difference(published: Published) -> None:
    frame = published.statements
    for year, unexplained, rounded in ((2024, 0, 0), (2025, -12, -1)):
        own = frame[frame["year"] == year].set_index("row")
        costs = own.loc[own["kind"] == "cost", "outcome_ore"].sum()
        assert own.loc["Verksamhetens kostnader", "outcome_ore"] - costs == rounded * 100_000
        net = own.loc["Verksamhetens nettoresultat", "outcome_ore"]
        assert own.loc["Årets resultat", "outcome_ore"] - net == unexplained * 100_000
        assert (own["difference_to_date_ore"] == own["outcome_ore"] - own["budget_to_date_ore"]).all()
    both = frame.set_index(["year", "row"])
    assert both.loc[2025, "outcome_previous_year_ore"].to_dict() == both.loc[2024, "outcome_ore"].to_dict()
    result = published.values.set_index(["indicator_id", "year"])["value"]
    for year in (2024, 2025):
        assert int(result["EX-09", year]) * 100_000 == both.loc[(year, "Årets resultat"), "outcome_ore"]


def test_missing_and_doubtful_outcomes_stay_so_and_computed_ones_are_left_out(
    published: Published, reported: Truths
) -> None:
    values = published.values
    keys = list(zip(values["indicator_id"], values["year"], strict=True))
    missing = [list(key) for key, value in zip(keys, values["value"], strict=True) if pd.isna(value)]
    doubtful = [list(key) for key, answer in zip(keys, values["is_doubtful"], strict=True) if answer]
    assert missing == reported["missing_outcomes"] and doubtful == reported["doubtful_outcomes"]
    assert len(missing) == len(doubtful) == 1
    computed = set(published.indicators.loc[published.indicators["source_kind"] == "computed", "indicator_id"])
    assert not {key for key in keys if key[0] in computed and key[1] in LEDGER_YEARS}
    assert {name for name, _ in keys} == set(published.indicators["indicator_id"])


def test_the_indicator_file_has_all_that_the_report_should_show() -> None:
    catalogue = load_indicators("exempel")
    assert catalogue.fictional and len({each.goal for each in catalogue.indicators}) == 5
    assert set(catalogue.goal_numbers) == {each.goal for each in catalogue.indicators}
    by_kind = {each.source.kind for each in catalogue.indicators}
    assert by_kind == {"computed", "reported"} and len(catalogue.indicators) >= 14
    assert all({"2024", "2025", "2026"} <= each.targets.keys() for each in catalogue.indicators)
    assert sum(bool(each.breaks) for each in catalogue.indicators) == 1
    assert sum(each.least_coverage_pct is not None for each in catalogue.indicators) == 1
    saving = next(each for each in catalogue.indicators if each.source.measure == "enabled_saving")
    targets = load_organisation_params("exempel").reports.savings.targets_sek
    for year, target in saving.targets.items():
        assert target.value is not None and target.value * 1_000_000 == targets[int(year)]


def test_the_goals_of_the_catalogue_are_the_printed_ones(published: Published) -> None:
    goals = published.goals
    printed = goals[(goals["year"] == 2025) & (goals["scale"] == "board_goal")]
    assert dict(zip(printed["goal"], printed["goal_number"], strict=True)) == load_indicators("exempel").goal_numbers
    assert printed["status"].notna().all() and printed["status"].nunique() == 3


def test_figures_of_the_fictional_region_never_mix_with_published_ones(session_environment: None) -> None:
    assert "exempel" not in board_slugs() and "insv" in board_slugs()
    everyone = open_published()
    for frame in vars(everyone).values():
        assert "exempel" not in set(frame["organisation"])
    assert "exempel" not in set(truth_check_of(everyone)["organisation"])


# The texts


def test_the_texts_fit_the_figures_and_leave_one_row_unexplained(report: AnnualReport) -> None:
    assert report.fictional and report.texts.fictional and not report.texts.is_missing
    assert len(report.tenders.own.procurements) and report.staff["year"].nunique() == 2
    limits = report.texts.explain_beyond
    found = deviations_to_explain(
        report.statement,
        report.texts.explanations.by_comparison,
        limit_ore=limits.limit_ore,
        limit_pct=limits.pct,
    )
    asked = found[found["is_beyond"].astype(bool) & ~found["is_total"].astype(bool)]
    assert set(asked.loc[asked["verdict"] == "missing", "row"]) == {"Övriga kostnader"}
    assert set(asked["verdict"]) == {"missing", "explained"}


def test_every_risk_has_the_reported_result(report: AnnualReport, published: Published) -> None:
    goals = published.goals
    printed = goals[goals["scale"] == "internal_control"].set_index("goal_number")["status"].to_dict()
    assert {f"risk {risk.number}": risk.result for risk in report.texts.risks} == printed
