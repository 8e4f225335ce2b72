"""The worked examples on the method pages of savings are what the measures give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.measures import savings
from procanalysis.schema import (
    PROCUREMENT_STATUSES,
    PUBLISHED_SAVING_KINDS,
    SAVING_METHODS,
    Exclusion,
    KeyFigure,
    kronor,
)

Tables = Callable[[str], list[pd.DataFrame]]
CODES = {name: code for code, name in PROCUREMENT_STATUSES.items()}
METHODS = {name: code for code, name in SAVING_METHODS.items()}
VOLUMES: dict[str, Any] = {"yearly_volume": 1, "evaluated_volume": 1}


def shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Read a table row by row; a dash stands for what is missing."""
    rows = table.to_dict("records")
    return [{str(name): None if cell == "–" else cell for name, cell in row.items()} for row in rows]


def number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    return Decimal(text.replace("\xa0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def ore(text: str | None) -> int | None:
    value = number(text)
    return None if value is None else int(value * 100)


def told(table: pd.DataFrame) -> dict[str, Decimal | None]:
    return {row["Storhet"]: number(row["Tal"]) for row in shown(table)}


def left_out(excluded: Sequence[Exclusion]) -> Decimal:
    return sum((kronor(left.amount_ore) for left in excluded if left.amount_ore is not None), Decimal(0))


def contract(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "procurement_id": row.get("Upphandling", row.get("Tecknat avtal")),
        "starts_on": row["Avtalet börjar"],
        "ends_on": row.get("Avtalet slutar"),
        "replaces_procurement_id": row.get("Ersätter"),
        **VOLUMES,
    }


def price(row: Mapping[str, Any]) -> dict[str, Any]:
    """Make one article that saves what the row says in a year; nothing where it says nothing."""
    saves = number(row["Besparing per år (kr)"])
    earlier = {} if saves is None else {"previous_price_sek": max(saves, Decimal(0))}
    new = {} if saves is None else {"new_price_sek": max(-saves, Decimal(0))}
    return {**earlier, **new, "procurement_id": contract(row)["procurement_id"], "quantity": 1}


def carried(registers: Any, rows: Sequence[Mapping[str, Any]], prices: Sequence[Any]) -> savings.CarryOver:
    awards = registers.awards(*(contract(row) for row in {row[next(iter(row))]: row for row in rows}.values()))
    triage = savings.saving_triage(awards, registers.bids(), registers.prices(*prices))
    return savings.carry_over(triage, awards, registers.shares(), own_name="Region Påhitt")


def check(figure: KeyFigure, name: str, expected: Mapping[str, Decimal | None]) -> None:
    assert figure.id == figure.method == name
    assert (figure.value, figure.numerator, figure.denominator) == (
        expected["Värde"], expected.get("Täljare"), expected.get("Nämnare"),
    )  # fmt: skip
    assert left_out(figure.excluded) == expected.get("Undantaget", 0)


def test_the_worked_earlier_contract(worked_tables: Tables, registers: Any) -> None:
    given, articles, figures = worked_tables("previous_contract_saving")
    names = {
        "Artikel": "article_id", "Tidigare pris (kr)": "previous_price_sek", "Nytt pris (kr)": "new_price_sek",
        "Volym per år": "quantity", "Indexerad del (%)": "indexed_share_pct", "Basindex": "index_base",
        "Index nu": "index_now",
    }  # fmt: skip
    rows = [
        {names[name]: cell if name == "Artikel" else number(cell) for name, cell in row.items()} for row in shown(given)
    ]
    found = savings.saving_triage(registers.awards({}), registers.bids(), registers.prices(*rows))
    assert kronor(found.procurements["yearly_ore"][0]) == told(figures)["Värde"]
    for row, expected in zip(found.articles.to_dict("records"), shown(articles), strict=True):
        for column, name in (
            ("indexed_previous_price_sek", "Indexerat tidigare pris (kr)"),
            ("yearly_saving_sek", "Besparing per år (kr)"),
        ):
            value = row[column]
            assert (None if value is None else round(value, 2)) == number(expected[name])


@pytest.mark.parametrize(("evaluated", "part"), [(1, 1), (4, 4)])
def test_the_worked_market_price(evaluated: int, part: int, worked_tables: Tables, registers: Any) -> None:
    given, results = worked_tables("market_price_saving")
    yes = {"ja": 1, "nej": 0}
    bids = registers.bids(
        *(
            {"is_qualified": yes[row["Kvalificerat"]], "is_winner": yes[row["Vinnare"]],
             "final_bid_ore": ore(row["Slutligt pris (kr)"])}
            for row in shown(given)
        )
    )  # fmt: skip
    award = registers.awards({"yearly_volume": 1, "evaluated_volume": evaluated})
    for row in shown(results):
        reference, winner = row["Jämförelsepris"].split(maxsplit=1)
        found = savings.saving_triage(
            award,
            bids,
            registers.prices(),
            market_reference="median" if reference == "Median" else "mean",
            winner_in_reference=winner == "med vinnaren",
        )
        expected = number(row["Besparing per år (kr)"])
        assert expected is not None
        assert kronor(found.procurements["market_price_ore"][0]) == round(expected / part, 2)


def test_the_worked_negotiation(worked_tables: Tables, registers: Any) -> None:
    given, figures = worked_tables("negotiation_saving")
    bids = registers.bids(
        *(
            {"is_winner": int(row["Vinnare"] == "ja"), "is_negotiated": 1,
             "first_bid_ore": ore(row["Första anbud (kr)"]), "final_bid_ore": ore(row["Slutligt anbud (kr)"])}
            for row in shown(given)
        )
    )  # fmt: skip
    awards = registers.awards({"yearly_volume": 500, "evaluated_volume": 1000})
    found = savings.saving_triage(awards, bids, registers.prices())
    assert kronor(found.procurements["yearly_ore"][0]) == told(figures)["Värde"]


def test_the_worked_cost_avoidance(worked_tables: Tables, registers: Any) -> None:
    given, figures = worked_tables("cost_avoidance")
    rows = shown(given)
    prices = [
        {"procurement_id": row["Upphandling"], "article_id": row["Artikel"], "quantity": number(row["Volym per år"]),
         "refused_increase_sek": number(row["Avvisad höjning (kr)"])}
        for row in rows
    ]  # fmt: skip
    check(savings.cost_avoidance(carried(registers, rows, prices), year=2025), "cost_avoidance", told(figures))


def test_the_worked_share_of_measured_procurements(worked_tables: Tables, registers: Any) -> None:
    given, figures = worked_tables("measurable_procurements_share")
    prices, bids = [], []
    for row in shown(given):
        named = {"procurement_id": row["Upphandling"]}
        method, saves = METHODS.get(row["Metod"]), ore(row["Besparing per år (kr)"])
        if method == "previous_contract":
            prices.append(price({**row, "Avtalet börjar": None}))
        elif method == "negotiation":
            bids.append({**named, "is_winner": 1, "is_negotiated": 1, "first_bid_ore": saves, "final_bid_ore": 0})
        elif method == "market_price":
            bids += [
                {**named, "is_winner": int(place == 0), "final_bid_ore": place * (saves or 0)} for place in (0, 1, 2)
            ]
    awards = registers.awards(*(contract(row) for row in shown(given)))
    found = savings.saving_triage(awards, registers.bids(*bids), registers.prices(*prices))
    assert found.procurements["method_name"].fillna("–").tolist() == given["Metod"].tolist()
    name = "measurable_procurements_share"
    check(savings.measurable_procurements_share(found, year=2025), name, told(figures))


def test_the_worked_share_of_few_bids(worked_tables: Tables, registers: Any) -> None:
    given, figures = worked_tables("single_or_two_bids_share")
    rows = shown(given)
    bids = registers.bids(
        *(
            {"procurement_id": row["Upphandling"], "final_bid_ore": 1}
            for row in rows
            for _ in range(int(row["Anbud"] or 0))
        )
    )
    found = savings.saving_triage(registers.awards(*(contract(row) for row in rows)), bids, registers.prices())
    check(savings.single_or_two_bids_share(found, year=2025), "single_or_two_bids_share", told(figures))


def test_the_worked_enabled_saving(worked_tables: Tables, registers: Any) -> None:
    given, days, figures = worked_tables("enabled_saving")
    found = carried(registers, shown(given), [price(row) for row in shown(given)])
    expected = told(figures)
    check(savings.enabled_saving(found, year=2025), "enabled_saving", expected)
    table = savings.saving_per_year(found, targets_ore={}, as_of=date(2025, 12, 31)).set_index("year")
    assert kronor(table.loc[2025, "new_ore"]) == expected["Nya avtal"]
    assert kronor(table.loc[2025, "running_ore"]) == expected["Tidigare avtal"]
    rows = found.ledger[found.ledger["year"] == 2025]
    assert [(row["procurement_id"], row["days"], row["saving_ore"]) for row in rows.to_dict("records")] == [
        (row["Upphandling"], int(row["Dagar"]), ore(row["Del av 2025 (kr)"])) for row in shown(days)
    ]


def test_the_worked_negotiated_saving(worked_tables: Tables, registers: Any) -> None:
    given, figures = worked_tables("negotiated_saving")
    rows = shown(given)
    bids = registers.bids(
        *(
            {"procurement_id": row["Upphandling"], "is_winner": 1, "first_bid_ore": ore(row["Första anbud (kr)"]),
             "final_bid_ore": ore(row["Slutligt anbud (kr)"]),
             "is_negotiated": int(row["Första anbud (kr)"] is not None)}
            for row in rows
        )
    )  # fmt: skip
    found = savings.saving_triage(registers.awards(*(contract(row) for row in rows)), bids, registers.prices())
    figure = savings.negotiated_saving(found, year=2025)
    check(figure, "negotiated_saving", told(figures))
    assert figure.comparison == f"{told(figures)['Antal']} upphandlingar"


def test_the_worked_years(worked_tables: Tables) -> None:
    years, figures = worked_tables("split_over_years")
    contract_days = (1_200_000_00, date(2025, 4, 1), date(2029, 3, 31))
    choices: dict[str, savings.Counted] = {
        "Hela avtalstiden": "contract_life", "Första tolv månaderna": "first_year_only",
    }  # fmt: skip
    for name, counted in choices.items():
        parts = savings.split_over_years(*contract_days, counted=counted)
        expected = {int(row["År"]): ore(row[f"{name} (kr)"]) for row in shown(years)}
        assert parts == {year: part for year, part in expected.items() if part is not None}
        assert kronor(sum(parts.values())) == told(figures)[name]


def test_the_worked_shares(worked_tables: Tables) -> None:
    (given,) = worked_tables("split_by_shares")
    shares = {row["Enhet"]: number(row["Andel (%)"]) or Decimal(0) for row in shown(given)}
    assert savings.allocate(904_109_59, shares) == {row["Enhet"]: ore(row["Del (kr)"]) for row in shown(given)}


def test_the_worked_plan(worked_tables: Tables, registers: Any) -> None:
    signed, coming, figures = worked_tables("savings_plan")
    found = carried(registers, shown(signed), [price(row) for row in shown(signed)])
    listed = registers.procurements(
        *(
            {"procurement_id": row["Upphandling"], "status": CODES[row["Läge"]],
             "planned_end_on": row["Planerad avtalsdag"],
             "saving_potential_ore": ore(row["Uppskattad besparing per år (kr)"])}
            for row in shown(coming)
        )
    )  # fmt: skip
    plan = savings.savings_plan(listed, found, year=2025, target_ore=1_500_000_00, as_of=date(2025, 6, 30))
    planned = {row["procurement_id"]: row["planned_ore"] for row in plan.planned.to_dict("records")}
    assert planned == {row["Upphandling"]: ore(row["Plan (kr)"]) for row in shown(coming) if row["Plan (kr)"]}
    amounts = {
        "Utfall": plan.outcome_ore,
        "Utfall till och med avstämningen": plan.so_far_ore,
        "Plan": plan.planned_ore,
        "Kvar till målet": plan.gap_ore,
        "Saknas efter planen": plan.missing_ore,
    }
    assert {name: None if amount is None else kronor(amount) for name, amount in amounts.items()} == told(figures)


def test_the_worked_printed_saving(worked_tables: Tables) -> None:
    given, answers = worked_tables("printed_saving")
    kinds = {name: kind for kind, name in PUBLISHED_SAVING_KINDS.items()}
    records = [
        {"organisation": "Nämnden", "year": int(row["År"]), "kind": kinds[row["Del"]], "part": row["Vad"],
         "amount_ore": ore(row["Belopp (kr)"]), "is_approximate": int(row["Ca"] == "ja"), "source": "Rapport"}
        for row in shown(given)
    ]  # fmt: skip
    expected, found = told(answers), savings.printed_saving(pd.DataFrame(records), year=2025)
    amounts = (found.total_ore, found.new_ore, found.gap_ore, found.next_target_ore)
    names = ("Värde", "Nya avtal", "Avstånd", "Nästa mål")
    assert [kronor(amount) for amount in amounts if amount is not None] == [expected[name] for name in names]
    assert found.figure.method == "printed_saving" and found.figure.value == expected["Värde"]
