"""Business case files: every mistake is refused with its line and the cure, also those between numbers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from procanalysis.business_case.building import TrackRecord, build_case, numbers_of_today
from procanalysis.business_case.people import without_people
from procanalysis.business_case.today import todays_numbers
from procanalysis.errors import ParamsError
from procanalysis.measures import business_case
from procanalysis.params.business_case import (
    business_case_identities,
    business_case_slugs,
    load_business_case,
    problem_at,
)
from procanalysis.params.business_case_parts import BusinessCaseParams, stated_drivers
from procanalysis.params.correlations import impossible_together

ROOT = Path(__file__).parents[1]

GOOD: dict[str, Any] = {
    "title": "Högre trohet",
    "name": "Region Påhitt",
    "fictional": True,
    "question": "Ska köpen styras till avtalen?",
    "starts_on": date(2026, 1, 1),
    "horizon_years": 5,
    "discount_rate": {"pct": 2.5, "source": "SKR", "sensitivity_points": [0, 1]},
    "price_basis": "fasta priser",
    "baseline": {
        "by_hand": {"spend_sek": 1000000, "loyalty_pct": 61.5, "suppliers_count": 40, "invoices_count": 1200,
                    "evidence": "Räknat"},
    },
    "do_nothing": {"yearly_change_pct": {"low": -1, "likely": 0, "high": 2, "evidence": "Historik"}},
    "realisation_rate_pct": {"low": 60, "likely": 80, "high": 95, "evidence": "Erfarenhet"},
    "alternatives": [
        {
            "id": "loyalty",
            "title": "Höj troheten",
            "levers": [
                {"id": "up", "kind": "contract_loyalty", "title": "Avtal", "benefit": "cash",
                 "drivers": {
                     "loyalty_after_pct": {"low": 70, "likely": 78, "high": 85, "evidence": "A"},
                     "price_difference_pct": {"low": 4, "likely": 7, "high": 10, "evidence": "B"},
                 },
                 "phase_in_pct": [50, 100], "realised_by": {"Vård": 60, "Service": 40}},
                {"id": "paper", "kind": "e_commerce", "title": "Fakturor", "benefit": "time",
                 "drivers": {
                     "invoices_removed": {"low": 300, "likely": 400, "high": 500, "evidence": "C"},
                     "cost_per_invoice_sek": {"value": 250, "evidence": "D"},
                 },
                 "realised_by": {"Service": 100}},
                {"id": "safer", "kind": "other", "title": "Tryggt", "benefit": "quality", "text": "Färre avbrott"},
            ],
            "one_off_costs": [
                {"title": "Projekt", "kind": "change", "year": 1,
                 "sek": {"low": 100, "likely": 150, "high": 250, "evidence": "E"}},
            ],
            "running_costs": [
                {"title": "Tjänst", "from_year": 2, "to_year": 4, "sek": {"value": 20000, "evidence": "F"}},
            ],
            "risks": [{"text": "Sent", "likelihood": 2, "consequence": 4}],
            "must_be_true": ["Avtalen räcker"],
        },
        {
            "id": "fewer",
            "title": "Färre leverantörer",
            "levers": [
                {"id": "cut", "kind": "fewer_suppliers", "title": "Färre", "benefit": "cash",
                 "drivers": {
                     "suppliers_after": {"low": 10, "likely": 20, "high": 30, "evidence": "G"},
                     "cost_per_supplier_sek": {"low": 1000, "likely": 2000, "high": 3000, "evidence": "H"},
                 },
                 "realised_by": {"Vård": 100}},
            ],
        },
    ],
    "correlations": [
        {"between": ["up.loyalty_after_pct", "up.price_difference_pct"], "value": 0.4},
        {"between": ["up.loyalty_after_pct", "cut.suppliers_after"], "value": -0.2},
    ],
    "simulation": {"distribution": "pert", "runs": 10000, "seed": 7},
    "recommendation": "auto",
}  # fmt: skip

Change = Callable[[dict[str, Any]], object]


def write(folder: Path, change: Change = lambda content: None, slug: str = "fall") -> Path:
    content = copy.deepcopy(GOOD)
    change(content)
    path = folder / f"{slug}.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def line_of(path: Path, words: str, nth: int = 1) -> int:
    found = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if words in line]
    return found[nth - 1]


def lever(content: dict[str, Any], index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = content["alternatives"][0]["levers"][index]
    return found


def driver(content: dict[str, Any], name: str = "loyalty_after_pct", index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = lever(content, index)["drivers"][name]
    return found


def once(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["alternatives"][0]["one_off_costs"][0]
    return found


def yearly(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["alternatives"][0]["running_costs"][0]
    return found


def untie(content: dict[str, Any]) -> None:
    content["correlations"] = []


def rename(group: dict[str, Any], before: str, after: str) -> None:
    group[after] = group.pop(before)


def test_a_good_file_is_read_with_every_number_exact(tmp_path: Path) -> None:
    params = load_business_case(write(tmp_path))
    assert params.slug == "fall" and params.starts_on == date(2026, 1, 1)
    assert params.discount_rate.pct == Decimal("2.5")
    first = params.alternatives[0].levers[0]
    assert first.realised_by == {"Vård": Decimal(60), "Service": Decimal(40)}
    assert first.drivers["loyalty_after_pct"].low_likely_high == (Decimal(70), Decimal(78), Decimal(85))
    certain = params.alternatives[0].levers[1].drivers["cost_per_invoice_sek"]
    assert certain.is_certain and certain.low_likely_high == (Decimal(250),) * 3
    assert [each.id for each in stated_drivers(params)] == [
        "realisation_rate_pct", "do_nothing.yearly_change_pct", "up.loyalty_after_pct", "up.price_difference_pct",
        "paper.invoices_removed", "paper.cost_per_invoice_sek", "loyalty.one_off.1", "loyalty.running.1",
        "cut.suppliers_after", "cut.cost_per_supplier_sek",
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted((ROOT / "params/business_cases").glob("*.yml")), ids=lambda path: path.stem)
def test_every_shipped_case_is_valid(path: Path) -> None:
    assert load_business_case(path).fictional


# What is changed, the words of the line that must be named (and which of those lines), and words of what is said.
MISTAKES: dict[str, tuple[Change, str | tuple[str, int], str]] = {
    "shares sum to 99": (
        lambda c: lever(c)["realised_by"].update(Service=39), "realised_by:", "sum to 99, not to exactly 100. Correct"
    ),
    "shares sum to 0.99 as fractions": (
        lambda c: lever(c).update(realised_by={"Vård": 0.59, "Service": 0.4}), "realised_by:", "sum to 0.99, not"
    ),
    "share of zero": (
        lambda c: lever(c)["realised_by"].update(Vård=100, Service=0), "Service: 0", "Give a percent above 0"
    ),
    "no shares": (lambda c: lever(c).pop("realised_by"), "- id: up", "Say which units realise the gain"),
    "horizon of zero": (lambda c: c.update(horizon_years=0), "horizon_years: 0", "Give whole years from 1 to 30"),
    "horizon too long": (lambda c: c.update(horizon_years=31), "horizon_years: 31", "Give whole years from 1 to 30"),
    "horizon not whole": (lambda c: c.update(horizon_years=2.5), "horizon_years: 2.5", "whole number"),
    "low above likely": (lambda c: driver(c).update(low=80), "low: 80", "low 80 is above likely 78. Give"),
    "high below likely": (lambda c: driver(c).update(high=77), "high: 77", "high 77 is below likely 78. Give"),
    "cost low above likely": (lambda c: once(c)["sek"].update(low=151), "low: 151", "low 151 is above likely 150"),
    "realisation low above likely": (
        lambda c: c["realisation_rate_pct"].update(low=81), "low: 81", "low 81 is above likely 80"
    ),
    "realisation above all": (
        lambda c: c["realisation_rate_pct"].update(high=101), "high: 101", "Give a number from 0 to 100"
    ),
    "realisation without evidence": (
        lambda c: c["realisation_rate_pct"].pop("evidence"), "realisation_rate_pct:", "a number needs its evidence"
    ),
    "realisation in two ways": (
        lambda c: c["realisation_rate_pct"].update(from_track_record=True), "realisation_rate_pct:", "give either"
    ),
    "track record by hand": (
        lambda c: c.update(realisation_rate_pct={"from_track_record": True}),
        "from_track_record:", "only an organisation has a ledger"
    ),
    "drift out of reach": (
        lambda c: c["do_nothing"]["yearly_change_pct"].update(high=60), "high: 60", "Give a number from -50 to 50"
    ),
    "unknown lever kind": (
        lambda c: lever(c).update(kind="contract_loyality"),
        "kind: contract_loyality", "Did you mean 'contract_loyalty'"
    ),
    "unknown driver": (
        lambda c: (rename(lever(c)["drivers"], "price_difference_pct", "price_diff_pct"), untie(c)),
        "price_diff_pct:", "unknown driver 'price_diff_pct' of contract_loyalty. Did you mean 'price_difference_pct'"
    ),
    "missing driver": (
        lambda c: (lever(c)["drivers"].pop("price_difference_pct"), untie(c)),
        "drivers:", "is missing. Give it low, likely, high"
    ),
    "unknown key within a driver": (
        lambda c: driver(c).update(hihg=driver(c).pop("high")), "hihg: 85", "Did you mean 'high'"
    ),
    "a bare number": (
        lambda c: lever(c)["drivers"].update(loyalty_after_pct=78),
        "loyalty_after_pct: 78", "Write {value: …, evidence: …}"
    ),
    "no evidence": (lambda c: driver(c).update(evidence=""), "evidence: ''", "must not be empty"),
    "value and range": (
        lambda c: driver(c).update(value=78), "loyalty_after_pct:", "only value when the number is certain"
    ),
    "high is missing": (lambda c: driver(c).pop("high"), "loyalty_after_pct:", "give low, likely and high"),
    "loyalty above all": (lambda c: driver(c).update(high=101), "high: 101", "Give a number from 0 to 100"),
    "certain value out of reach": (
        lambda c: driver(c, "cost_per_invoice_sek", 1).update(value=-1), "value: -1", "from 0 to 1000000000000"
    ),
    "parts of an öre": (
        lambda c: once(c)["sek"].update(high=250.125), "high: 250.125", "more than 2 decimals. Round it"
    ),
    "no number": (lambda c: driver(c).update(low="låg"), "low: låg", "must be a number"),
    "more invoices than there are": (
        lambda c: driver(c, "invoices_removed", 1).update(high=1201), "high: 1201", "Give 1200 at most"
    ),
    "more suppliers than today": (
        lambda c: c["alternatives"][1]["levers"][0]["drivers"]["suppliers_after"].update(high=41),
        "high: 41", "Give 40 at most"
    ),
    "loyalty that is never above today's": (
        lambda c: driver(c).update(low=50, likely=55, high=61), "high: 61", "61 is less than today's 61.5 (loyalty_pct)"
    ),
    "certain loyalty below today's": (
        lambda c: (lever(c)["drivers"].update(loyalty_after_pct={"value": 61, "evidence": "A"}), untie(c)),
        "value: 61", "Give more than 61.5, or take the lever away"
    ),
    "loyalty without any purchases": (
        lambda c: c["baseline"]["by_hand"].pop("spend_sek"),
        "kind: contract_loyalty", "Give baseline.by_hand.loyalty_base_sek with evidence"
    ),
    "horizon of yes": (lambda c: c.update(horizon_years=True), "horizon_years: true", "must be a whole number"),
    "count of yes": (
        lambda c: c["baseline"]["by_hand"].update(suppliers_count=True), "suppliers_count: true", "a whole number"
    ),
    "invoices of no": (
        lambda c: c["baseline"]["by_hand"].update(invoices_count=False), "invoices_count: false", "a whole number"
    ),
    "year of yes": (lambda c: once(c).update(year=True), "year: true", "must be a whole number"),
    "first year of yes": (lambda c: yearly(c).update(from_year=True), "from_year: true", "must be a whole number"),
    "last year of yes": (lambda c: yearly(c).update(to_year=True), "to_year: true", "must be a whole number"),
    "likelihood of yes": (
        lambda c: c["alternatives"][0]["risks"][0].update(likelihood=True), "likelihood: true", "a whole number"
    ),
    "consequence of yes": (
        lambda c: c["alternatives"][0]["risks"][0].update(consequence=True), "consequence: true", "a whole number"
    ),
    "runs of yes": (lambda c: c["simulation"].update(runs=True), "runs: true", "must be a whole number"),
    "seed of yes": (lambda c: c["simulation"].update(seed=True), "seed: true", "must be a whole number"),
    "kronor of yes": (lambda c: once(c)["sek"].update(high=True), "high: true", "must be a number"),
    "today's number is unknown": (
        lambda c: c["baseline"]["by_hand"].pop("loyalty_pct"),
        "kind: contract_loyalty", "Give baseline.by_hand.loyalty_pct with evidence"
    ),
    "numbers by hand without evidence": (
        lambda c: c["baseline"]["by_hand"].pop("evidence"), "by_hand:", "Say where they come from"
    ),
    "category without organisation": (
        lambda c: c["baseline"].update(category="07.06"), "category: '07.06'", "only an organisation has a ledger"
    ),
    "period without organisation": (
        lambda c: c["baseline"].update(period="2025"), "period: '2025'", "only an organisation has a ledger"
    ),
    "period that is none": (
        lambda c: (c["baseline"].update(period="2025-13"), c.pop("name"), c.update(organisation="exempel")),
        "period: 2025-13", "2025-13"
    ),
    "both organisation and name": (lambda c: c.update(organisation="exempel"), "name: Region", "Take name away"),
    "organisation that is no short name": (
        lambda c: c.update(organisation="Region Påhitt"), "organisation: Region", "organisation"
    ),
    "organisation by its name": (
        lambda c: (c.pop("name"), c.update(organisation="Exempel")), "organisation: Exempel",
        "there is no organisation 'Exempel'. Did you mean 'exempel'"
    ),
    "mistake in the only alternative": (
        lambda c: (c["alternatives"].pop(), c["correlations"].pop(), once(c).update(kind="oops")),
        "kind: oops", "'investment'"
    ),
    "alternative without anything": (
        lambda c: c["alternatives"].append({"id": "void", "title": "Tomt"}), "- id: void", "neither levers nor costs"
    ),
    "no alternative": (lambda c: c.update(alternatives=[], correlations=[]), "alternatives: []", "must not be empty"),
    "alternative twice": (
        lambda c: c["alternatives"][1].update(id="loyalty"), ("id: loyalty", 2), "'loyalty' stands twice"
    ),
    "alternative 0 again": (
        lambda c: c["alternatives"][1].update(id="do_nothing"), "id: do_nothing", "is alternative 0"
    ),
    "lever twice": (
        lambda c: (c["alternatives"][1]["levers"][0].update(id="safer"), untie(c)),
        ("id: safer", 2), "'safer' stands twice"
    ),
    "money for quality": (
        lambda c: lever(c, 1).update(benefit="quality", text="Bra"), ("drivers:", 2), "quality is told in words"
    ),
    "quality without words": (lambda c: lever(c, 2).pop("text"), "- id: safer", "Say in words what becomes better"),
    "unknown benefit": (lambda c: lever(c).update(benefit="joy"), "benefit: joy", "'cash', 'time' or 'quality'"),
    "phase-in above all": (
        lambda c: lever(c).update(phase_in_pct=[50, 101]), "- 101", "less than or equal to 100"
    ),
    "no phase-in": (lambda c: lever(c).update(phase_in_pct=[]), "phase_in_pct: []", "as [50, 100]"),
    "phase-in beyond the horizon": (
        lambda c: lever(c).update(phase_in_pct=[10] * 6), "phase_in_pct:", "6 years, but the horizon is 5"
    ),
    "cost after the horizon": (lambda c: once(c).update(year=6), "year: 6", "Give a year from 0 to 5"),
    "unknown kind of cost": (lambda c: once(c).update(kind="oops"), "kind: oops", "'investment'"),
    "running cost after the horizon": (lambda c: yearly(c).update(to_year=6), "to_year: 6", "Give 5 at most"),
    "running cost backwards": (lambda c: yearly(c).update(to_year=1), "to_year: 1", "is before from_year 2. Swap"),
    "running cost that never starts": (
        lambda c: (yearly(c).pop("to_year"), yearly(c).update(from_year=6)), "from_year: 6", "Give 5 at most"
    ),
    "rate below zero": (lambda c: c["discount_rate"].update(pct=-1), "pct: -1", "greater than or equal to 0"),
    "rate without source": (lambda c: c["discount_rate"].pop("source"), "discount_rate:", "is missing"),
    "tried rate below zero": (
        lambda c: c["discount_rate"].update(sensitivity_points=[0, -3]), "- -3", "Give at least -2.5"
    ),
    "unknown price basis": (lambda c: c.update(price_basis="reala"), "price_basis: reala", "'fasta priser'"),
    "correlation naming nothing": (
        lambda c: c["correlations"][0]["between"].__setitem__(1, "up.price_differense_pct"),
        "- up.price_differense_pct", "Did you mean 'up.price_difference_pct'"
    ),
    "correlation of one": (
        lambda c: c["correlations"][0].update(between=["up.loyalty_after_pct"]), "- between:", "name two different"
    ),
    "correlation with itself": (
        lambda c: c["correlations"][0].update(between=["up.loyalty_after_pct"] * 2), "- between:", "name two different"
    ),
    "correlation twice": (
        lambda c: c["correlations"][1].update(between=["up.price_difference_pct", "up.loyalty_after_pct"]),
        ("between:", 2), "tied to each other already"
    ),
    "correlation with the certain": (
        lambda c: c["correlations"][0]["between"].__setitem__(1, "paper.cost_per_invoice_sek"),
        "between:", "is certain and cannot move with another"
    ),
    "correlation of 1": (lambda c: c["correlations"][0].update(value=1), "value: 1", "less than 1"),
    "not positive definite": (
        lambda c: c.update(correlations=[
            {"between": ["up.loyalty_after_pct", "up.price_difference_pct"], "value": 0.9},
            {"between": ["up.price_difference_pct", "cut.suppliers_after"], "value": 0.9},
            {"between": ["up.loyalty_after_pct", "cut.suppliers_after"], "value": -0.95},
        ]),
        "value: -0.95", "not positive definite; a pair that is not named counts as 0). Bring them nearer to 0"
    ),
    "too few runs": (lambda c: c["simulation"].update(runs=9999), "runs: 9999", "Give from 10000 to 1000000"),
    "unknown distribution": (
        lambda c: c["simulation"].update(distribution="normal"), "distribution: normal", "'pert' or 'triangular'"
    ),
    "risk out of scale": (
        lambda c: c["alternatives"][0]["risks"][0].update(likelihood=6), "likelihood: 6", "less than or equal to 5"
    ),
    "unknown key": (lambda c: c.update(horizon=5), "horizon: 5", "Did you mean 'horizon_years'"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_refused_with_its_line_and_the_cure(tmp_path: Path, name: str) -> None:
    change, at, said = MISTAKES[name]
    path = write(tmp_path, change)
    with pytest.raises(ParamsError) as caught:
        load_business_case(path)
    message = str(caught.value)
    words, nth = at if isinstance(at, tuple) else (at, 1)
    assert "fall.yml: 1 problem(s) to correct" in message
    assert f"line {line_of(path, words, nth)}: " in message
    assert said in message


def test_a_case_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"'name': is missing. Give the organisation's short name"):
        load_business_case(write(tmp_path, lambda c: c.pop("name")))


def test_a_case_that_does_not_exist_is_told_from_those_that_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "params" / "business_cases"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(tmp_path / "params" / "organisations"))
    write(folder, slug="trohet")
    (folder / "broken.yml").write_text("title: [", encoding="utf-8")
    assert business_case_slugs() == ["broken", "trohet"]
    found = business_case_identities()
    assert [(each.slug, each.name, each.title, each.fictional) for each in found] == [
        ("broken", "", "", False),
        ("trohet", "Region Påhitt", "Högre trohet", True),
    ]
    with pytest.raises(ParamsError, match=r"There is no business case 'trohed'\. Did you mean 'trohet'"):
        load_business_case(folder / "trohed.yml")


def test_an_opener_can_name_the_line_of_what_only_the_ledger_knows(tmp_path: Path) -> None:
    def of_organisation(content: dict[str, Any]) -> None:
        content.pop("name")
        content.update(organisation="exempel", baseline={"category": "07.06"})

    path = write(tmp_path, of_organisation)
    params = load_business_case(path)
    error = problem_at(params, ("baseline", "category"), "unknown category '07.06'. Did you mean '07.05'?")
    assert isinstance(error, ParamsError)
    assert f"line {line_of(path, 'category:')}: 'baseline.category': unknown category '07.06'" in str(error)
    # The ledger's own number can be too small for what is promised, or missing: told with the line too.
    known: dict[str, Decimal | int | None] = {
        "spend_sek": Decimal(100), "loyalty_base_sek": Decimal(80), "loyalty_pct": Decimal(50), "suppliers_count": 29,
        "invoices_count": 1200,
    }  # fmt: skip
    with pytest.raises(ParamsError, match=rf"line {line_of(path, 'high: 30')}: .*Give 29 at most"):
        build_case(params, known)
    with pytest.raises(ParamsError, match=rf"line {line_of(path, 'kind: contract_loyalty')}: .*loyalty_base_sek"):
        build_case(params, known | {"suppliers_count": 30, "loyalty_base_sek": None})


def test_a_number_by_hand_goes_before_the_ledgers(tmp_path: Path) -> None:
    params = load_business_case(write(tmp_path, lambda c: c["baseline"]["by_hand"].update(invoices_count=600)))
    assert numbers_of_today(params, {"invoices_count": 5, "spend_sek": 7}) == {
        "spend_sek": Decimal(1000000), "loyalty_base_sek": Decimal(1000000), "loyalty_pct": Decimal("61.5"),
        "suppliers_count": 40, "invoices_count": 600,
    }  # fmt: skip


def test_the_case_built_has_every_number_of_the_file(tmp_path: Path) -> None:
    case = build_case(load_business_case(write(tmp_path)))
    assert len({each.name for each in case.drivers}) == len(case.drivers)
    rows = business_case.assumptions(case).set_index("driver_id")
    assert rows.loc["up.loyalty_after_pct", ["low", "likely", "high"]].tolist() == [70, 78, 85]
    assert rows.loc["loyalty.running.1", ["alternative_id", "driver_name", "belongs_to", "unit"]].tolist() == [
        "loyalty", "Tjänst", "Löpande kostnad", "kr",
    ]  # fmt: skip
    costs = {cost.driver_id: (cost.first_year, cost.last_year) for cost in case.alternatives[0].costs}
    assert costs == {"loyalty.one_off.1": (1, 1), "loyalty.running.1": (2, 4)}
    assert case.correlations == {
        ("up.loyalty_after_pct", "up.price_difference_pct"): Decimal("0.4"),
        ("up.loyalty_after_pct", "cut.suppliers_after"): Decimal("-0.2"),
    }
    assert (case.runs, case.seed, case.sensitivity_points) == (10000, 7, (Decimal(0), Decimal(1)))


def test_the_realisation_rate_comes_from_the_file_the_track_record_or_is_whole(tmp_path: Path) -> None:
    def tracked(content: dict[str, Any]) -> None:
        content.pop("name")
        content.update(organisation="exempel", realisation_rate_pct={"from_track_record": True})

    params = load_business_case(write(tmp_path, tracked))
    with pytest.raises(ParamsError, match=r"'realisation_rate_pct\.from_track_record': the savings register does not"):
        build_case(params)
    record = TrackRecord(Decimal(55), Decimal(70), Decimal(104), "8 upphandlingar")
    drawn = build_case(params, track_record=record).driver("realisation_rate_pct")
    assert (drawn.low, drawn.likely, drawn.high, drawn.evidence) == (55, 70, 104, "8 upphandlingar")
    whole = build_case(load_business_case(write(tmp_path, lambda c: c.pop("realisation_rate_pct"))))
    assert whole.driver("realisation_rate_pct").is_certain and whole.likely["realisation_rate_pct"] == 100


def test_correlations_that_together_hold_are_let_through() -> None:
    near = Decimal("0.9")
    assert impossible_together({("a", "b"): near, ("b", "c"): near, ("a", "c"): near}) == []
    assert sorted(impossible_together({("x", "y"): near, ("a", "b"): near, ("b", "c"): near})) == ["a", "b", "c"]


def test_a_value_that_is_shown_is_short_and_never_a_whole_block(tmp_path: Path) -> None:
    for change in (
        lambda c: c.update(question={"text": "Anna Andersson " * 20}),
        lambda c: c.update(price_basis="mycket " * 40),
        lambda c: c.update(alternatives={"id": "x", "text": "Anna Andersson " * 20}),
    ):
        with pytest.raises(ParamsError) as caught:
            load_business_case(write(tmp_path, change))
        assert all(len(line) < 250 for line in str(caught.value).splitlines())
        assert "Anna" not in str(caught.value)


@pytest.mark.parametrize("written", ["2025-02-29", "2025-13-01", "2025-02-01 25:00:00"])
def test_a_date_that_does_not_exist_is_told_with_its_line(tmp_path: Path, written: str) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text("utf-8").replace("starts_on: 2026-01-01", f"starts_on: {written}"), "utf-8")
    with pytest.raises(ParamsError) as caught:
        load_business_case(path)
    assert f"fall.yml, line {line_of(path, 'starts_on:')}: there is no such date or number as {written}" in str(
        caught.value
    )


# What loyalty is a share of


def test_a_loyalty_by_hand_is_a_share_of_all_purchases_or_of_those_given(tmp_path: Path) -> None:
    alone = load_business_case(write(tmp_path))
    ledger: dict[str, Decimal | int | None] = {"loyalty_base_sek": Decimal(5), "loyalty_pct": Decimal(6)}
    assert numbers_of_today(alone, ledger)["loyalty_base_sek"] == Decimal(1000000)
    given = load_business_case(write(tmp_path, lambda c: c["baseline"]["by_hand"].update(loyalty_base_sek=400000)))
    assert numbers_of_today(given, ledger)["loyalty_base_sek"] == Decimal(400000)
    told = load_business_case(write(tmp_path, lambda c: (c.pop("name"), c.update(
        organisation="exempel", baseline={"category": "07.06"}))))  # fmt: skip
    assert numbers_of_today(told, ledger)["loyalty_base_sek"] == Decimal(5)

    # A fourth of the loyalty base is a fourth of what more loyalty gains.
    def gain(params: BusinessCaseParams) -> int:
        return int(business_case.lever_gains(build_case(params)).set_index("lever_id").loc["up", "total_ore"])

    assert abs(gain(given) - Decimal("0.4") * gain(alone)) <= 5


def test_a_loyalty_by_hand_says_what_it_is_taken_as_a_share_of(tmp_path: Path) -> None:
    origins = {each.number: (each.value, each.origin) for each in
               todays_numbers(load_business_case(write(tmp_path)), None, None)}  # fmt: skip
    assert origins["loyalty_base_sek"] == (
        Decimal(1000000), "Inköp per år, eftersom troheten är angiven för hand (Räknat)",
    )  # fmt: skip


# Nobody's personal number is published

NUMBER = "19900101-0017"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(author=f"Anna Andersson {NUMBER}"), "author:"),
        (lambda c: c["alternatives"][0]["risks"][0].update(action=f"Fråga {NUMBER}"), "action:"),
        (lambda c: driver(c).update(evidence=f"Enligt 900101-0017, {NUMBER}"), "evidence: Enligt"),
        (lambda c: c["alternatives"][0].update(must_be_true=["Ja", f"{NUMBER} är kvar"]), "är kvar"),
        (lambda c: lever(c).update(realised_by={f"Anna {NUMBER}": 60, "Service": 40}), "realised_by:"),
    ],
)
def test_a_personal_number_is_refused_with_its_line_and_never_repeated(
    tmp_path: Path, change: Change, words: str
) -> None:
    path = write(tmp_path, change)
    with pytest.raises(ParamsError) as caught:
        without_people(lambda: load_business_case(path))
    said = str(caught.value)
    assert f"line {line_of(path, words)}: " in said and "looks like a personal number" in said
    assert "write a role instead" in said and "0017" not in said


def test_other_messages_hide_personal_numbers_too(tmp_path: Path) -> None:
    path = write(tmp_path, lambda c: c.update(price_basis=NUMBER))
    with pytest.raises(ParamsError) as caught:
        without_people(lambda: load_business_case(path))
    assert "0017" not in str(caught.value) and "price_basis" in str(caught.value)


def test_organisation_numbers_and_amounts_are_let_through(tmp_path: Path) -> None:
    path = write(tmp_path, lambda c: driver(c).update(evidence="Avtal med 556016-0680, 12 000 000 kr, 2025-11-22"))
    assert without_people(lambda: load_business_case(path)).title == "Högre trohet"
