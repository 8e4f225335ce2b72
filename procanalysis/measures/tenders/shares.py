"""Shares of counted things, made alike for every question about tenders."""

from __future__ import annotations

from decimal import Decimal

from procanalysis.schema import Exclusion, KeyFigure, percent

NO_PROCUREMENTS = "Underlaget har inga annonserade upphandlingar för urvalet"
NO_BIDS = "Underlaget har inga uppgifter om anbud för urvalet"
NO_VALUES = "Underlaget har inga kontraktsvärden för urvalet"
NO_AWARDS = "Underlaget har inga tilldelningar för urvalet"


def counted_share(
    name: str,
    label: str,
    numerator: int,
    denominator: int,
    *,
    excluded: dict[str, int],
    unknown_because: str,
    figure_id: str = "",
    comparison: str = "",
) -> KeyFigure:
    """Make a share in percent; unknown when there is a reason, with what was counted where that says something.

    Parameters: `name`, the method page; `excluded`, reason → how many are left out; `unknown_because`, empty when the
    share is known; `figure_id`, when it is another than the page.
    """
    because = unknown_because or ("" if denominator else "Ingenting finns att räkna andelen på")
    return KeyFigure(
        id=figure_id or name,
        label=label,
        value=None if because else percent(numerator, denominator),
        unit="%",
        method=name,
        numerator=None if because else Decimal(numerator),
        denominator=None if because else Decimal(denominator),
        part_unit="st",
        excluded=left_out(excluded),
        comparison=comparison,
        unknown_because=because,
    )


def left_out(excluded: dict[str, int]) -> tuple[Exclusion, ...]:
    """Return the exclusions that left anything out; what they are worth is not known."""
    return tuple(Exclusion(reason, count, None) for reason, count in excluded.items() if count)
