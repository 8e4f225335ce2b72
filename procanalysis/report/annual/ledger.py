"""Parts that only the annual report of an organisation with a ledger shows: the year's purchasing in running text."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from procanalysis.errors import ReportError
from procanalysis.report.absent import absent
from procanalysis.report.cleaning import shorten
from procanalysis.report.key_figures import key_figures, value_text
from procanalysis.report.markup import Part
from procanalysis.report.parts import table
from procanalysis.report.savings.summary import Plan, target_finding
from procanalysis.report.words import words
from procanalysis.schema import KeyFigure, Source

_TARGET_WORDS: dict[str, str] = {
    "met": "Målet är nått",
    "off": "Målet är inte nått",
    "unknown": "Om målet är nått går inte att avgöra",
}


def shown_unless(reason: str, part: Part, *, source: Source) -> Part:
    """Show a part, or say quietly why it has nothing to show.

    Parameters: reason, in Swedish, empty when the part has something to show.

    >>> print(shown_unless("Avtalsregister saknas", Part("Tabell", "", {}), source=Source(text="x", organisation="y")))
    Avtalsregister saknas.
    """
    return absent(f"{reason.rstrip('.')}.", source=source) if reason else part


def figure_cards(figures: Sequence[KeyFigure], *, source: Source, otherwise: str = "") -> Part:
    """Show key figures as cards, also the unknown ones; say quietly why when none of them is known.

    Parameters: otherwise, why there are none at all.
    """
    if any(figure.value is not None for figure in figures):
        return key_figures(figures, source=source)
    reasons = dict.fromkeys(f"{figure.unknown_because.rstrip('.')}." for figure in figures)
    return absent(" ".join(reasons) or otherwise, source=source)


def each_once(*groups: Sequence[KeyFigure]) -> list[KeyFigure]:
    """Put the key figures of a report's chapters together, each once, by its id.

    Parameters: groups, the figures of one chapter each; a chapter of which no figure is known shows none of them.
    Raises ReportError when two figures with the same id are not the same: then two chapters reckon it differently.
    """
    found: dict[str, KeyFigure] = {}
    for group in groups:
        if any(figure.value is not None for figure in group):
            for figure in group:
                _refuse_difference(found.setdefault(figure.id, figure), figure)
    return list(found.values())


def _refuse_difference(first: KeyFigure, other: KeyFigure) -> None:
    for part in ("value", "numerator", "denominator"):
        one, another = getattr(first, part), getattr(other, part)
        if one != another:
            raise ReportError(
                f"The key figure '{first.id}' has the {part} {one} in one chapter and {another} in another. Reckon it "
                "with the same rows and choices in both."
            )


def category_table(
    bought: pd.DataFrame, change: pd.DataFrame | None, *, since: str, otherwise: str, source: Source
) -> Part:
    """Show the largest main categories, with what they were the year before where that is known.

    Parameters: bought, one row per main category, the largest first, with main_category_code, main_category_name,
    amount_ore and share_pct; change, the same with before_ore, change_ore and change_pct, or None when nothing can be
    compared, and otherwise says why; since, the year before, in words.
    """
    columns = {"main_category_name": "Huvudkategori", "amount_ore": "Inköp", "share_pct": "Andel"}
    note = otherwise
    if change is not None:
        earlier = change[["main_category_code", "before_ore", "change_ore", "change_pct"]]
        bought = bought.merge(earlier, on="main_category_code", how="left")
        columns |= {"before_ore": since, "change_ore": "Förändring", "change_pct": "I procent"}
        note = "Procent visas bara när beloppet före var större än noll."
    return table(bought, columns=columns, title="De största huvudkategorierna", source=source, rows=8,
                 sheet="Huvudkategorier", note=note)  # fmt: skip


def purchase_text(
    *,
    name: str,
    period: str,
    since: str,
    total: KeyFigure,
    largest: Mapping[str, Any],
    change: pd.DataFrame | None,
    loyal: KeyFigure,
    loyal_before: KeyFigure | None,
    source: Source,
) -> str:
    """Write a paragraph about what was bought and how much of it on contract. What is not known is left out.

    Parameters
    ----------
    name, period, since: the organisation, the year and the year before, in words
    total: the year's spend, its change since the year before as comparison when there is one
    largest: the largest main category: main_category_name, amount_ore and share_pct, None where there is none
    change: per main category, the largest change first (main_category_name, change_ore), None when nothing can be
        compared
    loyal, loyal_before: the loyalty of the year, judged against its target where there is one, and of the year before

    Returns plain text.
    """
    said = [_bought(name, period, total, change is not None, source)]
    if largest["amount_ore"] is not None:
        said.append(
            words(
                "Störst bland inköpen var {category}: {amount_ore}, {share_pct} av inköpen.", source=source,
                category=largest["main_category_name"], amount_ore=largest["amount_ore"],
                share_pct=largest["share_pct"],
            )
        )  # fmt: skip
    said += _moved(change, since, source)
    said += _loyalty(loyal, loyal_before, since)
    return " ".join(filter(None, said))


def _bought(name: str, period: str, total: KeyFigure, is_compared: bool, source: Source) -> str:
    if total.value is None:
        return ""
    compared = f". Det är {total.comparison}" if is_compared and total.comparison else ""
    amount = value_text(total, source.currency)
    return f"{shorten(name, 120)} betalade {amount} till leverantörer under {period}{compared}."


def _moved(change: pd.DataFrame | None, since: str, source: Source) -> Iterator[str]:
    """Name what rose and what fell most, where anything did."""
    rows = [] if change is None else change.to_dict("records")
    for kept, template in (
        (lambda row: row["change_ore"] > 0, "Mest ökade {category}, {change_ore} mer än {since}."),
        (lambda row: row["change_ore"] < 0, "Mest minskade {category}, {change_ore} mindre än {since}."),
    ):
        first: Mapping[Hashable, Any] | None = next(filter(kept, rows), None)
        if first is not None:
            yield words(
                template, source=source, category=first["main_category_name"], change_ore=abs(first["change_ore"]),
                since=since,
            )  # fmt: skip


def _loyalty(loyal: KeyFigure, before: KeyFigure | None, since: str) -> Iterator[str]:
    if loyal.value is None:
        return
    compared = f", mot {value_text(before)} {since}" if before is not None and before.value is not None else ""
    yield (
        f"Av köpen som LOU omfattar gick {value_text(loyal)} belagt till leverantörer vars avtal gällde på "
        f"inköpsdagen{compared}."
    )
    if loyal.status in _TARGET_WORDS:
        yield f"{_TARGET_WORDS[loyal.status]} ({loyal.comparison})."


def contract_text(
    *, plan: Plan, realised: KeyFigure, ending: pd.DataFrame, done: KeyFigure, next_year: int, source: Source
) -> str:
    """Write a paragraph about savings, contracts that end, and follow-ups. What is not known is left out.

    Parameters: plan, the savings plan of the year; realised, the realised saving; ending, the contracts that end the
    year after (amount_ore), without rows when there are none or no register; done, the follow-ups done; next_year.
    Returns plain text.
    """
    said = [target_finding(plan, source=source).text] if plan.outcome_ore is not None else []
    if realised.value is not None:
        compared = f", {realised.comparison}" if realised.comparison else ""
        said.append(f"Uppmätt realiserat: {value_text(realised, source.currency)}{compared}.")
    if len(ending):
        said.append(
            words(
                "{year} slutar {n} avtal, som det köptes för {amount_ore} på under året.", source=source,
                year=str(next_year), n=len(ending), amount_ore=int(ending["amount_ore"].sum()),
            )
        )  # fmt: skip
    if done.value is not None:
        said.append(f"{done.label}: {value_text(done)} {done.comparison[:1].lower()}{done.comparison[1:]}.")
    return " ".join(said)
