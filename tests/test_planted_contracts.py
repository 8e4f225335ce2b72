"""What is planted in the contract register, the follow-ups and the procurements is found again, and nothing else."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import procanalysis as proc
from procanalysis.example.contracts import Contract
from procanalysis.example.procurements import draw_procurements
from procanalysis.schema import FAR_FUTURE, MATCHED_COLUMNS, names

Truths = dict[str, Any]
YEAR, YEAR_BEFORE = "2025", "2024"
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2025, 12, 31)
NEAR_SHARE, LIMIT_ORE = 85, 700_000_00
KINDS = {
    "Ramavtal": "framework",
    "Direktupphandlat avtal": "direct_award",
    "DIS": "dynamic",
    "Objektsavtal": "specific",
}
STATUSES = {"Avbruten": "cancelled", "Avslutad": "finished", "Planerad": "planned", "Pågår": "running"}
LADDERS: dict[str, dict[str, bool]] = {
    "ladder": {},
    "ladder_then": {"as_then": True},
    "ladder_with_investments": {"include_investments": True},
}
GROUPS = {"category": "by_category", "main_category": "by_main_category", "unit": "by_unit"}
NO_REGISTER = "Organisationen har inget avtalsregister i underlaget"
NO_FOLLOW_UPS = "Organisationen har inget uppföljningsregister i underlaget"
NO_PROCUREMENTS = "Organisationen har ingen förteckning över upphandlingar i underlaget"


@dataclass(frozen=True)
class Screened:
    """Hold the screening against the direct-award limit of one year, with or without investments."""

    suppliers: pd.DataFrame
    kinds: pd.DataFrame


@pytest.fixture(scope="module")
def truths(example_project: Any) -> Truths:
    content: Truths = example_project.truths["contracts"]
    assert content["period"] == YEAR
    return content


@pytest.fixture(scope="module")
def loyalty(truths: Truths) -> Truths:
    planted: Truths = truths["loyalty"]
    return planted


@pytest.fixture(scope="module")
def people(example_project: Any) -> set[str]:
    """The numbers of the sole traders, which may stand nowhere but in the input."""
    return {trader["number"] for trader in example_project.truths["sole_traders_raw"]}


@pytest.fixture(scope="module")
def organisation(session_environment: None) -> Any:
    return proc.open_organisation("exempel", YEAR)


def screen(opened: Any, annex_2: list[str], include_investments: bool) -> Screened:
    settings: dict[str, Any] = {
        "limits": opened.limits,
        "period_starts_on": opened.period.starts_on,
        "period_ends_on": opened.period.ends_on,
        "as_of": opened.as_of,
        "annex_2_categories": annex_2,
        "include_investments": include_investments,
    }
    return Screened(
        proc.direct_awards.screening(opened.lines_so_far, **settings),
        proc.direct_awards.screening_by_kind(opened.lines_so_far, taxonomy=opened.taxonomy, **settings),
    )


@pytest.fixture(scope="module")
def screened(organisation: Any, truths: Truths) -> dict[str, Screened]:
    annex_2 = truths["direct_award"]["annex_2_categories"]
    assert list(organisation.params.reports.direct_award.annex_2_categories) == annex_2
    return {
        "with_investments": screen(organisation, annex_2, True),
        "without_investments": screen(organisation, annex_2, False),
    }


@pytest.fixture(scope="module")
def screened_before(session_environment: None, truths: Truths) -> Screened:
    return screen(proc.open_organisation("exempel", YEAR_BEFORE), truths["direct_award"]["annex_2_categories"], True)


@pytest.fixture(scope="module")
def ladders(organisation: Any) -> dict[str, pd.DataFrame]:
    return {
        name: proc.loyalty.loyalty_ladder(organisation.lines, **choice).set_index("rung")
        for name, choice in LADDERS.items()
    }


@pytest.fixture(scope="module")
def groups(organisation: Any) -> dict[str, pd.DataFrame]:
    """The loyalty parted in every way there is."""
    return {by: proc.loyalty.loyalty_by(organisation.lines, by) for by in proc.loyalty.GROUPINGS}


@pytest.fixture(scope="module")
def faults(organisation: Any) -> pd.DataFrame:
    return proc.contract_register.register_faults(
        organisation.contracts, organisation.scopes, as_of=LAST_DAY, matched=organisation.lines
    )


@pytest.fixture(scope="module")
def starts(organisation: Any, truths: Truths) -> Any:
    plan = organisation.params.reports.procurement_plan
    assert plan.standstill_and_review_days == truths["procurements"]["standstill_and_review_days"]
    return proc.procurement_plan.procurement_starts(
        organisation.contracts,
        organisation.lines,
        organisation.procurements,
        as_of=LAST_DAY,
        years_ahead=3,
        standstill_and_review_days=plan.standstill_and_review_days,
        lead_time_days=plan.lead_time_days,
        least_history=plan.least_history,
    )


def text(value: Any) -> Any:
    """Give a cell as the truths write it: None when missing, a day as text, an open end as 'open'."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return "open" if value.date() == FAR_FUTURE else value.date().isoformat()
    return value


def parts(value: Any, sign: str = ";") -> list[str]:
    return [] if pd.isna(value) else value.split(sign)


