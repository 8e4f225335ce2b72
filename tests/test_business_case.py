"""A business case as it is opened: what of today comes from the ledger, what by hand, and what is refused."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import procanalysis as proc
from procanalysis.business_case import BusinessCase, open_business_case
from procanalysis.business_case.today import own_track_record, todays_numbers
from procanalysis.errors import ParamsError
from procanalysis.measures.business_case import results
from procanalysis.measures.loyalty import category_loyalty
from procanalysis.measures.opportunities import category_profile
from procanalysis.params.business_case import load_business_case
from procanalysis.schema import kronor

CONSULTANTS = "07.06"
LARGEST = "04.01"
EMPTY = "03.01"
REGISTERS = ("contracts", "follow_ups", "procurements", "savings")
GAIN = {"low": 1, "likely": 2, "high": 3, "evidence": "Bedömning"}
LOYAL = {**GAIN, "low": 98, "likely": 99, "high": 100}


def lever(kind: str, **more: Any) -> dict[str, Any]:
    drivers = {
        "contract_loyalty": ("loyalty_after_pct", "price_difference_pct"),
        "renegotiation": ("affected_share_pct", "price_effect_pct"),
        "fewer_suppliers": ("suppliers_after", "cost_per_supplier_sek"),
        "e_commerce": ("invoices_removed", "cost_per_invoice_sek"),
    }[kind]
    given = {name: LOYAL if name == "loyalty_after_pct" else GAIN for name in drivers}
    return {
        "id": kind, "kind": kind, "title": f"Åtgärd {kind}", "benefit": "cash", "drivers": given,
        "realised_by": {"Inköp": 100}, **more,
    }  # fmt: skip


BARE: dict[str, Any] = {
    "title": "Lägre priser",
    "organisation": "exempel",
    "question": "Ska priserna förhandlas om?",
    "starts_on": date(2026, 1, 1),
    "horizon_years": 3,
    "discount_rate": {"pct": 2.5, "source": "SKR"},
    "price_basis": "fasta priser",
    "baseline": {"category": CONSULTANTS, "period": "2025"},
    "alternatives": [{"id": "talk", "title": "Förhandla", "levers": [lever("renegotiation")]}],
}
ALL_NEEDS = [lever(kind) for kind in ("renegotiation", "contract_loyalty", "fewer_suppliers", "e_commerce")]

pytestmark = pytest.mark.slow
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def cases(in_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of case files of the test's own, beside an organisation file that reads the shared ledger."""
    folder = tmp_path / "params"
    for name in ("organisations", "mappings", "taxonomies"):
        shutil.copytree(in_project.root / "params" / name, folder / name)
    (folder / "business_cases").mkdir()
    # The same inputs by the same names, so that what is prepared already is used.
    (tmp_path / "data").symlink_to(in_project.root / "data")
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(folder / "organisations"))
    return folder / "business_cases"


def write(folder: Path, change: Change = lambda content: None) -> Path:
    content = copy.deepcopy(BARE)
    change(content)
    path = folder / "fall.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def opened(folder: Path, change: Change = lambda content: None) -> BusinessCase:
    return open_business_case(write(folder, change).stem)


def refusal(folder: Path, change: Change) -> tuple[Path, str]:
    path = write(folder, change)
    with pytest.raises(ParamsError) as caught:
        open_business_case(path.stem)
    return path, str(caught.value)


def line_of(path: Path, words: str, nth: int = 1) -> int:
    return [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if words in line][nth - 1]


def without_registers(folder: Path) -> None:
    """Give the organisation a file of its own that names the ledger and no register."""
    own = folder.parent / "organisations/exempel.yml"
    content = yaml.safe_load(own.read_text("utf-8"))
    for part in REGISTERS:
        del content[part]
    content["reports"] = {}
    own.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def all_needs(content: dict[str, Any]) -> None:
    content["alternatives"][0]["levers"] = copy.deepcopy(ALL_NEEDS)


