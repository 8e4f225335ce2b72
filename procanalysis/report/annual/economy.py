"""Income statement, deviations, budgets, investments and printed savings, in the units that boards print."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import pandas as pd

from procanalysis.report import numbers
from procanalysis.report.absent import absent
from procanalysis.report.annual.grouped import grouped_table
from procanalysis.report.cleaning import shorten
from procanalysis.report.key_figures import value_text
from procanalysis.report.markup import Part
from procanalysis.report.status import StatusMark
from procanalysis.report.words import words
from procanalysis.schema import KeyFigure, Source

_ORE_PER_TKR = 100_000
_TOTALS = ("income_total", "cost_total", "net", "result", "total")
_CHECK_MARKS = {
    "Stämmer": StatusMark("met", "✓", "Stämmer"),
    "Ryms i avrundningen": StatusMark("unknown", "≈", "Avrundning"),
    "Stämmer inte": StatusMark("off", "✕", "Stämmer inte"),
}
_MISSING = "Förklaring saknas"
_EXPLANATION_MARKS = {_MISSING: StatusMark("off", "✕", _MISSING)}
_STATEMENT_COLUMNS = {
    "outcome_ore": "Utfall", "budget_to_date_ore": "Budget", "difference_to_date_ore": "Differens",
    "outcome_minus_budget_ore": "Räknad differens", "budget_full_year_ore": "Budget helår",
    "forecast_full_year_ore": "Prognos helår", "difference_full_year_ore": "Differens helår",
    "forecast_minus_budget_ore": "Räknad differens helår", "outcome_previous_year_ore": "Utfall föregående år",
    "outcome_minus_previous_ore": "Mot föregående år",
}  # fmt: skip
_REPEATED = {
    "outcome_minus_budget_ore": "difference_to_date_ore",
    "forecast_minus_budget_ore": "difference_full_year_ore",
}
_ALL_SAVINGS = "Tillsammans"
_LONGEST = 900

Row = Mapping[Hashable, Any]


class PrintedSavings(Protocol):
    """Describe what is needed of the savings that a board has printed for a year."""

    @property
    def year(self) -> int:
        """The calendar year."""

    @property
    def rows(self) -> pd.DataFrame:
        """One row per printed figure: kind, kind_name, part, amount_ore and is_approximate."""

    @property
    def gap_ore(self) -> int | None:
        """Target minus total."""

    @property
    def next_target_ore(self) -> int | None:
        """The target of the next year."""


class Investment(Protocol):
    """Describe the reviewed text of one investment."""

    @property
    def title(self) -> str:
        """What it is."""

    @property
    def decided_tkr(self) -> int | None:
        """What was decided."""

    @property
    def used_tkr(self) -> int | None:
        """What has been used."""

    @property
    def text(self) -> str:
        """What there is to say."""


def saving_table(saving: PrintedSavings, *, source: Source) -> Part:
    """Show the savings printed for a year: new contracts by receiver, running ones, total, and the targets."""
    if saving.rows.empty:
        return absent(f"Ingen möjliggjord besparing är publicerad för {saving.year}.", source=source)
    rows = [_saving_row(row, saving.year) for row in saving.rows.to_dict("records")]
    more = {"group": _ALL_SAVINGS, "approximate": ""}
    if saving.gap_ore is not None:
        rows.append(more | {"name": "Utfall minus mål", "amount_ore": -saving.gap_ore, "strong": True})
    if saving.next_target_ore is not None:
        rows.append(more | {"name": f"Mål {saving.year + 1}", "amount_ore": saving.next_target_ore, "strong": False})
    frame = pd.DataFrame(rows)
    return grouped_table(
        frame, columns={"name": "Besparing", "amount_ore": "Belopp", "approximate": "Säkerhet"},
        title=words("Möjliggjorda besparingar {year}", year=saving.year), source=source, sheet="Besparingar",
        groups=list(frame["group"]) if frame["group"].nunique() > 1 else [], strong=list(frame["strong"]),
        notes=["”Ca” betyder att nämnden själv skriver så, eller att beloppet är härlett ur ett sådant."]
        if any(frame["approximate"]) else [],
    )  # fmt: skip


def _saving_row(row: Row, year: int) -> dict[str, Any]:
    is_part = row["kind"] in ("new", "running")
    name = str(row["part"]) if is_part else f"Mål {year}" if row["kind"] == "target" else str(row["kind_name"])
    return {
        "group": str(row["kind_name"]) if is_part else _ALL_SAVINGS,
        "name": name,
        "amount_ore": int(row["amount_ore"]),
        "approximate": "Ca" if row["is_approximate"] else "",
        "strong": row["kind"] == "total",
    }


def statement_table(rows: pd.DataFrame, unexplained: KeyFigure, *, year: int, source: Source, otherwise: str) -> Part:
    """Show an income statement row by row as printed, in tkr, with every sum and difference reckoned again.

    Parameters: rows, of `income_rows`; unexplained, of `unexplained_difference`, which becomes a row of its own when it
    is not zero; otherwise, what to say when there is no statement.
    """
    if rows.empty:
        return absent(otherwise, source=source)
    columns = _statement_columns(rows)
    frame = _in_tkr(rows, columns)
    notes = [f"{row['row']}. {row['note']}" for row in rows.to_dict("records") if row["note"]]
    if _all_printed_agree(rows):
        notes.insert(0, "Alla tryckta differenser är räknade på nytt och är lika med de tryckta.")
    strong = [str(kind) in _TOTALS for kind in rows["kind"]]
    if unexplained.value:
        last = {"row": "Oförklarad skillnad", "outcome_ore": unexplained.value, "verdict_name": "Stämmer inte"}
        frame = pd.concat([frame, pd.DataFrame([last], columns=frame.columns, dtype=object)], ignore_index=True)
        strong.append(True)
        notes.append(f"Oförklarad skillnad är intäkter och kostnader mot tryckt resultat: {unexplained.comparison}.")
    frame = frame.rename(columns={name: name.replace("_ore", "_count") for name in columns})
    return grouped_table(
        frame, columns={"row": "Rad", **{n.replace("_ore", "_count"): label for n, label in columns.items()},
                        "verdict_name": "Kontroll"},
        title=words("Resultaträkning {year}, tkr", year=year), source=source, sheet="Resultaträkning", strong=strong,
        marks=_CHECK_MARKS, notes=notes,
    )  # fmt: skip


def _statement_columns(rows: pd.DataFrame) -> dict[str, str]:
    """Choose the columns to show: a reckoned difference unless the printed ones already say every one of them."""
    same = {name for name, printed in _REPEATED.items() if _is_within(rows[name], rows[printed])}
    return {name: label for name, label in _STATEMENT_COLUMNS.items() if name not in same and rows[name].notna().any()}


def _all_printed_agree(rows: pd.DataFrame) -> bool:
    """Tell whether any difference is printed, and every printed one is what we reckon."""
    pairs = [(rows[printed], rows[name]) for name, printed in _REPEATED.items()]
    return any(printed.notna().any() for printed, _ in pairs) and all(_is_within(*pair) for pair in pairs)


def _is_within(values: pd.Series, others: pd.Series) -> bool:
    """Tell whether every known value has an equal one in the other column; a missing one equals nothing."""
    known = values.notna()
    return bool((values[known] == others[known]).fillna(False).all())


def _in_tkr(frame: pd.DataFrame, columns: Mapping[str, str] | Sequence[str]) -> pd.DataFrame:
    """Write öre as thousands of kronor, exactly; what is missing stays missing."""
    changed = {name: pd.Series([_tkr(value) for value in frame[name]], index=frame.index, dtype=object)
               for name in columns}  # fmt: skip
    return frame.assign(**changed).astype(object)


def _tkr(amount_ore: Any) -> Decimal | None:
    exact = None if pd.isna(amount_ore) else numbers.to_decimal(amount_ore)
    return None if exact is None else exact / _ORE_PER_TKR


def deviation_table(
    asked: pd.DataFrame, unexplained: KeyFigure, *, limits: str, source: Source, otherwise: str
) -> Part:
    """Show the essential deviations with their explanation, or ask for one where none is written.

    Parameters: asked, of `asked_deviations`; unexplained, of `unexplained_deviations`; limits, what asks for an
    explanation, in words; otherwise, what to say when there is no income statement to compare.
    """
    if asked.empty:
        return absent(otherwise, source=source)
    columns = {"amount_ore": "Belopp", "compared_ore": "Jämförs med", "difference_ore": "Skillnad"}
    frame = _in_tkr(asked, columns).rename(columns={name: name.replace("_ore", "_count") for name in columns})
    frame["told"] = [_told(row, "verdict") for row in asked.to_dict("records")]
    missing = ""
    if unexplained.value:
        missing = f"{numbers.count(unexplained.value)} {unexplained.comparison} saknar förklaring."
    return grouped_table(
        frame, columns={"row": "Rad", **{n.replace("_ore", "_count"): label for n, label in columns.items()},
                        "difference_pct": "Procent", "told": "Förklaring"},
        title="Avvikelser med och utan förklaring, tkr", source=source, sheet="Väsentliga avvikelser",
        groups=list(asked["comparison_name"]), marks=_EXPLANATION_MARKS, stacked=True,
        notes=[limits, missing],
    )  # fmt: skip


def _told(row: Row, verdict: str) -> str:
    return _MISSING if row[verdict] == "missing" else shorten(row["explanation"], _LONGEST)


def cost_deviation_table(rows: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """Show printed deviations of costs, with totals reckoned again, and their explanation or a request for one.

    Parameters: rows, of `cost_deviation_rows`; otherwise, what to say when there are none.
    """
    if rows.empty:
        return absent(otherwise, source=source)
    frame = _in_tkr(rows, ["amount_ore"]).rename(columns={"amount_ore": "amount_count"})
    records = rows.to_dict("records")
    frame["name"] = [f"Varav {row['row']}" if row["kind"] == "of_which" else row["row"] for row in records]
    frame["told"] = [_told(row, "explanation_verdict") for row in records]
    frame["checked"] = [None if pd.isna(row["verdict_name"]) else row["verdict_name"] for row in records]
    frame["checked"] = frame["checked"].where(frame["checked"].notna(), "")
    return grouped_table(
        frame, columns={"name": "Rad", "amount_count": "Kostnad minus jämförelse", "checked": "Kontroll",
                        "told": "Förklaring"},
        title="Tryckta kostnadsavvikelser, tkr", source=source, sheet="Kostnadsavvikelser",
        groups=list(rows["comparison_name"]), strong=[row["kind"] == "total" for row in records],
        marks=_CHECK_MARKS | _EXPLANATION_MARKS, stacked=True,
        notes=["Minus betyder att kostnaden var lägre än det den jämförs med.",
               *(f"{row['comparison_name']}: {row['note']}" for row in records if row["note"])],
    )  # fmt: skip


def budget_table(rows: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """Show the budgets of two years beside each other, in tkr, with the change of every row.

    Parameters: rows, of `budget_rows`; otherwise, what to say when no budget is printed.
    """
    if rows.empty:
        return absent(otherwise, source=source)
    before, after = int(rows["before_year"].iloc[0]), int(rows["after_year"].iloc[0])
    columns = {"before_ore": f"Budget {before}", "after_ore": f"Budget {after}"}
    frame = _in_tkr(rows, columns).rename(columns={name: name.replace("_ore", "_count") for name in columns})
    return grouped_table(
        frame, columns={"row": "Rad", **{n.replace("_ore", "_count"): label for n, label in columns.items()},
                        "change_text": "Förändring"},
        title=words("Budget {before} och {after}, tkr", before=str(before), after=str(after)), source=source,
        sheet="Budget", strong=[str(kind) in _TOTALS for kind in rows["kind"]],
        notes=[f"{row['row']}, {row['note']}" for row in rows.to_dict("records") if row["note"]],
    )  # fmt: skip


def investment_table(investments: Sequence[Investment], *, source: Source, otherwise: str) -> Part:
    """Show investments: decided, used and what there is to say. An amount that is not told stays unknown."""
    if not investments:
        return absent(otherwise, source=source)
    rows = [
        {"title": each.title, "decided_count": each.decided_tkr, "used_count": each.used_tkr, "text": each.text}
        for each in investments
    ]
    columns = {"title": "Investering", "decided_count": "Beslutat (tkr)", "used_count": "Använt (tkr)", "text": "Text"}
    amounts = [row[name] for row in rows for name in ("decided_count", "used_count")]
    note = "En tom ruta betyder att beloppet inte är känt." if None in amounts and any(amounts) else ""
    frame = pd.DataFrame(rows, dtype=object)
    return grouped_table(
        frame, columns=columns, title="Investeringar", source=source, sheet="Investeringar", notes=[note], stacked=True
    )  # fmt: skip


def limits_in_words(limit_tkr: int, limit_pct: Decimal) -> str:
    """Say what deviation asks for an explanation."""
    pct = value_text(KeyFigure(id="limit", label="", value=limit_pct, unit="%", method="limit"))
    return (
        f"En avvikelse ska förklaras när den är större än {numbers.count(limit_tkr)}{numbers.HARD_SPACE}tkr och mer "
        f"än {pct}. Plus är bättre än jämförelsen. Summor förklaras av sina rader."
    )