def digits(written: str) -> str:
    return written.replace("-", "")


def register_rows(project: Any, file: str, encoding: str) -> list[dict[str, str]]:
    with (project.root / "data/example" / file).open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


# What was read


def test_every_register_is_read_to_the_row(organisation: Any, truths: Truths) -> None:
    planted, told = truths["register"], organisation.facts["registers"]
    # The savings register's lists follow in tests/test_planted_savings.py.
    controls = {name: told[name] for name in ("contracts", "follow_ups", "procurements")}
    found = {name: (control["rows_read"], control["rows_accepted"]) for name, control in controls.items()}
    follow_ups, procurements = truths["follow_ups"]["rows"], truths["procurements"]["rows"]
    assert found == {
        "contracts": (planted["rows_in_file"], planted["accepted_rows"]),
        "follow_ups": (follow_ups, follow_ups),
        "procurements": (procurements, procurements),
    }
    assert len(organisation.contracts) == planted["contracts"] == len(truths["contracts"])
    assert (len(organisation.follow_ups), len(organisation.procurements)) == (follow_ups, procurements)
    assert [file["name"] for control in controls.values() for file in control["files"]] == [
        truths["files"][name] for name in ("contracts", "follow_ups", "procurements")
    ]
    assert not any(control["unknown_categories"] or control["unknown_kinds"] for control in controls.values())
    assert organisation.procurements["status"].value_counts().to_dict() == {
        STATUSES[status]: count for status, count in truths["procurements"]["by_status"].items()
    }


def test_every_broken_row_is_rejected_for_its_reason(organisation: Any, truths: Truths) -> None:
    columns = ["file", "row_number", "column", "value", "reason"]
    planted = truths["register"]["rejected_rows"]
    listed = organisation.rejected_in_registers
    of_contracts = listed[listed["file"].isin(truths["files"].values())]
    assert of_contracts[columns].to_dict("records") == [{column: row[column] for column in columns} for row in planted]
    assert not {row["contract_id"] for row in planted} & set(organisation.contracts["contract_id"])
    assert len({row["reason"] for row in planted}) > 1


def test_every_contract_has_its_terms(organisation: Any, truths: Truths) -> None:
    found = {
        row["contract_id"]: {
            "row_number": row["row_number"],
            "category_codes": parts(row["category_codes"]),
            "participants": parts(row["participants"]),
            **{
                name: text(row[name])
                for name in (
                    "kind", "starts_on", "ends_on", "latest_ends_on", "registered_on", "registered_by",
                    "owner_is_gone", "contract_class", "value_ore", "procurement_id",
                )
            },
        }
        for row in organisation.contracts.to_dict("records")
    }  # fmt: skip
    planted = {one["contract_id"]: {**one, "kind": KINDS[one["kind"]]} for one in truths["contracts"]}
    assert found == {
        contract_id: {name: one[name] for name in found[contract_id]} for contract_id, one in planted.items()
    }
    # Nothing is equal only because it is never there.
    for name in ("starts_on", "ends_on", "registered_on", "contract_class", "procurement_id"):
        assert len({one[name] for one in planted.values()} - {None}) > 1, name
        assert any(one[name] is None for one in planted.values()), name


def test_every_contract_covers_its_suppliers_categories_and_participants(
    example_project: Any, organisation: Any, truths: Truths, people: set[str]
) -> None:
    ledger = organisation.register
    their_keys = set(ledger.loc[ledger["supplier_type"] == "sole_trader", "supplier_key"])
    for row in truths["contracts"]:
        own = organisation.scopes[organisation.scopes["contract_id"] == row["contract_id"]]
        direct = own[own["through_group"] == 0]
        keys, numbers = set(direct["supplier_key"]), set(row["supplier_numbers"])
        assert len(keys) == len(numbers)
        assert {key.removeprefix("utl:") for key in keys - their_keys} == numbers - people, row
        assert set(direct["category_code"].dropna()) == set(row["category_codes"])
        assert set(direct["participant"].dropna()) == {name.lower() for name in row["participants"]}
        assert len(direct) == len(numbers) * max(1, len(row["category_codes"])) * max(1, len(row["participants"]))
    groups: dict[str, set[str]] = {}
    for row in register_rows(example_project, truths["files"]["groups"], "utf-8-sig"):
        groups.setdefault(row["Koncern"], set()).add(digits(row["Organisationsnummer"]))
    assert len(groups) == truths["register"]["groups"] > 0
    through = organisation.scopes[organisation.scopes["through_group"] == 1]
    members = {one["contract_id"]: set(one["supplier_numbers"]) for one in truths["contracts"]}
    assert {contract_id: set(rows["supplier_key"]) for contract_id, rows in through.groupby("contract_id")} == {
        contract_id: group - theirs
        for contract_id, theirs in members.items()
        for group in groups.values()
        if group & theirs and group - theirs
    }
    assert set(through["contract_id"]) >= set(truths["cases"]["same_group_only"])