# Today's numbers


def test_the_ledgers_numbers_are_those_of_the_category_reports(session_environment: None, example_project: Any) -> None:
    case = open_business_case("exempel-it-konsulter")
    lines = proc.in_category(proc.open_organisation("exempel", "2025").lines, CONSULTANTS)
    profile, loyalty = category_profile(lines), category_loyalty(lines)
    assert loyalty.value is not None
    assert profile.amount_ore == example_project.truths["business_cases"]["exempel-it-konsulter"]["spend_ore"]
    assert case.case.today["spend_sek"] == kronor(profile.amount_ore)
    assert case.case.today["loyalty_pct"] == round(loyalty.value, 2)
    assert case.case.today["invoices_count"] == profile.invoices_count
    # The file counts the suppliers in another way than the ledger, and a number by hand goes before the ledger's.
    by_number = {each.number: each for each in case.of_today}
    assert (by_number["suppliers_count"].value, profile.positive_suppliers_count < 60) == (60, True)
    assert by_number["suppliers_count"].origin == case.params.baseline.by_hand.evidence
    assert by_number["spend_sek"].origin == "Inköp enligt leverantörsreskontran, 2025"


def test_a_shorter_period_is_reckoned_to_twelve_months(cases: Path) -> None:
    def of_a_quarter(content: dict[str, Any]) -> None:
        all_needs(content)
        content["baseline"] = {"category": LARGEST, "period": "2025-Q1"}

    case = opened(cases, of_a_quarter)
    lines = proc.in_category(proc.open_organisation("exempel", "2025-Q1").lines, LARGEST)
    profile, loyalty = category_profile(lines), category_loyalty(lines)
    assert profile.invoices_count and loyalty.value is not None and loyalty.denominator is not None
    assert case.case.today == {
        "spend_sek": kronor(profile.amount_ore) * 4,
        "invoices_count": profile.invoices_count * 4,
        "suppliers_count": profile.positive_suppliers_count,
        "loyalty_pct": round(loyalty.value, 2),
        "loyalty_base_sek": loyalty.denominator * 4,
    }
    said = {each.number: each.origin for each in case.of_today}
    assert said["spend_sek"].endswith("januari 2025–mars 2025, omräknat till tolv månader från 3")
    assert said["invoices_count"].endswith("omräknat till tolv månader från 3")
    assert "omräknat" not in said["suppliers_count"] + said["loyalty_pct"], "the same in a quarter as in a year"


def test_the_baseline_shows_the_numbers_that_some_lever_uses(cases: Path) -> None:
    case = opened(cases)
    assert case.baseline["number"].tolist() == ["spend_sek"]
    assert case.baseline["used_by"].tolist() == ["Åtgärd renegotiation"]
    assert {each.number for each in case.of_today} > {"spend_sek"}, "the others are known, and not used"

    def in_words_only(content: dict[str, Any]) -> None:
        quality = {"id": "safe", "kind": "e_commerce", "title": "Tryggt", "benefit": "quality", "text": "Färre fel"}
        content["alternatives"][0]["levers"].append(quality)

    assert opened(cases, in_words_only).baseline["number"].tolist() == ["spend_sek"]
    assert set(opened(cases, all_needs).baseline["number"]) == {
        "spend_sek", "loyalty_pct", "loyalty_base_sek", "suppliers_count", "invoices_count",
    }  # fmt: skip


def test_purchases_that_are_not_above_zero_are_no_number_to_reckon_from(session_environment: None) -> None:
    organisation = proc.open_organisation("exempel", "2025")
    params = load_business_case(Path(__file__).parents[1] / "params/business_cases/exempel-it-konsulter.yml")
    reversed_lines = proc.in_category(organisation.lines, CONSULTANTS).project(
        "* REPLACE (-abs(amount_ore) AS amount_ore)"
    )
    spend = next(each for each in todays_numbers(params, organisation, reversed_lines) if each.number == "spend_sek")
    assert spend.value is None and "inte över noll" in spend.origin


