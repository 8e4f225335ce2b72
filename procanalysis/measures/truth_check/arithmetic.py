"""Reckon stated figures again from what they are said to come of, and tell rounding from contradiction."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.wording import quantity_text
from procanalysis.schema import (
    CONSISTENCY_CHECKS,
    RELATION_RULES,
    STATED_TERMS,
    UNITS_IN_KRONOR,
    names,
    require_columns,
)

Row = dict[Hashable, Any]

_PLACES = Decimal("0.000001")
_FIRST_CALENDAR_YEAR = 1000
_LINEAR = ("sum", "difference", "same")


@dataclass(frozen=True)
class _Figure:
    """Hold one figure of a relation in the unit that it is reckoned in, and how far rounding may have moved it."""

    role: str
    label: str
    value: Fraction
    half_step: Fraction
    unit: str
    is_approximate: bool = False


def consistency_check(terms: pd.DataFrame) -> pd.DataFrame:
    """Reckon every stated figure again and compare.

    sum, difference: Σ part − Σ minus; share: part × 100 / whole; percent_change: (after − before) × 100 / before;
    uplift: base × (1 + uplift_pct / 100); product: Π factor; same: other. difference = stated − reckoned. tolerance:
    every printed figure may lie half its printed step away (a whole step when the report says 'ca'), so tolerance is
    what that can make of stated and reckoned together, worst case. Verdict: agrees when reckoned rounds to stated,
    rounding within the tolerance, else contradiction. Parameters: terms, schema.STATED_TERMS, one row per figure.
    Returns schema.CONSISTENCY_CHECKS, one row per relation in the order given; the difference between percentages is
    in percentage points. Raises MeasureError when a relation cannot be reckoned. Source: our own checks C1–C43 of the
    published reports.
    """
    require_columns(terms.columns, names(STATED_TERMS), "consistency_check")
    relations: dict[str, list[Row]] = {}
    for row in terms.to_dict("records"):
        relations.setdefault(str(row["relation_id"]), []).append(row)
    checked = [_checked(relation, rows) for relation, rows in relations.items()]
    frame = pd.DataFrame(checked, columns=names(CONSISTENCY_CHECKS), dtype=object)
    return frame.astype({"year": "int64"})


def _checked(relation: str, rows: Sequence[Row]) -> Row:
    rule = str(rows[0]["rule"])
    if rule not in RELATION_RULES:
        raise MeasureError(f"consistency_check: '{rule}' is not a rule. {did_you_mean(rule, RELATION_RULES)}")
    stated = [row for row in rows if row["role"] == "stated"]
    if len(stated) != 1:
        raise MeasureError(f"consistency_check: '{relation}' needs one stated figure, but has {len(stated)}.")
    unit = str(stated[0]["unit"])
    if rule in ("share", "percent_change") and unit != "percent":
        raise MeasureError(
            f"consistency_check: '{relation}' states {unit}, but {rule} gives percent. Correct the unit."
        )
    said = _figure(stated[0], unit)
    figures = [_figure(row, _reckoned_in(rule, row, unit)) for row in rows if row["role"] != "stated"]
    _check_units(relation, rule, unit, figures)
    reckoned = _reckon(relation, rule, figures)
    low, high = _range(relation, rule, figures, reckoned)
    difference = said.value - reckoned
    tolerance = said.half_step + (high - reckoned if difference > 0 else reckoned - low)
    verdict = _verdict(difference, tolerance, said, reckoned, Decimal(str(stated[0]["printed_step"])))
    kept = {name: rows[0][name] for name in ("rule", "organisation", "year", "table")}
    return kept | {
        "row": stated[0]["label"],
        "stated": _decimal(said.value),
        "reckoned": _decimal(reckoned),
        "difference": _decimal(difference),
        "tolerance": _decimal(tolerance),
        "unit": unit,
        "verdict": verdict,
        "sentence": _sentence(rule, said, figures, reckoned, difference, tolerance, verdict),
        "source": stated[0]["source"],
    }


def _figure(row: Row, unit: str) -> _Figure:
    own = str(row["unit"])
    factor = Fraction(1)
    if own != unit and own in UNITS_IN_KRONOR and unit in UNITS_IN_KRONOR:
        factor, own = Fraction(UNITS_IN_KRONOR[own], UNITS_IN_KRONOR[unit]), unit
    step = Fraction(row["printed_step"]) * factor
    return _Figure(
        role=str(row["role"]),
        label=str(row["label"]),
        value=Fraction(row["value"]) * factor,
        half_step=step if row["is_approximate"] else step / 2,
        unit=own,
        is_approximate=bool(row["is_approximate"]),
    )


def _reckoned_in(rule: str, row: Row, unit: str) -> str:
    """Name the unit that a figure must be in: that of the stated one where they are added or compared."""
    return unit if rule in _LINEAR or row["role"] == "base" else str(row["unit"])


def _check_units(relation: str, rule: str, unit: str, figures: Sequence[_Figure]) -> None:
    compared = [each.unit for each in figures if each.role not in ("factor", "uplift_pct")]
    expected = compared[:1] if rule in ("share", "percent_change") else [unit]
    for found in compared:
        if found not in expected:
            raise MeasureError(
                f"consistency_check: '{relation}' mixes {expected[0]} and {found}. Give figures of the same unit."
            )


def _reckon(relation: str, rule: str, figures: Sequence[_Figure]) -> Fraction:
    by_role: dict[str, list[Fraction]] = {}
    for each in figures:
        by_role.setdefault(each.role, []).append(each.value)
    try:
        return _FORMULAS[rule](by_role)
    except (KeyError, ZeroDivisionError):
        needed = ", ".join(role for role in RELATION_RULES[rule] if role != "minus")
        raise MeasureError(
            f"consistency_check: '{relation}' cannot be reckoned by {rule}. Give {needed}, and no zero to divide by."
        ) from None


def _sum(roles: Mapping[str, list[Fraction]]) -> Fraction:
    return sum(roles["part"], Fraction(0)) - sum(roles.get("minus", []), Fraction(0))


_FORMULAS: dict[str, Callable[[Mapping[str, list[Fraction]]], Fraction]] = {
    "sum": _sum,
    "difference": _sum,
    "share": lambda roles: roles["part"][0] * 100 / roles["whole"][0],
    "percent_change": lambda roles: (roles["after"][0] - roles["before"][0]) * 100 / roles["before"][0],
    "uplift": lambda roles: roles["base"][0] * (1 + roles["uplift_pct"][0] / 100),
    "product": lambda roles: prod(roles["factor"], start=Fraction(1)),
    "same": lambda roles: roles["other"][0],
}


def _range(relation: str, rule: str, figures: Sequence[_Figure], reckoned: Fraction) -> tuple[Fraction, Fraction]:
    """Return the least and the most that the rounding of the figures allows."""
    if rule in _LINEAR:
        room = sum((each.half_step for each in figures), Fraction(0))
        return reckoned - room, reckoned + room
    moved = [each for each in figures if each.half_step]
    fixed = [each for each in figures if not each.half_step]
    corners = [
        _reckon(
            relation,
            rule,
            [
                *fixed,
                *(
                    _Figure(each.role, each.label, each.value + sign * each.half_step, Fraction(0), each.unit)
                    for each, sign in zip(moved, signs, strict=True)
                ),
            ],
        )
        for signs in product((-1, 1), repeat=len(moved))
    ]
    return min(corners), max(corners)


def _verdict(difference: Fraction, tolerance: Fraction, said: _Figure, reckoned: Fraction, step: Decimal) -> str:
    if difference == 0:
        return "agrees"
    if step and _decimal(reckoned / Fraction(step)).quantize(Decimal(1), ROUND_HALF_UP) * step == _decimal(said.value):
        return "agrees"
    return "rounding" if abs(difference) <= tolerance else "contradiction"


def _decimal(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(_PLACES)


def _sentence(
    rule: str,
    said: _Figure,
    figures: Sequence[_Figure],
    reckoned: Fraction,
    difference: Fraction,
    tolerance: Fraction,
    verdict: str,
) -> str:
    printed = f"{said.label}: tryckt {'ca ' if said.is_approximate else ''}{_text(said.value, said.unit)}"
    if verdict == "agrees":
        return f"{printed} stämmer."
    apart = "percentage_points" if said.unit == "percent" else said.unit
    if len(figures) == 1:
        again = f"{printed}, men {figures[0].label} är {_text(reckoned, said.unit)}."
    else:
        again = f"{printed}, men {_reckoning(rule, figures)} ger {_text(reckoned, said.unit)}."
    distance = _text(abs(difference), apart)
    if verdict == "rounding":
        return f"{again} Skillnaden {distance} ryms i de tryckta talens avrundning ({_text(tolerance, apart)})."
    allowed = f"Avrundning kan förklara högst {_text(tolerance, apart)}." if tolerance else "Talen är exakta."
    return f"{again} Skillnaden är {distance}. {allowed}{_hint(rule, said, figures, difference)}"


def _reckoning(rule: str, figures: Sequence[_Figure]) -> str:
    named = {each.role: f"{_text(each.value, each.unit)} ({each.label})" for each in figures}
    if rule == "share":
        return f"{named['part']} av {named['whole']}"
    if rule == "percent_change":
        return f"{named['before']} till {named['after']}"
    if rule == "uplift":
        return f"{named['base']} uppräknat med {named['uplift_pct']}"
    if rule == "product":
        return " gånger ".join(_text(each.value, each.unit) for each in figures)
    signs = {"part": " + ", "minus": " − "}
    written = [(each.role, _text(abs(each.value), each.unit), each.value < 0) for each in figures]
    first = ("−" if written[0][2] else "") + written[0][1]
    rest = [
        signs["minus" if (role == "minus") is not negative else "part"] + amount
        for role, amount, negative in written[1:]
    ]
    return first + "".join(rest)


def _hint(rule: str, said: _Figure, figures: Sequence[_Figure], difference: Fraction) -> str:
    """Add what the slip may be, where the figures themselves tell."""
    if rule == "percent_change":
        values = {each.role: each for each in figures}
        change = values["after"].value - values["before"].value
        unit = values["after"].unit
        if unit in ("percent", "index_points", "score") and abs(change - said.value) <= said.half_step:
            points = "percentage_points" if unit == "percent" else unit
            return f" Som skillnad stämmer talet: {_text(change, points)}. Procent och poäng är förväxlade."
    size = abs(difference)
    if rule == "sum" and size >= 10 and size == 10 ** (len(str(int(size))) - 1):
        return " Skillnaden är en enda siffra, så det kan vara ett skrivfel."
    return ""


def _text(number: Fraction, unit: str) -> str:
    if unit == "years" and number >= _FIRST_CALENDAR_YEAR:
        return str(int(number))
    return quantity_text(_decimal(number), unit)