def test_no_sole_trader_of_the_registers_stands_in_the_prepared_data(
    example_project: Any, organisation: Any, truths: Truths, people: set[str]
) -> None:
    secrets: set[str] = set()
    others: set[str] = set()
    for register, encoding in (("contracts", "cp1252"), ("follow_ups", "utf-8"), ("groups", "utf-8-sig")):
        for row in register_rows(example_project, truths["files"][register], encoding):
            numbers, suppliers = row["Organisationsnummer"].split(";"), row["Leverantör"].split(";")
            for number, name in zip(map(str.strip, numbers), map(str.strip, suppliers), strict=True):
                if digits(number) in people:
                    secrets |= {name, name.upper(), digits(number), f"{digits(number)[:6]}-{digits(number)[6:]}"}
                else:
                    others.add(name)
    assert len(secrets) >= 4 * len(truths["cases"]["sole_trader"]) > 0
    written = [(organisation.folder / "prepared.json").read_text("utf-8")]
    for path in sorted(organisation.folder.glob("*.parquet")):
        for column in pq.read_table(path).columns:
            written += [str(value) for value in column.unique().to_pylist()]
    everything = "\n".join(written)
    assert not [secret for secret in secrets if secret in everything]
    assert sum(name in everything for name in others) > len(others) / 2, "the search itself can find"


# The loyalty ladder


def test_what_loyalty_is_measured_on_and_what_is_left_out(organisation: Any, loyalty: Truths) -> None:
    base = proc.loyalty.loyalty_base(organisation.lines)
    lines, planted = base.lines.collect().to_pandas(), loyalty["base"]
    assert (len(lines), int(lines["amount_ore"].sum())) == (planted["rows"], planted["amount_ore"])
    assert (lines["invoice_key"].nunique(), lines["supplier_key"].nunique()) == (
        planted["invoices"], planted["suppliers"],
    )  # fmt: skip
    assert {one.reason: {"rows": one.rows, "amount_ore": one.amount_ore} for one in base.excluded} == {
        reason: counted for reason, counted in loyalty["excluded"].items() if counted["rows"]
    }
    assert len(base.excluded) > 2
    every = organisation.lines.df()
    assert len(every) == len(lines) + sum(one.rows for one in base.excluded)
    assert every["amount_ore"].sum() == lines["amount_ore"].sum() + sum(one.amount_ore for one in base.excluded)
    crossed = every.groupby(["spend_class", "lou_covered"])["amount_ore"].sum().to_dict()
    assert crossed == {
        (spend_class, covered): ore
        for spend_class, sums in loyalty["spend_class_by_lou_ore"].items()
        for covered, ore in sums.items()
    }


@pytest.mark.parametrize("name", LADDERS)
def test_every_rung_of_the_ladder(
    organisation: Any, ladders: dict[str, pd.DataFrame], loyalty: Truths, name: str
) -> None:
    found, planted = ladders[name], loyalty[name]
    for rung, wanted in planted["rungs"].items():
        row = found.loc[int(rung)]
        assert (row["proven_ore"], row["possible_ore"]) == (wanted["proven_ore"], wanted["possible_ore"]), rung
        assert row["denominator_ore"] == planted["denominator_ore"]
        assert row["unknown_ore"] == wanted["possible_ore"] - wanted["proven_ore"]
    assert sorted(found.index[found["measurable"]]) == [1, 2, 3, 4]
    assert found.loc[5, ["proven_ore", "possible_ore"]].isna().all() and found.loc[5, "reason"]


def test_the_credits_that_find_no_purchase(organisation: Any, loyalty: Truths) -> None:
    for name in ("ladder", "ladder_with_investments"):
        steps = proc.loyalty.missing_by_rung(organisation.lines, **LADDERS[name])
        assert steps["amount_ore"].iloc[0] == loyalty[name]["credits_left_ore"] < 0


@pytest.mark.parametrize("name", ["ladder", "ladder_then"])
def test_the_invoices_on_every_rung(ladders: dict[str, pd.DataFrame], loyalty: Truths, name: str) -> None:
    planted, found = loyalty[name]["invoices_without_credit_notes"], ladders[name]
    assert set(found["invoices_count"]) == {planted["denominator"]}
    for rung, wanted in planted["rungs"].items():
        row = found.loc[int(rung)]
        assert row["invoices_proven_count"] == wanted["proven_all_rows"]
        assert row["invoices_possible_count"] == wanted["possible_all_rows"]


def test_the_headline_figures(organisation: Any, loyalty: Truths) -> None:
    rungs, denominator = loyalty["ladder"]["rungs"], loyalty["ladder"]["denominator_ore"]
    measures = proc.loyalty.supplier_loyalty, proc.loyalty.category_loyalty, proc.loyalty.late_registered_share
    proven = rungs["2"]["proven_ore"], rungs["4"]["proven_ore"], loyalty["late_registered"]["late_ore"]
    for measure, ore in zip(measures, proven, strict=True):
        figure = measure(organisation.lines)
        assert (figure.numerator * 100, figure.denominator * 100) == (ore, denominator)
        assert figure.value == figure.numerator * 100 / figure.denominator
        assert not figure.unknown_because


