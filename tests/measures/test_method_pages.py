"""Every key figure has a method page, and the worked example on it is what the measure gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procanalysis.measures import (
    business_case,
    coding,
    indicators,
    invoices,
    loyalty,
    opportunities,
    spend,
    suppliers,
    truth_check,
)
from procanalysis.schema import (
    CONSISTENCY_VERDICTS,
    INDICATOR_DIRECTIONS,
    INDICATOR_TARGETS,
    INDICATOR_UNITS,
    INDICATOR_VALUES,
    MATCHED_COLUMNS,
    STATED_TERMS,
    TARGET_OPERATORS,
    KeyFigure,
    kronor,
    levers,
    names,
)

PAGES = Path(__file__).parents[2] / "docs" / "methods"
HEADINGS = ["Fråga", "Formel", "Räkneexempel", "Undantag", "Antaganden", "Källa"]
FIGURES: dict[str, Callable[[pd.DataFrame], KeyFigure]] = {
    "total_spend": spend.total_spend,
    "addressable_share": spend.addressable_share,
    "supplier_count": suppliers.supplier_count,
    "tail_share": suppliers.tail_share,
    "effective_suppliers": suppliers.effective_suppliers,
    "gini": suppliers.gini,
    "small_invoice_share": invoices.small_invoice_share,
    "handling_cost": lambda lines: invoices.handling_cost(lines, 312_50),
    "suspect_coding": coding.suspect_coding,
    "supplier_loyalty": loyalty.supplier_loyalty,
    "category_loyalty": loyalty.category_loyalty,
    "late_registered_share": loyalty.late_registered_share,
}
COLUMNS = {
    "Leverantör": "supplier_key",
    "Fakturanummer": "invoice_key",
    "Inköpsklass": "spend_class",
    "Kategori": "category_code",
    "Enhet": "unit",
    "Datum": "booked_on",
    "LOU": "lou_covered",
    "Visat steg": "proven_rung",
    "Möjligt steg": "possible_rung",
    "Visat steg då": "proven_rung_then",
    "Möjligt steg då": "possible_rung_then",
}


def example_tables(page: str) -> list[pd.DataFrame]:
    """Read the tables of the worked example, as text."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    example = text.split("## Räkneexempel\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\|\n)+", example, flags=re.MULTILINE)
    found = []
    for table in tables:
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        found.append(pd.DataFrame(rows[2:], columns=rows[0]))
    return found


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def postings(table: pd.DataFrame, make_lines: Any) -> pd.DataFrame:
    lines = table.rename(columns=COLUMNS).replace("–", None)
    lines["amount_ore"] = [int(number(text) * 100) for text in lines.pop("Belopp (kr)")]
    times = [int(number(text)) for text in lines.pop("Antal rader")] if "Antal rader" in lines else 1
    if "invoice_key" in lines:
        lines["invoice_key"] = (lines["supplier_key"] + "|" + lines["invoice_key"]).where(lines["invoice_key"].notna())
    repeated = lines.loc[lines.index.repeat(times)].reset_index(drop=True)
    ready: pd.DataFrame = make_lines(repeated)
    if "proven_rung" not in repeated:
        return ready
    # An example that does not look at what was known then leaves it out.
    now = {name: repeated.get(name, repeated[name.removesuffix("_then")]) for name in names(MATCHED_COLUMNS)[:4]}
    return ready.assign(**{name: rungs.astype("int64") for name, rungs in now.items()})


@pytest.mark.parametrize("name", FIGURES)
def test_the_worked_example_is_what_the_measure_gives(name: str, make_lines: Any) -> None:
    given, told = example_tables(name)
    figure = FIGURES[name](postings(given, make_lines))
    expected = {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}
    assert figure.id == figure.method == name
    assert figure.value is not None
    assert figure.value.quantize(expected["Värde"]) == expected["Värde"]
    assert figure.numerator == expected.get("Täljare")
    assert figure.denominator == expected.get("Nämnare")
    left = sum((kronor(left.amount_ore) for left in figure.excluded), Decimal(0))
    assert left == expected.get("Undantaget", 0)


def test_the_worked_opportunities_are_what_the_measure_gives(make_lines: Any) -> None:
    given, told = example_tables("savings_opportunities")
    found = opportunities.savings_opportunities(
        postings(given, make_lines),
        handling_cost_ore=250_00,
        small_supplier_saving_pct=5,
        coordination_saving_pct=Decimal("2.5"),
    )
    for one, row in zip(found, told.to_dict("records"), strict=True):
        assert one.method == "savings_opportunities"
        assert one.name == row["Möjlighet"]
        assert kronor(one.volume_ore) == number(row["Volym (kr)"])
        assert (one.numerator, one.denominator) == (number(row["Täljare"]), number(row["Nämnare"]))
        amount = None if one.amount_ore is None else kronor(one.amount_ore)
        assert amount == (None if row["Belopp (kr)"] == "–" else number(row["Belopp (kr)"]))


