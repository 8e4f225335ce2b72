"""The fictional region's income statements and budgets: whole tkr that add up but for what is planted."""

from __future__ import annotations

from dataclasses import dataclass

from procanalysis.example.ledger import PERIOD
from procanalysis.example.reported_figures import SOURCE, Cells
from procanalysis.example.tender_buyers import OWN

INCOME_TOTAL, COST_TOTAL = "Verksamhetens intäkter", "Verksamhetens kostnader"
NET, RESULT = "Verksamhetens nettoresultat", "Årets resultat"
ROUNDED_TKR, UNEXPLAINED_TKR = -1, -12
"""What is planted in the last year's outcomes: in the total of costs as printed, and in the result."""


@dataclass(frozen=True)
class StatementRow:
    """Hold one row of an income statement in whole tkr, costs negative."""

    row: str
    kind: str
    outcome: int
    budget: int
    forecast: int
    before: int


_YEAR_BEFORE: tuple[StatementRow, ...] = (
    StatementRow("Regionbidrag", "income", 37_200, 37_200, 37_200, 36_100),
    StatementRow("Intern uppdragsersättning", "income", 3_980, 3_600, 3_900, 3_650),
    StatementRow("Övriga intäkter", "income", 540, 480, 500, 505),
    StatementRow("Personalkostnader", "cost", -28_960, -29_400, -29_100, -27_850),
    StatementRow("Lokalkostnader", "cost", -2_070, -2_080, -2_080, -2_020),
    StatementRow("IT och systemstöd", "cost", -4_010, -3_900, -4_000, -3_720),
    StatementRow("Köpta konsulttjänster", "cost", -3_320, -3_000, -3_200, -3_610),
    StatementRow("Övriga kostnader", "cost", -2_655, -2_900, -2_700, -2_580),
)
_YEAR: tuple[StatementRow, ...] = (
    StatementRow("Regionbidrag", "income", 38_400, 38_400, 38_400, 37_200),
    StatementRow("Intern uppdragsersättning", "income", 4_260, 3_700, 4_100, 3_980),
    StatementRow("Övriga intäkter", "income", 618, 500, 600, 540),
    StatementRow("Personalkostnader", "cost", -29_874, -30_500, -30_000, -28_960),
    StatementRow("Lokalkostnader", "cost", -2_112, -2_150, -2_150, -2_070),
    StatementRow("IT och systemstöd", "cost", -4_935, -4_200, -4_700, -4_010),
    StatementRow("Köpta konsulttjänster", "cost", -3_846, -2_900, -3_600, -3_320),
    StatementRow("Övriga kostnader", "cost", -2_268, -2_850, -2_350, -2_655),
)
_NEXT_BUDGET: dict[str, int] = {
    "Regionbidrag": 39_500,
    "Intern uppdragsersättning": 4_100,
    "Övriga intäkter": 550,
    "Personalkostnader": -31_600,
    "Lokalkostnader": -2_200,
    "IT och systemstöd": -4_900,
    "Köpta konsulttjänster": -2_750,
    "Övriga kostnader": -2_700,
}
_OF_WHICH = ("Upphandlingsjurister", 410)
"""A part of what bought consultants cost beyond budget."""


def income_statements() -> list[Cells]:
    """List the rows of two years' statements."""
    statements = {
        PERIOD - 1: _with_totals(_YEAR_BEFORE, rounded=0, unexplained=0),
        PERIOD: _with_totals(_YEAR, rounded=ROUNDED_TKR, unexplained=UNEXPLAINED_TKR),
    }
    return [
        {
            "organisation": OWN,
            "year": str(year),
            "row_number": str(number),
            "row": each.row,
            "kind": each.kind,
            "outcome_tkr": str(each.outcome),
            "budget_to_date_tkr": str(each.budget),
            "difference_to_date_tkr": str(each.outcome - each.budget),
            "budget_full_year_tkr": str(each.budget),
            "forecast_full_year_tkr": str(each.forecast),
            "difference_full_year_tkr": str(each.forecast - each.budget),
            "outcome_previous_year_tkr": str(each.before),
            "source": SOURCE,
        }
        for year, rows in statements.items()
        for number, each in enumerate(rows, start=1)
    ]


def _with_totals(rows: tuple[StatementRow, ...], *, rounded: int, unexplained: int) -> list[StatementRow]:
    """Put in the totals, the net and the result, with what is planted in them."""
    incomes = [each for each in rows if each.kind == "income"]
    costs = [each for each in rows if each.kind == "cost"]
    income = _summed(INCOME_TOTAL, "income_total", incomes, 0)
    cost = _summed(COST_TOTAL, "cost_total", costs, rounded)
    both = [income, cost]
    return [
        *(*incomes, income, *costs, cost),
        _summed(NET, "net", both, 0),
        _summed(RESULT, "result", both, unexplained),
    ]


def _summed(row: str, kind: str, parts: list[StatementRow], planted: int) -> StatementRow:
    return StatementRow(
        row,
        kind,
        sum(each.outcome for each in parts) + planted,
        sum(each.budget for each in parts),
        sum(each.forecast for each in parts),
        sum(each.before for each in parts),
    )


def budgets() -> list[Cells]:
    """List the budgets of the year and of the next, each with its totals and result."""
    written = {PERIOD: {each.row: each.budget for each in _YEAR}, PERIOD + 1: _NEXT_BUDGET}
    return [
        {
            "organisation": OWN,
            "year": str(year),
            "kind": kind,
            "row": row,
            "amount_tkr": str(amount),
            "source": SOURCE,
        }
        for year, amounts in written.items()
        for kind, row, amount in _budget_rows(amounts)
    ]


def _budget_rows(amounts: dict[str, int]) -> list[tuple[str, str, int]]:
    kinds = {each.row: each.kind for each in _YEAR}
    rows = [(kinds[row], row, amount) for row, amount in amounts.items()]
    incomes = [each for each in rows if each[0] == "income"]
    costs = [each for each in rows if each[0] == "cost"]
    income, cost = (sum(amount for _, _, amount in part) for part in (incomes, costs))
    totals = ("income_total", INCOME_TOTAL, income), ("cost_total", COST_TOTAL, cost)
    return [totals[0], *incomes, totals[1], *costs, ("result", RESULT, income + cost)]


def cost_deviations() -> list[Cells]:
    """List what costs deviate from the budget and from the year before; more than them is positive."""
    costs = [each for each in _YEAR if each.kind == "cost"]
    total = _summed(COST_TOTAL, "cost_total", costs, ROUNDED_TKR)
    found = []
    for comparison, other in (("budget", "budget"), ("previous_year", "before")):
        rows = [("total", "Kostnader totalt", getattr(total, other) - total.outcome)]
        rows += [("part", each.row, getattr(each, other) - each.outcome) for each in costs]
        rows += [("of_which", *_OF_WHICH)] if comparison == "budget" else []
        found += [
            {
                "organisation": OWN,
                "year": str(PERIOD),
                "comparison": comparison,
                "kind": kind,
                "row": row,
                "amount_tkr": str(amount),
                "source": SOURCE,
            }
            for kind, row, amount in rows
        ]
    return found