@pytest.mark.parametrize("by", GROUPS)
def test_loyalty_per_category_and_unit(groups: dict[str, pd.DataFrame], loyalty: Truths, by: str) -> None:
    key = proc.loyalty.GROUPINGS[by].key
    columns = {
        "denominator_ore": "denominator_ore",
        "supplier_proven_ore": "rung_2_proven_ore",
        "supplier_possible_ore": "rung_2_possible_ore",
        "category_proven_ore": "rung_4_proven_ore",
        "category_possible_ore": "rung_4_possible_ore",
    }
    found = groups[by].set_index(key)[list(columns)].rename(columns=columns).to_dict("index")
    assert found == loyalty[GROUPS[by]] and len(found) > 1


def test_what_was_registered_late_per_unit(organisation: Any, groups: dict[str, pd.DataFrame], loyalty: Truths) -> None:
    rows = groups["unit"].set_index("unit")
    planted = loyalty["late_registered_by_unit"]
    assert set(rows.index) == set(planted)
    for unit, wanted in planted.items():
        row = rows.loc[unit]
        assert row["denominator_ore"] == wanted["denominator_ore"]
        assert row["supplier_proven_ore"] == wanted["proven_now_ore"]
        assert row["late_registered_ore"] == wanted["late_ore"]
        assert row["late_possible_ore"] == wanted["late_ore"] + wanted["may_be_late_ore"]
        assert row["supplier_proven_ore"] - row["late_possible_ore"] == wanted["proven_then_ore"]
    whole = loyalty["late_registered"]
    assert rows["late_registered_ore"].sum() == whole["late_ore"] > 0
    assert rows["late_possible_ore"].sum() == whole["late_ore"] + whole["may_be_late_ore"] > whole["late_ore"]


# What must always hold of the ladder


def test_the_ladder_never_rises(organisation: Any, ladders: dict[str, pd.DataFrame]) -> None:
    for found in ladders.values():
        measured = found[found["measurable"]]
        for column in ("proven_ore", "possible_ore", "invoices_proven_count", "invoices_possible_count"):
            assert measured[column].is_monotonic_decreasing, column
        assert (measured["proven_ore"] <= measured["possible_ore"]).all()
    for then in ("proven", "possible"):
        assert (ladders["ladder_then"][f"{then}_ore"].dropna() <= ladders["ladder"][f"{then}_ore"].dropna()).all()


def test_the_ladder_never_rises_in_any_unit_or_category(
    organisation: Any, groups: dict[str, pd.DataFrame], ladders: dict[str, pd.DataFrame]
) -> None:
    lines = proc.loyalty.loyalty_base(organisation.lines).lines.collect().to_pandas()
    bought = lines["settled_ore"].where(lines["amount_ore"] > 0, 0)
    for word in ("proven", "possible"):
        rungs = pd.DataFrame({rung: bought.where(lines[f"{word}_rung"] >= rung, 0) for rung in range(5)})
        for key in ("unit", "category_code"):
            summed = rungs.groupby(lines[key]).sum()
            assert len(summed) > 5
            assert (summed.diff(axis="columns").iloc[:, 1:] <= 0).all(axis=None), (word, key)
            assert summed.sum().loc[1:].tolist() == ladders["ladder"][f"{word}_ore"].dropna().tolist()
    for rows in groups.values():
        for name in ("supplier", "category"):
            assert (rows[f"{name}_proven_ore"] <= rows[f"{name}_possible_ore"]).all()
        for word in ("proven", "possible"):
            assert (rows[f"category_{word}_ore"] <= rows[f"supplier_{word}_ore"]).all()


def test_what_each_group_lacks_adds_up_to_what_the_whole_lacks(
    organisation: Any, groups: dict[str, pd.DataFrame], loyalty: Truths
) -> None:
    denominator, rungs = loyalty["ladder"]["denominator_ore"], loyalty["ladder"]["rungs"]
    for by, rows in groups.items():
        assert rows["denominator_ore"].sum() == denominator, by
        assert rows["lines_count"].sum() == loyalty["base"]["rows"]
        assert rows["share_pct"].sum() == pytest.approx(100)
        for name, rung in (("supplier", "2"), ("category", "4")):
            lacking = denominator - rungs[rung]["proven_ore"]
            assert rows[f"{name}_proven_ore"].sum() == rungs[rung]["proven_ore"]
            assert rows[f"{name}_missing_ore"].sum() == lacking
            assert rows[f"{name}_missing_pct"].sum() == pytest.approx(lacking * 100 / denominator)
    steps = proc.loyalty.missing_by_rung(organisation.lines)
    assert steps["amount_ore"].sum() == denominator - rungs["4"]["proven_ore"]
    assert steps["left_ore"].iloc[1:].tolist() == [rungs[rung]["proven_ore"] for rung in "1234"]


# The direct-award limit


def windows(row: dict[str, Any]) -> list[Any]:
    """Give both windows of a measured row as the truths tell them."""
    told = [row["year_may_ore"]]
    for name in ("year", "rolling"):
        told += [row[f"{name}_amount_ore"]]
        told += [text(row[f"{name}_{which}"]) for which in ("starts_on", "ends_on", "crosses_on")]
        told += ["open" if row[f"{name}_status"] == "unknown" else row[f"{name}_status"]]
    return told


def planted_windows(one: Truths) -> list[Any]:
    columns = ("amount_ore", "starts_on", "ends_on", "crosses_on", "standing")
    return [one["year_may_ore"], *(one[name][column] for name in ("year", "rolling") for column in columns)]