def flows_in_ore(table: pd.DataFrame) -> list[int]:
    return [int(number(text) * 100) for text in table["Flöde (kr)"]]


def told_values(table: pd.DataFrame) -> dict[str, Decimal]:
    return {row["Storhet"]: number(row["Tal"]) for row in table.to_dict("records")}


def test_the_worked_net_present_value_is_what_the_measure_gives() -> None:
    given, told = example_tables("net_present_value")
    expected = told_values(told)
    found = business_case.net_present_value(flows_in_ore(given), expected["Kalkylränta (%)"])
    assert kronor(found) == expected["Värde"]


def test_the_worked_internal_rate_is_what_the_measure_gives() -> None:
    given, told = example_tables("internal_rate_of_return")
    found = business_case.internal_rate_of_return(flows_in_ore(given)).value_pct
    assert found is not None and round(found, 2) == told_values(told)["Värde"]


def test_the_worked_payback_is_what_the_measure_gives() -> None:
    given, told = example_tables("payback")
    expected, flows = told_values(told), flows_in_ore(given)
    plain, discounted = business_case.payback(flows), business_case.payback(flows, expected["Kalkylränta (%)"])
    assert plain.years is not None and round(plain.years, 2) == expected["Värde"]
    assert discounted.years is not None and round(discounted.years, 2) == expected["Diskonterat"]


def test_the_worked_annuity_is_what_the_measure_gives() -> None:
    given, told = example_tables("annuity")
    row = given.iloc[0]
    amount = int(number(row["Nettonuvärde (kr)"]) * 100)
    found = business_case.annuity(amount, number(row["Kalkylränta (%)"]), int(row["År"]))
    assert kronor(found) == told_values(told)["Värde"]


CASE_DRIVERS = {
    "Trohet efter åtgärden (%)": ("gain.loyalty_after_pct", levers.LEVER_KINDS["contract_loyalty"]),
    "Prisskillnad mot avtal (%)": ("gain.price_difference_pct", levers.LEVER_KINDS["contract_loyalty"]),
    "Nytta per år (kr)": ("gain.yearly_sek", levers.LEVER_KINDS["other"]),
    "Löpande kostnad per år (kr)": ("change.running.1", None),
}


def worked_case(table: pd.DataFrame, kind: str) -> business_case.Case:
    """Build the case of one lever, one running cost and one year that a page's table gives."""
    drivers = []
    for row in table.to_dict("records"):
        identity, lever = CASE_DRIVERS[row["Storhet"]]
        described = lever.drivers[identity.partition(".")[2]] if lever else levers.RUNNING_DRIVER
        low, likely, high = (number(row[name]) for name in ("Lågt", "Sannolikt", "Högt"))
        drivers.append(
            business_case.Driver(id=identity, name=row["Storhet"], kind=described, low=low, likely=likely, high=high)
        )
    gain = business_case.Lever(id="gain", title="Nytta", kind=kind, benefit="cash", realised_by={"Alla": Decimal(100)})
    cost = business_case.Cost(
        driver_id="change.running.1", title="Kostnad", first_year=1, last_year=1, is_one_off=False
    )
    return business_case.Case(
        title="Räkneexempel",
        starts_on=date(2026, 1, 1),
        horizon_years=1,
        rate_pct=Decimal(0),
        today={"loyalty_base_sek": Decimal(10_000_000), "loyalty_pct": Decimal(60)},
        drivers=tuple(drivers),
        alternatives=(business_case.Alternative(id="change", title="Ändra", levers=(gain,), costs=(cost,)),),
        distribution="triangular",
    )


def test_the_worked_break_even_is_what_the_measure_gives() -> None:
    given, told = example_tables("break_even")
    found = business_case.break_even(worked_case(given, "contract_loyalty")).set_index("driver_name")
    for row in told.to_dict("records"):
        assert found.loc[row["Tal"], "break_even"] == number(row["Brytpunkt"])
        assert found.loc[row["Tal"], "direction"] == row["Lönar sig"]
    said = found.loc["Trohet efter åtgärden (%)", "sentence"]
    assert said.replace("\u00a0", " ") == "Lönar sig först över 74 % trohet"


def test_the_worked_tornado_is_what_the_measure_gives() -> None:
    given, told = example_tables("tornado")
    found = business_case.tornado(worked_case(given, "contract_loyalty"), "change")
    assert found["driver_name"].tolist() == told["Tal"].tolist()
    columns = {
        "Vid lågt (kr)": "net_present_value_at_low_ore",
        "Vid högt (kr)": "net_present_value_at_high_ore",
        "Utslag (kr)": "swing_ore",
    }
    for header, column in columns.items():
        assert [kronor(amount) for amount in found[column]] == [number(text) for text in told[header]]


def test_the_worked_simulation_is_close_to_what_the_measure_gives() -> None:
    given, told = example_tables("simulation")
    expected = told_values(told)
    found = business_case.simulate(worked_case(given, "other")).summary.iloc[1]
    assert abs(found["probability_of_loss_pct"] - expected["Sannolikhet för förlust (%)"]) < 1
    for percent in (10, 50, 90):
        assert abs(kronor(found[f"simulated_p{percent}_ore"]) - expected[f"P{percent} (kr)"]) < 3