# What is refused


def test_a_category_that_is_not_in_the_tree_is_refused_with_its_line_and_the_nearest(cases: Path) -> None:
    path, said = refusal(cases, lambda c: c["baseline"].update(category="07.66"))
    assert "fall.yml: 1 problem(s) to correct" in said
    assert f"line {line_of(path, 'category:')}: 'baseline.category': there is no category '07.66'" in said
    assert "Did you mean '07.06'" in said


def test_a_category_that_nobody_has_bought_in_is_refused_with_its_line(cases: Path) -> None:
    path, said = refusal(cases, lambda c: c["baseline"].update(category=EMPTY))
    assert (
        f"line {line_of(path, 'category:')}: 'baseline.category': no posting of 2025 is in category '{EMPTY}'" in said
    )
    assert "Choose another, or give numbers by hand" in said


def test_a_number_that_nobody_knows_is_refused_where_it_is_needed(cases: Path) -> None:
    def of_no_category(content: dict[str, Any]) -> None:
        all_needs(content)
        content["baseline"] = {"by_hand": {"spend_sek": 1000, "suppliers_count": 9, "evidence": "Räknat"}}

    path, said = refusal(cases, of_no_category)
    for kind, number in (("contract_loyalty", "loyalty_pct"), ("e_commerce", "invoices_count")):
        assert f"line {line_of(path, f'kind: {kind}')}: " in said and f"reckoned from {number}" in said
    assert "2 problem(s)" in said and "Give baseline.by_hand.invoices_count with evidence" in said


def test_more_than_the_ledger_holds_is_refused_where_it_is_promised(cases: Path) -> None:
    def of_too_many(content: dict[str, Any]) -> None:
        many = lever("e_commerce")
        many["drivers"]["invoices_removed"] = {"value": 10**8, "evidence": "Önskan"}
        content["alternatives"][0]["levers"] = [many]

    path, said = refusal(cases, of_too_many)
    assert f"line {line_of(path, 'value: 100000000')}: " in said and "(invoices_count)" in said


def test_without_a_contract_register_loyalty_and_track_record_are_unknown(cases: Path) -> None:
    without_registers(cases)
    case = opened(cases)
    loyalty = next(each for each in case.of_today if each.number == "loyalty_pct")
    assert loyalty.value is None and "register" in loyalty.origin
    path, said = refusal(cases, lambda c: c["alternatives"][0].update(levers=[lever("contract_loyalty")]))
    assert f"line {line_of(path, 'kind: contract_loyalty')}: " in said and "reckoned from loyalty_pct" in said

    assert case.organisation is not None and own_track_record(case.organisation) is None
    path, said = refusal(cases, lambda c: c.update(realisation_rate_pct={"from_track_record": True}))
    assert f"line {line_of(path, 'from_track_record')}: " in said and "Give low, likely, high and evidence" in said


def test_a_case_of_an_organisation_that_has_no_file_is_refused(cases: Path) -> None:
    _, said = refusal(cases, lambda c: c.update(organisation="exempl"))
    assert "exempl" in said and "Did you mean 'exempel'" in said


# By hand


def by_hand(content: dict[str, Any]) -> None:
    del content["organisation"]
    content.update(name="Kommunen Påhitt", author="Inköpare 1", fictional=True)
    content["baseline"] = {"by_hand": {"spend_sek": 1_000_000, "evidence": "Bokslutet 2025"}}


