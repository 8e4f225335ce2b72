"""What a business case knows of today: what loyalty is a share of, how sure it is, and the track record."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import procanalysis as proc
from procanalysis.business_case import build_case, open_business_case, today
from procanalysis.business_case.today import OfToday, own_track_record, todays_numbers
from procanalysis.errors import ParamsError
from procanalysis.measures.business_case import lever_gains, recommendation, results, simulate
from procanalysis.measures.loyalty import category_loyalty
from procanalysis.organisation import Organisation
from procanalysis.params.business_case import load_business_case
from procanalysis.params.business_case_parts import BusinessCaseParams

ROOT = Path(__file__).parents[1]
PARTLY_COVERED = "08"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def organisation(session_environment: None) -> Organisation:
    return proc.open_organisation("exempel", "2025")


def shipped(slug: str = "exempel-it-konsulter") -> BusinessCaseParams:
    return load_business_case(ROOT / f"params/business_cases/{slug}.yml")


def found(organisation: Organisation, category: str, params: BusinessCaseParams | None = None) -> dict[str, OfToday]:
    lines = proc.in_category(organisation.lines, category)
    return {each.number: each for each in todays_numbers(params or shipped(), organisation, lines)}


def test_loyalty_is_reckoned_on_what_it_is_a_share_of(organisation: Organisation) -> None:
    numbers = found(organisation, PARTLY_COVERED)
    figure = category_loyalty(proc.in_category(organisation.lines, PARTLY_COVERED))
    base, spend = numbers["loyalty_base_sek"], numbers["spend_sek"]
    assert base.value == figure.denominator and spend.value is not None and base.value < spend.value
    outside = sum((Decimal(each.amount_ore or 0) for each in figure.excluded), Decimal(0)) / 100
    assert base.value + outside == spend.value, "what is left out is told, and is all that differs"
    assert "(utanför: LOU omfattar inte köpet " in base.origin and base.of_ledger
    # In a quarter the share stays what it is, and the purchases are those of twelve months.
    quarter = proc.open_organisation("exempel", "2025-Q1")
    told = found(quarter, PARTLY_COVERED)["loyalty_base_sek"]
    of_quarter = category_loyalty(proc.in_category(quarter.lines, PARTLY_COVERED)).denominator
    assert of_quarter is not None and told.value == of_quarter * 4
    assert "omräknat till tolv månader från 3" in told.origin


def test_the_base_stands_with_the_numbers_of_today_where_a_lever_uses_it(session_environment: None) -> None:
    case = open_business_case("exempel-it-konsulter")
    rows = case.baseline.set_index("number")
    assert rows.loc["loyalty_base_sek", "number_name"] == "Inköp som troheten räknas på"
    assert rows.loc["loyalty_base_sek", "used_by"] == "Fler avrop på avtal; Alla avrop på avtal"
    assert case.case.today["loyalty_base_sek"] == rows.loc["loyalty_base_sek", "value"]


def test_a_loyalty_that_may_be_higher_says_so_in_its_origin_and_as_a_caution(organisation: Organisation) -> None:
    lines = proc.in_category(organisation.lines, PARTLY_COVERED)
    span = category_loyalty(lines).comparison
    assert re.fullmatch(r"mellan [\d,]+\xa0% och [\d,]+\xa0%", span)
    loyalty = found(organisation, PARTLY_COVERED)["loyalty_pct"]
    assert loyalty.origin.endswith(f"({span})") and span in loyalty.doubt
    # Where the ledger leaves no doubt, none is told.
    settled = lines.project("* REPLACE (proven_rung AS possible_rung)")
    sure = {each.number: each for each in todays_numbers(shipped(), organisation, settled)}["loyalty_pct"]
    assert sure.value == loyalty.value and sure.doubt == "" and "mellan" not in sure.origin

    params = shipped()
    only_loyalty = params.model_copy(update={"alternatives": params.alternatives[1:2]})
    known = {"loyalty_pct": Decimal(50), "loyalty_base_sek": Decimal(10**8)}
    case = build_case(
        only_loyalty.model_copy(update={"correlations": ()}),
        known,
        own_track_record(organisation),
        {"loyalty_pct": loyalty.doubt},
    )
    assert loyalty.doubt in recommendation(case, results(case)).cautions


def test_a_case_whose_loyalty_lies_below_todays_is_refused(organisation: Organisation) -> None:
    params = shipped()
    known = {each.number: each.value for each in found(organisation, "07.06").values()} | {"loyalty_pct": Decimal(99)}
    with pytest.raises(ParamsError) as caught:
        build_case(params, known | {"loyalty_pct": Decimal("99.2")}, own_track_record(organisation))
    line = next(n for n, text in enumerate(params.path.read_text("utf-8").splitlines(), 1) if "likely: 97" in text)
    assert f"line {line}: " in str(caught.value) and "less than today's 99.2 (loyalty_pct)" in str(caught.value)


@pytest.mark.parametrize("size", ["small", "full"])
def test_the_shipped_case_is_sensible_at_both_sizes_of_the_example(organisation: Organisation, size: str) -> None:
    """In full 23,6 mnkr with a loyalty of 87 % are spent, in the small size 0,4 mnkr with 95 %."""
    known = {each.number: each.value for each in found(organisation, "07.06").values()}
    if size == "full":
        spend = Decimal("23587571.30")
        known |= {"spend_sek": spend, "loyalty_base_sek": spend, "loyalty_pct": Decimal("87.28")}
    case = build_case(shipped(), known, own_track_record(organisation))
    values = results(case).set_index("alternative_id")["net_present_value_ore"]
    assert values["own_agency"] < 0 and values["own_agency"] == values.min()
    advice = recommendation(case, results(case), simulate(case))
    assert advice.alternative_id == {"small": "do_nothing", "full": "renegotiation"}[size]
    # More loyalty gains something at both sizes, whatever it costs.
    gains = lever_gains(case).set_index("lever_id")["last_year_ore"]
    assert gains["loyalty_by_template"] > 0 and gains["agency_loyalty"] > gains["loyalty_by_template"]
    assert case.correlations and not [each for each in advice.cautions if "lägre än dagens" in each]


def test_the_track_record_tells_measured_and_estimated_apart(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = own_track_record(organisation)
    assert record is not None
    words = re.search(r": (\d+) upphandlingar .*, varav (\d+) uppmätta och (\d+) uppskattade", record.evidence)
    assert words is not None
    every, measured, estimated = map(int, words.groups())
    assert every == measured + estimated and measured > 0 and estimated > 0

    def rates(*rows: tuple[str, str | None, int | None]) -> pd.DataFrame:
        given = [(name, name, basis, promised, promised, 100.0, "") for name, basis, promised in rows]
        columns = ["procurement_id", "title", "basis", "promised_ore", "realised_ore", "rate_pct", "reason"]
        return pd.DataFrame(given, columns=columns).astype({"promised_ore": "Int64", "realised_ore": "Int64"})

    # B is estimated in one of its years, C promised nothing, and of F nothing is known.
    first = rates(("A", "uppmätt", 10), ("B", "uppmätt", 10), ("C", "uppskattat", 0), ("D", "uppskattat", 10))
    then = rates(("B", "uppskattat", 10), ("E", "uppmätt", 10), ("F", None, None), ("G", "uppmätt", 5))
    years = iter([first, then, then])
    monkeypatch.setattr(today.realisation, "realisation_rates", lambda *given: next(years))
    told = own_track_record(organisation)
    assert told is not None and "5 upphandlingar" in told.evidence
    assert "varav 3 uppmätta och 2 uppskattade" in told.evidence


def test_the_source_names_the_ledger_only_where_something_rests_on_it(session_environment: None) -> None:
    by_hand = open_business_case("exempel-e-handel")
    assert by_hand.organisation is not None and not by_hand.uses_ledger
    assert by_hand.source.text == "Business case exempel-e-handel.yml, upprättat av Strategisk inköpare 2."
    assert (by_hand.source.organisation, by_hand.source.fictional, by_hand.ledger_inputs) == (
        "Region Exempel",
        True,
        (),
    )
    ledgers = open_business_case("exempel-it-konsulter")
    assert ledgers.uses_ledger and "Leverantörsreskontra och register för Region Exempel, 2025" in ledgers.source.text


def test_what_no_lever_uses_is_not_a_source(session_environment: None) -> None:
    case: Any = open_business_case("exempel-it-konsulter")
    unused = tuple(OfToday(**{**vars(each), "used_by": ""}) for each in case.of_today)
    without = type(case)(case.params.model_copy(update={"realisation_rate_pct": None}), case.case, case.organisation,
                         case.lines, unused)  # fmt: skip
    assert not without.uses_ledger
    tracked = type(case)(case.params, case.case, case.organisation, case.lines, unused)
    assert tracked.uses_ledger, "the track record comes from the registers"
