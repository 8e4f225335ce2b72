"""How much of the ledger nobody has decided in particular."""

from __future__ import annotations

from procanalysis.schema import Exclusion, KeyFigure, kronor, percent
from procanalysis.suggestions.patterns import PatternParts


def undecided_share(parts: PatternParts, *, currency: str = "SEK") -> KeyFigure:
    """Return the share of the kronor, each amount counted without its sign, that no specific rule decides.

    Formula: Σ|amount| of rows that only the default, a broad rule or no rule decides / Σ|amount| of all rows but those
    that a broad rule says are no purchase × 100.
    Parameters: parts, as `divide_patterns` returns them; currency, of the amounts. Returns a KeyFigure with what is not
    asked about as excluded. Unknown when there are no amounts. Source: issue 9 part 5; own definition.
    """
    part = int(parts.candidates["absolute_ore"].sum())
    whole = part + int(parts.reviewed["absolute_ore"].sum())
    left = int(parts.not_asked["lines_count"].sum())
    value = percent(part, whole)
    return KeyFigure(
        id="undecided_share",
        label="Belopp som ingen särskild regel avgör",
        value=value,
        unit="%",
        method="undecided_share",
        numerator=kronor(part),
        denominator=kronor(whole),
        part_unit=currency,
        excluded=(Exclusion("Inte inköp enligt en bred regel", left, int(parts.not_asked["amount_ore"].sum())),)
        if left
        else (),
        unknown_because="" if value is not None else "Underlaget har inga belopp skilda från noll.",
    )