def listed(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Keep what comes near the ordinary limit in either window: that is what the truths list."""
    largest = rows[["year_amount_ore", "rolling_amount_ore"]].max(axis="columns")
    return rows[largest * 100 >= LIMIT_ORE * NEAR_SHARE].to_dict("records")


@pytest.mark.parametrize("choice", ["with_investments", "without_investments"])
def test_every_supplier_near_or_over_the_limit(screened: dict[str, Screened], truths: Truths, choice: str) -> None:
    planted = truths["direct_award"]
    assert (planted["limit_ore"], planted["near_pct"]) == (LIMIT_ORE, NEAR_SHARE)
    found, wanted = listed(screened[choice].suppliers), planted[choice]["suppliers"]
    known = [row for row in found if row["supplier_type"] != "sole_trader"]
    assert {(row["supplier_key"], row["limit_id"]): windows(row) for row in known} == {
        (one["supplier_number"], one["limit_id"]): planted_windows(one)
        for one in wanted
        if one["supplier_type"] != "sole_trader"
    }
    assert len(known) > 2
    # A sole trader has a key made of the masking key, so only the sums can be compared.
    theirs = [windows(row) for row in found if row["supplier_type"] == "sole_trader"]
    planted_theirs = [planted_windows(one) for one in wanted if one["supplier_type"] == "sole_trader"]
    assert sorted(theirs, key=str) == sorted(planted_theirs, key=str) and theirs


@pytest.mark.parametrize("choice", ["with_investments", "without_investments"])
def test_every_kind_near_or_over_the_limit(screened: dict[str, Screened], truths: Truths, choice: str) -> None:
    found, wanted = listed(screened[choice].kinds), truths["direct_award"][choice]["kinds"]
    assert {(row["kind_code"], row["limit_id"]): windows(row) for row in found} == {
        (one["key"], one["limit_id"]): planted_windows(one) for one in wanted
    }
    assert len(found) == len(wanted) > 2


def test_the_suppliers_left_without_a_contract(screened: dict[str, Screened], truths: Truths) -> None:
    rows = screened["with_investments"].suppliers
    cases = {
        case: {supplier["supplier_number"] for supplier in suppliers}
        for case, suppliers in truths["left_without_contract"].items()
    }
    over, annex_2 = rows[rows["year_status"] == "over"], rows[rows["limit_id"] == "direct_award_annex_2"]
    rolling = rows[(rows["rolling_status"] == "over") & (rows["year_status"] != "over")]
    assert cases["over_in_the_year"] and cases["over_in_the_year"] <= set(over["supplier_key"])
    assert cases["over_in_a_rolling_year_only"] <= set(rolling["supplier_key"])
    assert cases["annex_2_over"] <= set(annex_2["supplier_key"]) and set(annex_2["status"]) == {"unknown"}
    assert not cases["over_the_year_before_only"] & set(over["supplier_key"])


def test_how_many_suppliers_are_over_the_limit_this_year_and_the_year_before(
    organisation: Any, screened: dict[str, Screened], screened_before: Screened, truths: Truths
) -> None:
    planted, rows = truths["direct_award"]["with_investments"], screened["with_investments"].suppliers
    figure = proc.direct_awards.suppliers_above_limit(organisation.lines, rows, screened_before.suppliers)
    now, before = planted["suppliers_over"][YEAR], planted["suppliers_over"][YEAR_BEFORE]
    assert figure.value == now > 0
    assert figure.comparison.startswith(f"{before} året före")
    assert f"{'fler' if now > before else 'färre'} nu" in figure.comparison or now == before
    for year, found in ((YEAR, rows), (YEAR_BEFORE, screened_before.suppliers)):
        over = found[found["year_status"] == "over"]
        assert over["supplier_key"].nunique() == planted["suppliers_over_in_the_year"][year]
        assert found.loc[found["status"] == "over", "supplier_key"].nunique() == planted["suppliers_over"][year]
    running = screened["without_investments"].suppliers
    over_now = truths["direct_award"]["without_investments"]["suppliers_over"][YEAR]
    assert running.loc[running["status"] == "over", "supplier_key"].nunique() == over_now


def test_the_purchases_parted_by_contract_and_limit(
    organisation: Any, screened: dict[str, Screened], truths: Truths
) -> None:
    planted = truths["direct_award"]
    parted = proc.direct_awards.three_way_split(
        organisation.lines,
        by_supplier=screened["with_investments"].suppliers,
        by_kind=screened["with_investments"].kinds,
        annex_2_categories=planted["annex_2_categories"],
    )
    found = dict(zip(parted["part"], parted["amount_ore"], strict=True))
    assert found == planted["split_with_screening_of_investments"]
    assert all(found.values())
    base = truths["loyalty"]["base"]
    assert (parted["lines_count"].sum(), parted["amount_ore"].sum()) == (base["rows"], base["amount_ore"])
    assert parted["share_pct"].sum() == pytest.approx(100)
    figure = proc.direct_awards.spend_without_contract(organisation.lines)
    assert figure.numerator * 100 == planted["without_contract_ore"]
    assert figure.denominator * 100 == base["amount_ore"]
    assert planted["without_contract_ore"] == sum(
        found[part] for part in ("plausible", "above_limit", "cannot_be_judged")
    )


# The register itself


def test_every_fault_of_the_register(organisation: Any, faults: pd.DataFrame, truths: Truths) -> None:
    planted = truths["faults"]
    wanted = {
        **{
            name: set(planted[name])
            for name in (
                "no_start", "no_end", "no_category", "no_class", "owner_gone", "not_archived", "registered_late",
            )
        },
        "overlap": {contract_id for pair in planted["overlap"] for contract_id in pair},
        "ended_bought_from": {one["contract_id"] for one in planted["ended_bought_from"]},
    }  # fmt: skip
    found = {fault: set(rows["contract_id"]) for fault, rows in faults.groupby("fault")}
    assert found == wanted and all(wanted.values())
    assert not faults.duplicated(["contract_id", "fault"]).any()
    counted = proc.contract_register.fault_counts(
        organisation.contracts, organisation.scopes, as_of=LAST_DAY, matched=organisation.lines
    ).set_index("fault")["contracts_count"]
    assert counted[counted > 0].to_dict() == {fault: len(ids) for fault, ids in wanted.items()}
    sound = proc.contract_register.contract_register_quality(
        organisation.contracts, organisation.scopes, as_of=LAST_DAY, matched=organisation.lines
    )
    contracts = truths["register"]["contracts"]
    assert (sound.numerator, sound.denominator) == (contracts - len(set().union(*wanted.values())), contracts)


def test_the_contracts_that_overlap(organisation: Any, truths: Truths) -> None:
    pairs = proc.contract_register.overlapping_contracts(organisation.contracts, organisation.scopes)
    found = sorted(pairs[["contract_id", "other_contract_id"]].to_numpy().tolist())
    assert found == truths["faults"]["overlap"] and found


def test_what_was_bought_after_the_end(organisation: Any, faults: pd.DataFrame, truths: Truths) -> None:
    rows = faults[faults["fault"] == "ended_bought_from"]
    found = dict(zip(rows["contract_id"], rows["amount_ore"], strict=True))
    assert found == {one["contract_id"]: one["amount_ore"] for one in truths["faults"]["ended_bought_from"]}


def test_the_contracts_that_end_each_year(organisation: Any, truths: Truths) -> None:
    contracts, new_year = organisation.contracts, date(2026, 1, 1)
    ending = proc.contract_register.contracts_ending(contracts, organisation.lines, as_of=new_year)
    ending = ending.merge(contracts[["contract_id", "value_ore"]], on="contract_id")
    found = {
        str(year): {
            row["contract_id"]: {
                **{name: text(row[name]) for name in ("ends_on", "latest_ends_on", "contract_class", "value_ore")},
                "bought_ore": row["amount_ore"],
                "may_ore": row["may_ore"],
            }
            for row in rows.to_dict("records")
        }
        for year, rows in ending.groupby("ending_year")
    }
    planted = {year: told for year, told in truths["expiry"].items() if year != "definitions"}
    assert found == {
        year: {
            one["contract_id"]: {name: value for name, value in one.items() if name != "contract_id"}
            for one in told["contracts"]
        }
        for year, told in planted.items()
    }
    years = proc.contract_register.contracts_by_year(contracts, organisation.lines, as_of=new_year)
    assert {str(row["year"]): (row["contracts_count"], row["amount_ore"]) for row in years.to_dict("records")} == {
        year: (told["contracts_count"], told["bought_ore"] + told["may_ore"]) for year, told in planted.items()
    }
    assert any(told["may_ore"] for told in planted.values())


# Follow-ups


def test_the_follow_ups_planned_and_done(organisation: Any, truths: Truths) -> None:
    planted, register = truths["follow_ups"], organisation.follow_ups
    done = proc.follow_ups.follow_ups_done(register, starts_on=FIRST_DAY, ends_on=LAST_DAY)
    assert (done.numerator, done.denominator) == (
        planted["planned_in_period_and_done_by_its_end"], planted["planned_in_period"],
    )  # fmt: skip
    against_goal = proc.follow_ups.follow_ups_done(register, starts_on=FIRST_DAY, ends_on=LAST_DAY, yearly_goal=40)
    assert (against_goal.numerator, against_goal.denominator) == (planted["done_in_period"], 40)
    kinds = proc.follow_ups.follow_ups_by_kind(register, as_of=LAST_DAY)
    of_the_year = kinds[kinds["year"] == int(YEAR)].groupby("kind")["done_count"].sum()
    assert of_the_year[of_the_year > 0].to_dict() == planted["done_in_period_by_kind"]
    assert of_the_year.sum() == planted["done_in_period"] > 0
    not_done = register[(register["planned_on"] <= pd.Timestamp(LAST_DAY)) & register["done_on"].isna()]
    assert sorted(not_done["follow_up_id"]) == sorted(planted["planned_but_not_done"])
    due = kinds[kinds["year"] <= int(YEAR)]
    assert due["not_done_count"].sum() == len(not_done) > 0


def test_the_deviations_that_are_still_open(organisation: Any, truths: Truths) -> None:
    planted = truths["follow_ups"]
    still_open = proc.follow_ups.open_deviations(organisation.follow_ups, as_of=LAST_DAY)
    found = {row["follow_up_id"]: text(row["escalation_step"]) for row in still_open.to_dict("records")}
    assert found == {one["follow_up_id"]: one["escalation_step"] for one in planted["deviations_open"]}
    kinds = proc.follow_ups.follow_ups_by_kind(organisation.follow_ups, as_of=LAST_DAY)
    assert kinds["deviations_count"].sum() == planted["deviations"]
    assert kinds["open_deviations_count"].sum() == len(found) > 0


def test_the_contracts_whose_follow_up_is_overdue(organisation: Any, truths: Truths) -> None:
    planted = truths["follow_ups"]
    months = organisation.params.reports.supplier_follow_up.months_between
    assert dict(months) == planted["months_between"]
    due = proc.follow_ups.follow_ups_due(
        organisation.contracts, organisation.follow_ups, months_between=months, as_of=LAST_DAY
    )
    overdue = due[due["state"] == "overdue"]
    found = {row["contract_id"]: text(row["next_on"]) for row in overdue.to_dict("records")}
    assert found == {one["contract_id"]: one["next_on"] for one in planted["contracts_overdue"]} and found
    counted = proc.follow_ups.follow_ups_due_by_class(due)
    assert counted["overdue_count"].sum() == len(found)


# Procurements


def test_how_long_procurements_take(organisation: Any, truths: Truths) -> None:
    planted, procurements = truths["procurements"], organisation.procurements
    finished = procurements[procurements["status"] == "finished"]
    days = (finished["ended_on"] - finished["started_on"]).dt.days
    assert sorted(days.dropna()) == planted["lead_days"]
    least = organisation.params.reports.procurement_plan.least_history
    times = proc.procurement_plan.lead_time(procurements, lead_time_days=None, least_history=least)
    whole = times[times["category_code"].isna()].iloc[0]
    assert (whole["finished_count"], whole["days"]) == (len(planted["lead_days"]), planted["lead_days_median"])
    own = times[times["category_code"].notna()]
    of_its_own = own[own["finished_count"] >= least]
    found = dict(zip(of_its_own["category_code"], of_its_own["days"], strict=True))
    assert found == planted["lead_days_median_by_category"]
    assert set(own.loc[own["finished_count"] < least, "days"]) == {planted["lead_days_median"]}


def test_when_each_procurement_must_start(starts: Any, truths: Truths) -> None:
    planted = truths["procurements"]
    known = starts.contracts.dropna(subset="latest_start_on")
    found = {row["contract_id"]: text(row["latest_start_on"]) for row in known.to_dict("records")}
    assert found == planted["latest_starts"] and len(found) > 2
    ahead = known[known["procurement_status"].isin(["planned", "running"])]
    late = ahead.loc[ahead["start_on"] > ahead["latest_start_on"], "procurement_id"]
    assert sorted(late) == sorted(planted["begin_too_late"]) and len(late)
    assert set(ahead.loc[ahead["gap_days"] > 0, "procurement_id"]) == set(late)


def test_how_the_procurements_went(organisation: Any, truths: Truths) -> None:
    planted, plan = truths["procurements"], proc.procurement_plan
    procurements = organisation.procurements
    at_least = organisation.params.reports.procurement_plan.coordinated.at_least
    for year in planted["planned"]:
        days = {"starts_on": date(int(year), 1, 1), "ends_on": date(int(year), 12, 31)}
        figures = {
            "planned": plan.planned_share(procurements, **days),
            "coordinated": plan.coordinated_share(procurements, **days, at_least=at_least),
            "finished_as_planned": plan.finished_as_planned(procurements, **days, as_of=LAST_DAY),
        }
        for name, figure in figures.items():
            wanted = planted[name][year]
            assert (figure.numerator, figure.denominator) == (wanted["numerator"], wanted["denominator"]), (name, year)
            assert not figure.excluded
    of_all = planted["planned_of_all"]
    assert (procurements["is_planned"].sum(), len(procurements)) == (of_all["numerator"], of_all["denominator"])


def test_the_bids_and_the_load_of_each_buyer(organisation: Any, starts: Any, truths: Truths) -> None:
    planted, procurements = truths["procurements"], organisation.procurements
    single = proc.procurement_plan.single_bid_share(procurements, starts_on=date(2000, 1, 1), ends_on=LAST_DAY)
    assert (single.numerator, single.denominator) == (planted["bids"]["1"], sum(planted["bids"].values()))
    times = proc.procurement_plan.lead_time(procurements, lead_time_days=None, least_history=5)
    load = proc.procurement_plan.load_per_buyer(procurements, starts, times, as_of=LAST_DAY, months_ahead=60)
    assigned = load.months[load.months["buyer_name"] != proc.procurement_plan.UNASSIGNED]
    several = assigned[assigned["starts_count"] > 1]
    found = {f"{row['buyer_name']} {row['month']}": row["starts_count"] for row in several.to_dict("records")}
    wanted = planted["planned_starts_by_buyer_and_month"]
    # Only months ahead have a load; what began before the last day is not counted again.
    assert found == {key: count for key, count in wanted.items() if key.split()[-1] > f"{LAST_DAY:%Y-%m}"} and found


def test_no_procurement_is_planned_to_end_before_it_begins() -> None:
    days = {"starts_on": date(2023, 6, 1), "ends_on": date(2026, 12, 31), "registered_on": date(2023, 5, 1)}
    contract = Contract(
        contract_id="", case="", title="Kaffe, avtal 1", suppliers=(0,), categories=("13.01",), participants=(),
        kind="Ramavtal", open_ended=False, option_months=(), options_exercised=0, registered_by="", owner="",
        archive_place="", procurement_id="", value_ore=100_000_00, contract_class="C", bids_count=2, **days,
    )  # fmt: skip
    contracts = tuple(replace(contract, contract_id=f"AVT-2023-{number:04d}") for number in range(61))
    for seed in range(50, 70):  # among them one that needs the care taken
        drawn, _ = draw_procurements(contracts, np.random.default_rng(seed))
        planned = [one for one in drawn if one.planned_start_on and one.planned_end_on]
        assert len(planned) > 30
        assert not [one for one in planned if one.planned_end_on <= one.planned_start_on], seed


# Without registers


@pytest.fixture(scope="module")
def screened_without(without_registers: Any, truths: Truths) -> Screened:
    return screen(without_registers, truths["direct_award"]["annex_2_categories"], True)


def test_without_a_register_every_figure_is_unknown_and_says_why(
    without_registers: Any, screened_without: Screened
) -> None:
    opened = without_registers
    lines, contracts, scopes = opened.lines, opened.contracts, opened.scopes
    days: dict[str, Any] = {"starts_on": FIRST_DAY, "ends_on": LAST_DAY}
    loyalty, award, register = proc.loyalty, proc.direct_awards, proc.contract_register
    followed, plan = proc.follow_ups, proc.procurement_plan
    starts = plan.procurement_starts(
        contracts, lines, opened.procurements, as_of=LAST_DAY, years_ahead=3, standstill_and_review_days=60,
        lead_time_days=240, least_history=5,
    )  # fmt: skip
    figures = {
        NO_REGISTER: [
            loyalty.supplier_loyalty(lines, target_pct=80),
            loyalty.supplier_loyalty(lines, include_investments=True),
            loyalty.category_loyalty(lines, target_pct=80),
            loyalty.late_registered_share(lines),
            award.spend_without_contract(lines),
            award.suppliers_above_limit(lines, screened_without.suppliers, screened_without.suppliers),
            register.contract_register_quality(contracts, scopes, as_of=LAST_DAY, matched=lines),
            register.archived_share(contracts),
            register.contracts_with_owner_share(contracts),
            plan.contract_gap_exposure(starts),
        ],
        NO_FOLLOW_UPS: [
            followed.follow_ups_done(opened.follow_ups, **days),
            followed.follow_ups_done(opened.follow_ups, **days, yearly_goal=250),
            followed.suppliers_followed_up_share(lines, opened.follow_ups, above_ore=0, **days),
            followed.followed_up_volume_share(lines, opened.follow_ups, above_ore=0, **days),
        ],
        NO_PROCUREMENTS: [
            plan.planned_share(opened.procurements, **days),
            plan.coordinated_share(opened.procurements, **days),
            plan.finished_as_planned(opened.procurements, **days, as_of=LAST_DAY),
            plan.single_bid_share(opened.procurements, **days),
        ],
    }
    for reason, unknown in figures.items():
        for figure in unknown:
            assert (figure.value, figure.numerator, figure.unknown_because) == (None, None, reason), figure.id
            assert (figure.comparison, figure.status) == ("", ""), figure.id


def test_without_a_register_no_table_shows_a_share(without_registers: Any, screened_without: Screened) -> None:
    opened, found = without_registers, screened_without
    lines, contracts, scopes = opened.lines, opened.contracts, opened.scopes
    assert opened.registers.empty and opened.rejected_in_registers.empty
    for frame in (contracts, scopes, opened.follow_ups, opened.procurements):
        assert frame.empty
    assert opened.all_lines.df()[names(MATCHED_COLUMNS)].isna().all(axis=None)
    large = proc.loyalty.loyalty_with_and_without_large(lines, large_item_limit_ore=1_000_000_00)
    tables = [
        proc.loyalty.loyalty_ladder(lines),
        *(proc.loyalty.loyalty_by(lines, by, target_pct=80) for by in ("unit", "category")),
        proc.loyalty.missing_by_rung(lines),
        proc.loyalty.largest_without_contract(lines),
        large.compared,
        large.items,
        found.suppliers,
        found.kinds,
        proc.direct_awards.three_way_split(lines, by_supplier=found.suppliers, by_kind=found.kinds),
        proc.contract_register.overlapping_contracts(contracts, scopes),
    ]
    assert [place for place, table in enumerate(tables) if len(table)] == []
    counts = proc.contract_register.fault_counts(contracts, scopes, as_of=LAST_DAY, matched=lines)
    assert counts[["contracts_count", "amount_ore", "share_pct"]].isna().all(axis=None)
    assert set(counts["unknown_because"]) == {NO_REGISTER}
    times = proc.procurement_plan.lead_time(opened.procurements, lead_time_days=None, least_history=5)
    assert times["days"].isna().all() and times["unknown_because"].str.startswith(NO_PROCUREMENTS).all()
