"""Key figures: cards for the first screen, and how each was reckoned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from procanalysis.errors import ReportError, did_you_mean
from procanalysis.report import numbers, style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.markdown import first_paragraphs, render_markdown
from procanalysis.report.markup import WORKBOOK_PLACE, Part, render
from procanalysis.report.status import STATUSES, StatusMark, status_named
from procanalysis.schema import COUNTED_NOUNS, Exclusion, KeyFigure, Source


def key_figures(figures: Sequence[KeyFigure], *, source: Source, status_rule: str = "") -> Part:
    """Show key figures as cards: value, comparison, status, and a link to how each was reckoned.

    Parameters
    ----------
    figures: at most eight, the most important first
    status_rule: what makes a status, in words, when any figure has one

    Raises ReportError when there are none, too many, two with the same id, or one unknown without a reason.
    """
    _check(figures)
    cards = [_card(figure, source) for figure in figures]
    html = render(
        "key_figures",
        source=source,
        accent=style.accent_colour(source.accent_colour),
        cards=cards,
        rule=clean_text(status_rule),
    )
    lines = [f"{card['label']}: {card['value']} {card['comparison']}".rstrip() for card in cards]
    return Part("\n".join(lines), html, {"type": "key_figures", "figures": [figure_data(f) for f in figures]})


def known_figures(figures: Sequence[KeyFigure]) -> list[KeyFigure]:
    """Keep the key figures that are known, for the first screen of a report that says elsewhere why others are not."""
    return [figure for figure in figures if figure.value is not None]


def how_calculated(figures: Sequence[KeyFigure], *, source: Source, methods: Mapping[str, str]) -> Part:
    """Show for each key figure its definition, numerator, denominator, what was left out, and its method.

    Place it under a section heading of its own: '## Så har vi räknat'.

    Parameters
    ----------
    methods: the text of the method pages (markdown) by the name that the figure's `method` holds

    Raises ReportError when a figure's method page is missing.
    """
    _check(figures, most=200)
    taken: set[str] = set()
    entries = [_entry(figure, source, methods, taken) for figure in figures]
    accent = style.accent_colour(source.accent_colour)
    html = render("how_calculated", source=source, accent=accent, entries=entries, workbook_place=WORKBOOK_PLACE)
    lines = [f"{figure.label}: {value_text(figure, source.currency)} ({figure.method})" for figure in figures]
    return Part("\n".join(lines), html, {"type": "how_calculated", "ids": [figure.id for figure in figures]})


def value_text(figure: KeyFigure, currency: str = "SEK") -> str:
    """Write a key figure's value in its unit.

    >>> value_text(KeyFigure(id="a", label="A", value=Decimal("12.34"), unit="%", method="a"))
    '12,3\\xa0%'
    """
    if figure.value is None:
        return "Uppgift saknas"
    return _quantity(figure.value, figure.unit, currency)


def figure_data(figure: KeyFigure) -> dict[str, Any]:
    """Return a key figure as the published JSON holds it: sums of money as text with two decimals."""
    value: str | int | float | None = None
    if figure.value is not None and figure.unit in _MONEY:
        value = _two(figure.value)
    elif figure.value is not None:
        whole = figure.value == figure.value.to_integral_value()
        value = int(figure.value) if whole else float(figure.value)
    return {
        "id": figure.id,
        "label": clean_text(figure.label),
        "value": value,
        "unit": figure.unit,
        "numerator": _two(figure.numerator),
        "denominator": _two(figure.denominator),
        "part_unit": figure.part_unit,
        "excluded": [_exclusion_data(exclusion) for exclusion in figure.excluded],
        "method": figure.method,
        "status": figure.status,
        "unknown_because": clean_text(figure.unknown_because),
    }


_MONEY = ("SEK", "GBP", "EUR")
_CARBON = "kg CO2e"
_MOST_CARDS = 8


def _check(figures: Sequence[KeyFigure], most: int = _MOST_CARDS) -> None:
    if not figures or len(figures) > most:
        raise ReportError(f"key_figures: got {len(figures)} figures; show between 1 and {most}.")
    ids = [figure.id for figure in figures]
    for figure in figures:
        if ids.count(figure.id) > 1:
            raise ReportError(f"key_figures: '{figure.id}' is there twice. Give every figure its own id.")
        if figure.value is None and not figure.unknown_because.strip():
            raise ReportError(f"key_figures: '{figure.id}' has no value and no reason. Say why in unknown_because.")


def _card(figure: KeyFigure, source: Source) -> dict[str, Any]:
    mark: StatusMark | None = status_named(figure.status) if figure.status else None
    if figure.value is None and mark is None:
        mark = next(m for m in STATUSES if m.kind == "unknown")
    return {
        "label": shorten(figure.label),
        "value": value_text(figure, source.currency),
        "unknown": shorten(figure.unknown_because) if figure.value is None else "",
        "mark": mark,
        "comparison": shorten(figure.comparison),
        "anchor": _anchor(figure),
    }


def _entry(figure: KeyFigure, source: Source, methods: Mapping[str, str], taken: set[str]) -> dict[str, Any]:
    if figure.method not in methods:
        raise ReportError(
            f"how_calculated: there is no method page '{figure.method}' for the figure '{figure.id}'. "
            f"Write docs/methods/{figure.method}.md or correct the name."
        )
    text = methods[figure.method]
    label, short = shorten(figure.label), first_paragraphs(text)
    definition, _ = render_markdown(short, keep_relative=False, caption=label)
    page = Markup("")
    if re.sub(r"\A\s*#[^\n]*\n", "", text).strip() != short.strip():
        page, _ = render_markdown(
            text, deeper=2, prefix=f"{_anchor(figure)}-", taken=taken, keep_relative=False, caption=label
        )
    terms = [("Värde", value_text(figure, source.currency))]
    if figure.value is None:
        terms.append(("Orsak", clean_text(figure.unknown_because)))
    if figure.numerator is not None:
        terms.append(("Täljare", _exactly(figure.numerator, figure.part_unit, source.currency)))
    if figure.denominator is not None:
        terms.append(("Nämnare", _exactly(figure.denominator, figure.part_unit, source.currency)))
    return {
        "anchor": _anchor(figure),
        "label": label,
        "definition": definition,
        "terms": terms,
        "excluded": [_excluded(exclusion, source.currency) for exclusion in figure.excluded],
        "method": figure.method,
        "page": page,
    }


def _exclusion_data(exclusion: Exclusion) -> dict[str, Any]:
    amount = exclusion.amount_ore
    return {
        "reason": clean_text(exclusion.reason),
        "rows": int(exclusion.rows),
        "counted": exclusion.counted,
        "amount": None if amount is None else _two(Decimal(amount).scaleb(-2)),
        "known": None if exclusion.known is None else int(exclusion.known),
    }


def _excluded(exclusion: Exclusion, currency: str) -> str:
    amount = exclusion.amount_ore
    return excluded_text(
        clean_text(exclusion.reason),
        exclusion.rows,
        exclusion.counted,
        None if amount is None else numbers.amount_exact(amount, currency),
        exclusion.known,
    )


def excluded_text(reason: str, rows: int, counted: str, amount: str | None, known: int | None) -> str:
    """Write one exclusion: how many, of what, and their amount, how many it is known for, or that it is not.

    Parameters: counted, a key of COUNTED_NOUNS; amount, as written, None when unknown; known, how many of the rows the
    amount is of, None for all.

    >>> excluded_text("Utan metod", 37, "upphandlingar", None, None)
    'Utan metod: 37\\xa0upphandlingar, belopp okänt'
    >>> excluded_text("Utan lista", 3, "upphandlingar", "10,00 kr", 2)
    'Utan lista: 3\\xa0upphandlingar, belopp känt för 2: 10,00 kr'
    """
    if counted not in COUNTED_NOUNS:
        raise ReportError(f"an exclusion counts '{counted}'. {did_you_mean(counted, COUNTED_NOUNS)}")
    noun = COUNTED_NOUNS[counted] if rows == 1 else counted
    said = "belopp okänt" if amount is None else amount
    if amount is not None and known is not None:
        said = f"belopp känt för {numbers.count(known)}: {amount}"
    return f"{reason}: {numbers.count(rows)}{numbers.HARD_SPACE}{noun}, {said}"


def _quantity(value: Decimal, unit: str, currency: str) -> str:
    if unit in _MONEY:
        return numbers.amount(value.scaleb(2), currency if unit == "SEK" else unit)
    if unit == "%":
        return numbers.percent(value)
    if unit in ("procentenheter", "pp"):
        return numbers.percentage_points(value)
    if unit == _CARBON:
        return numbers.carbon(value)
    decimals = 0 if value == value.to_integral_value() else 1
    text = numbers.number(value, decimals)
    return text if unit in ("", "st") else f"{text}{numbers.HARD_SPACE}{clean_text(unit)}"


def _exactly(value: Decimal, unit: str, currency: str) -> str:
    if unit in _MONEY:
        return numbers.amount_exact(value.scaleb(2), currency if unit == "SEK" else unit)
    decimals = 0 if value == value.to_integral_value() else 2
    text = numbers.number(value, decimals)
    return f"{text}{numbers.HARD_SPACE}{clean_text(unit)}" if unit else text


def _two(value: Decimal | None) -> str | None:
    return None if value is None else f"{numbers.rounded(value, 2):.2f}"


def _anchor(figure: KeyFigure) -> str:
    return "raknat-" + re.sub(r"[^a-z0-9_-]+", "-", figure.id.lower())