def code_of(words: dict[str, str], word: str) -> str:
    return next(code for code, shown in words.items() if shown == word)


def worked_indicators(table: pd.DataFrame, year: int) -> dict[str, indicators.IndicatorStatus]:
    """Judge every indicator of a page's table; a dash is missing, and a target year left out is the year itself."""
    found = {}
    for row in table.replace("–", "").to_dict("records"):
        unit, identity = code_of(INDICATOR_UNITS, row["Enhet"]), row["Mätetal"]
        outcomes = [{"year": year, "value": row["Utfall"]}, {"year": year - 1, "value": row.get("Förra året")}]
        values = pd.DataFrame(
            [{"organisation": "prov", "indicator_id": identity, "unit": unit, "is_doubtful": 0} | one
             for one in outcomes if one["value"]],
            columns=names(INDICATOR_VALUES),
        ).astype(object)  # fmt: skip
        values["value"] = [number(text) for text in values["value"]]
        aim = {"operator": code_of(TARGET_OPERATORS, row["Krav"]), "value": number(row["Mål"]) if row["Mål"] else None}
        own = {"organisation": "prov", "indicator_id": identity, "unit": unit, "year": int(row.get("Målår", year))}
        targets = pd.DataFrame([own | aim], columns=names(INDICATOR_TARGETS)).astype(object)
        direction = code_of(INDICATOR_DIRECTIONS, row["Riktning"])
        found[identity] = indicators.indicator_status(
            values, targets, indicator_id=identity, direction=direction, year=year
        )
    return found


def test_the_worked_status_is_what_the_measure_gives() -> None:
    given, told = example_tables("indicator_status")
    found = worked_indicators(given, 2025)
    assert {name: one.label for name, one in found.items()} == dict(zip(told["Mätetal"], told["Status"], strict=True))


def test_the_worked_distance_is_what_the_measure_gives() -> None:
    given, told = example_tables("distance_to_target")
    found = {name: indicators.distance_to_target(one) for name, one in worked_indicators(given, 2025).items()}
    for row in told.to_dict("records"):
        figure = found[row["Mätetal"]]
        assert figure.method == "distance_to_target"
        assert (figure.value, figure.unit) == (number(row["Avstånd"]), row["Enhet"])


def worked_series(table: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"organisation": "prov", "indicator_id": "A", "unit": "percent", "is_doubtful": 0, "year": int(row["År"]),
         "value": number(row["Utfall (%)"])} for row in table.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names(INDICATOR_VALUES)).astype(object)


def test_the_worked_trend_is_what_the_measure_gives() -> None:
    given, told = example_tables("indicator_trend")
    expected = told_values(told)
    trend = indicators.indicator_trend(worked_series(given), indicator_id="A", unit="percent", direction="higher")
    part = trend.latest
    assert part is not None and part.p_value is not None
    assert (part.slope, part.slope_low, part.slope_high) == tuple(expected[one] for one in ("Värde", "Lägst", "Högst"))
    assert (part.statistic, round(part.p_value, 4)) == (expected["S"], expected["p"])


def test_the_worked_forecast_is_what_the_measure_gives() -> None:
    given, told = example_tables("forecast")
    expected = told_values(told)
    found = indicators.forecast(worked_series(given), indicator_id="A", unit="percent", year=2026)
    assert (found.value, found.low, found.high) == tuple(expected[one] for one in ("Värde", "Lägst", "Högst"))


def test_the_worked_truth_check_is_what_the_measure_gives() -> None:
    given, told = example_tables("consistency_check")
    terms = pd.DataFrame(
        [
            {"relation_id": row["Kontroll"], "organisation": "prov", "year": 2025, "table": "Text",
             "rule": row["Regel"], "role": row["Roll"], "label": row["Kontroll"], "value": number(row["Tal"]),
             "unit": code_of(INDICATOR_UNITS, row["Enhet"]), "printed_step": number(row["Steg"]),
             "is_approximate": int(row["Ca"] == "ja"), "source": "Prov"}
            for row in given.to_dict("records")
        ],
        columns=names(STATED_TERMS),
    )  # fmt: skip
    found = truth_check.consistency_check(terms).set_index("row")
    for row in told.to_dict("records"):
        one = found.loc[row["Kontroll"]]
        for header, column in (("Räknat", "reckoned"), ("Skillnad", "difference"), ("Tolerans", "tolerance")):
            assert round(one[column], 2) == number(row[header]), (row["Kontroll"], header)
        assert CONSISTENCY_VERDICTS[one["verdict"]] == row["Utfall"]


@pytest.mark.parametrize("name", sorted(page.stem for page in PAGES.glob("*.md")))
def test_every_page_answers_the_same_questions(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == HEADINGS
    sections = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)