def test_a_case_by_hand_needs_a_name_and_no_ledger(cases: Path) -> None:
    case = opened(cases, by_hand)
    assert (case.organisation, case.lines, case.ledger_inputs, case.depends_on) == (None, None, (), "")
    assert (case.organisation_name, case.period.label, case.period_name) == ("Kommunen Påhitt", "2026", "2026")
    assert case.source.text == "Business case fall.yml, upprättat av Inköpare 1."
    assert (case.source.organisation, case.source.fictional) == ("Kommunen Påhitt", True)
    assert case.baseline[["value", "origin"]].to_numpy().tolist() == [[Decimal(1_000_000), "Bokslutet 2025"]]
    others = [each.origin for each in case.of_today if each.number != "spend_sek"]
    assert set(others) == {"Inte angivet"}
    assert results(case.case)["net_present_value_ore"].tolist()[0] == 0

    def nameless(content: dict[str, Any]) -> None:
        by_hand(content)
        del content["name"]

    _, said = refusal(cases, nameless)
    assert "fall.yml" in said and "'name': is missing" in said


# The track record


def test_the_track_record_gives_low_likely_and_high_with_its_evidence(session_environment: None) -> None:
    case = open_business_case("exempel-it-konsulter")
    assert case.organisation is not None
    record = own_track_record(case.organisation)
    assert record is not None
    assert 0 <= record.low <= record.likely <= record.high <= 150
    assert record.evidence.startswith("Egen historik 2023–2025: ") and "upphandlingar" in record.evidence
    drawn = case.case.driver("realisation_rate_pct")
    assert (drawn.low, drawn.likely, drawn.high, drawn.evidence) == (
        record.low, record.likely, record.high, record.evidence,
    )  # fmt: skip
    by_itself = open_business_case("exempel-e-handel").case.driver("realisation_rate_pct")
    assert (by_itself.low, by_itself.likely, by_itself.high) == (70, 85, 95), "that of the file where it has one"


# What the report says of the case


def test_the_source_names_file_author_and_ledger(cases: Path) -> None:
    case = opened(cases)
    assert case.source.text.startswith("Business case fall.yml. Leverantörsreskontra")
    assert "Region Exempel, 2025" in case.source.text
    assert (case.source.organisation, case.source.fictional) == ("Region Exempel", True), (
        "the organisation is fictional"
    )
    assert case.params.fictional is False
    files = {each["path"] for each in case.ledger_inputs}
    assert "leverantorsreskontra-2025.csv" in files and case.depends_on
    assert "upprättat av Jag." in opened(cases, lambda c: c.update(author="Jag")).source.text


def test_doing_nothing_is_number_zero_in_words(cases: Path) -> None:
    rows = opened(cases).alternatives
    assert rows.to_numpy().tolist() == [
        [0, "Göra ingenting", "Allt förblir som i dag.", ""],
        [1, "Förhandla", "", "Åtgärd renegotiation"],
    ]


def test_qualities_risks_and_conditions_keep_the_alternative_they_belong_to(session_environment: None) -> None:
    case = open_business_case("exempel-e-handel")
    assert case.qualities["lever_title"].tolist() == ["Rätt artikel på hyllan"]
    assert case.qualities["text"].str.startswith("Vården ser bara avtalade artiklar").all()
    risks = case.risks
    assert (
        risks["gravity"].tolist() == [16, 9, 8, 4]
        and (risks["gravity"] == risks["likelihood"] * risks["consequence"]).all()
    )
    titles = {each.id: each.title for each in case.params.alternatives}
    assert (risks["alternative_id"].map(titles) == risks["alternative_title"]).all()
    assert set(case.must_be_true) == set(titles) and len(case.must_be_true["largest_suppliers"]) == 2


def test_a_case_without_risks_or_qualities_has_empty_frames(cases: Path) -> None:
    case = opened(cases)
    assert len(case.risks) == len(case.qualities) == 0
    assert {"text", "likelihood", "consequence", "gravity", "alternative_title"} <= set(case.risks.columns)
    assert isinstance(case.risks, pd.DataFrame) and case.must_be_true == {"talk": ()}


def test_the_shipped_cases_can_be_loaded_without_any_ledger(tmp_path: Path) -> None:
    shipped = sorted((Path(__file__).parents[1] / "params/business_cases").glob("*.yml"))
    assert len(shipped) >= 2
    for path in shipped:
        assert load_business_case(path).fictional
