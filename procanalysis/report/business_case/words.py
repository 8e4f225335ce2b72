"""Sentences of a business case: what it proposes, what must be true, and where it stops paying."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pandas as pd

from procanalysis.report import numbers, style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import read_columns
from procanalysis.report.lanes import named
from procanalysis.report.markup import Part, render
from procanalysis.report.numbers import to_decimal
from procanalysis.report.sentences import bullet_points, callout, fill, finding
from procanalysis.schema import Source

_TEMPLATE = "business_case.html.j2"
_WORD = "Rekommendation"
_MUST_BE_TRUE = "Det här måste stämma"
_AGAINST = "Det här talar emot"
_LONGEST = 300
_PAYS = {"above": "lönar sig först över", "below": "lönar sig bara under"}
_ROUNDING = {"above": ROUND_CEILING, "below": ROUND_FLOOR}


def break_even_points(
    frame: pd.DataFrame,
    *,
    name: str,
    value: str,
    source: Source,
    unit: str = "",
    direction: str = "",
    reason: str = "",
    most: int = 12,
    otherwise: str = "",
) -> Part:
    """List at which value of each number the case stops paying: "lönar sig först över 74 %".

    A value is rounded towards the side that pays, so that the value said does pay.

    Parameters
    ----------
    frame: one row per number of one alternative, in the order to list them
    name, value: the columns with the number's name, and the value at which the result is zero, missing where none is
    unit: the column with the value's unit, such as "%" or "kr"
    direction: the column that says on which side it pays: "above" or "below" the value
    reason: the column that says why there is no value; numbers with the same reason share a point, after the values
    most: how many values to list; what is left is counted in words
    otherwise: what to say when no row has a value or a reason
    """
    needed = [name, value, *filter(None, (unit, direction, reason))]
    found = read_columns(frame, dict.fromkeys(needed, ""), where="break_even_points")
    read = {column.name: column.values for column in found}
    points: list[Part] = []
    without: dict[str, list[str]] = {}
    for place, label in enumerate(read[name]):
        exact = to_decimal(read[value][place])
        word, side, why = (read[column][place] if column else None for column in (unit, direction, reason))
        if exact is not None:
            pays = _PAYS.get(str(side), "går jämnt ut vid")
            points.append(
                finding("{name}: {pays}.", name=named(label), pays=f"{pays} {_level(exact, word, str(side))}")
            )
        elif why:
            without.setdefault(named(why, _LONGEST).rstrip("."), []).append(named(label))
    if len(points) > most:
        points = [*points[:most], finding("{n} till står i tabellen.", n=len(points) - most)]
    points += [finding("{why}: {names}.", why=why, names=", ".join(names)) for why, names in without.items()]
    if not points:
        none = otherwise or "Inget tal i kalkylen har en brytpunkt."
        return callout("{reason}", kind="note", source=source, reason=none)
    return bullet_points(points, source=source)


def _level(value: Decimal, unit: object, side: str) -> str:
    """Write a value with its unit, percent with a decimal where it is not whole, rounded to the side that pays."""
    step = Decimal("0.1") if unit == "%" else Decimal(1)
    level = value.quantize(step, rounding=_ROUNDING.get(side, ROUND_HALF_UP))
    text = numbers.number(level, 0 if level == level.to_integral_value() else 1)
    return text if unit is None else f"{text}{numbers.HARD_SPACE}{named(unit, 30)}"


def recommendation(
    *,
    title: str,
    is_doing_nothing: bool,
    sentences: Sequence[str],
    source: Source,
    decision_by: str = "",
    break_even: str = "",
    must_be_true: Sequence[str] = (),
    cautions: Sequence[str] = (),
) -> Part:
    """Propose an alternative in one paragraph, and list what must be true for it to hold and what speaks against it.

    Parameters
    ----------
    title: the alternative proposed; is_doing_nothing: whether that is to do nothing
    sentences: why, with the figures of the results, in whole sentences
    decision_by: who decides, a role
    break_even: at which value it pays, such as "Lönar sig först över 74 % trohet"
    must_be_true, cautions: short statements
    """
    choice = "gör ingenting" if is_doing_nothing else "välj ”{title}”"
    template = f"Förslag till {{who}}: {choice}." if decision_by else f"{choice[:1].upper()}{choice[1:]}."
    values = ({} if is_doing_nothing else {"title": title}) | ({"who": decision_by} if decision_by else {})
    begins, begins_html = fill(template, dict(values), currency=source.currency)
    last = f"{clean_text(break_even).rstrip('.')}." if break_even.strip() else ""
    follows = [shorten(each, _LONGEST) for each in (*sentences, last) if each.strip()]
    lists = [
        (head, [shorten(item, _LONGEST) for item in items if item.strip()])
        for head, items in ((_MUST_BE_TRUE, must_be_true), (_AGAINST, cautions))
    ]
    lists = [(head, items) for head, items in lists if items]
    html = render(
        "recommendation",
        template=_TEMPLATE,
        accent=style.accent_colour(source.accent_colour),
        word=_WORD,
        begins=begins_html,
        follows=follows,
        lists=lists,
    )
    lines = [f"{_WORD}: {' '.join([begins, *follows])}"]
    for head, items in lists:
        lines += [f"{head}:", *(f"- {item}" for item in items)]
    return Part("\n".join(lines), html, {"type": "text"})
