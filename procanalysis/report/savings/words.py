"""Sentences of the savings report: what could be measured and why not the rest, and where promised savings leak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import pandas as pd

from procanalysis.report import numbers
from procanalysis.report.columns import read_columns
from procanalysis.report.lanes import begun, named
from procanalysis.report.markup import Part
from procanalysis.report.numbers import to_decimal
from procanalysis.report.sentences import bullet_points, callout, finding
from procanalysis.report.words import words
from procanalysis.schema import Source

_MOST_REASONS = 5


def triage_points(
    procurements: pd.DataFrame,
    *,
    method: str,
    reasons: Mapping[str, str],
    source: Source,
    most: int = _MOST_REASONS,
    otherwise: str = "",
) -> Part:
    """List how many procurements can be measured, by which method, and the most common reasons why others cannot.

    Parameters
    ----------
    procurements: one row per procurement
    method: the column with the Swedish name of the method used; missing where none applies
    reasons: the columns that say why a method does not apply, each with the method's Swedish name; only rows without a
        method are counted, and a row counts once for each method
    most: how many reasons to list; what is left is counted in words
    otherwise: what to say when there are no procurements
    """
    used, *said = read_columns(procurements, dict.fromkeys((method, *reasons), ""), where="triage_points")
    if not used.values:
        reason = otherwise or "Inga upphandlingar är registrerade."
        return callout("{reason}", kind="note", source=source, reason=reason)
    measured = Counter(named(name, 40) for name in used.values if name is not None)
    told = Counter(
        (begun(reasons[column.name]), begun(named(text, 160).rstrip(".")))
        for column in said
        for text, how in zip(column.values, used.values, strict=True)
        if how is None and text not in (None, "")
    )
    points = [_measured_point(measured, len(used.values))]
    for (name, text), count in told.most_common(most):
        template = "{n} kan inte mätas med metoden {name}: {text}."
        points.append(finding(template, n=count, name=name, text=text))
    if len(told) > most:
        points.append(finding("Ytterligare {n} skäl står i tabellen.", n=len(told) - most))
    return bullet_points(points, source=source)


def _measured_point(measured: Counter[str], total: int) -> Part:
    noun = "upphandling" if total == 1 else "upphandlingar"
    by_method = ", ".join(f"{begun(name)} {numbers.count(count)}" for name, count in measured.most_common())
    how = f": {by_method}" if by_method else ""
    return finding("{n} av {all} {noun} går att mäta{how}.", n=measured.total(), all=total, noun=noun, how=how)


def change_title(steps: pd.DataFrame, *, source: Source) -> str:
    """Name how much a cost changed from one period to another, and the step that changed it most, as a title.

    Parameters: steps, the bridge of a price decomposition with step_name, amount_ore and is_total; the totals stand
    first and last.

    >>> steps = pd.DataFrame({"step_name": ["Värde före", "Pris", "Värde efter"], "amount_ore": [100_00, 20_00, 120_00],
    ...     "is_total": [1, 0, 1]})
    >>> change_title(steps, source=Source(text="Register", organisation="Region Exempel"))
    'Kostnaden steg med 20\xa0kr, mest genom pris'
    """
    totals, parts = steps[steps["is_total"] == 1], steps[steps["is_total"] == 0]
    if len(totals) < 2 or parts.empty:
        return "Varför kostnaden ändrades"
    change = int(totals["amount_ore"].iloc[-1]) - int(totals["amount_ore"].iloc[0])
    if change == 0:
        return "Kostnaden är densamma som förra perioden"
    # Of the steps that go the same way as the whole, the one that goes furthest.
    cause = str(parts.sort_values("amount_ore", ascending=change < 0, kind="stable")["step_name"].iloc[0])
    return words(
        "Kostnaden {verb} med {change_ore}, mest genom {cause}",
        source=source,
        verb="steg" if change > 0 else "sjönk",
        change_ore=abs(change),
        cause=begun(cause),
    )


def bridge_title(
    frame: pd.DataFrame, *, label: str, amount: str, total_rows: Collection[str], losses: bool, source: Source,
    otherwise: str,
) -> str:  # fmt: skip
    """Name the cause that takes most of a promised saving, as a title.

    Parameters: frame, label, amount and total_rows as for `bridge_figure`; losses, whether a step that takes away is
    positive; otherwise, what to say when no step takes away anything.
    """
    names, amounts = read_columns(frame, {label: "", amount: ""}, where="bridge_title")
    sign, totals = 1 if losses else -1, list(total_rows)
    taken = [
        (sign * value, named(name))
        for name, value in zip(names.values, map(to_decimal, amounts.values), strict=True)
        if value is not None and name not in totals and sign * value > 0
    ]
    if not taken:
        return otherwise
    most, cause = max(taken, key=lambda pair: pair[0])
    return words("Mest går bort genom {cause}: {lost_ore}", source=source, cause=begun(cause), lost_ore=most)
