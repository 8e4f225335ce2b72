"""Key figures of suggested categories: how much of the undecided amount gets a suggestion, and how good they are."""

from __future__ import annotations

from procanalysis.measures import frames, wording
from procanalysis.measures.suggested_categories.suggesting import Suggestions
from procanalysis.schema import Exclusion, KeyFigure, kronor, percent


def suggestion_coverage(suggestions: Suggestions, *, currency: str = "SEK") -> KeyFigure:
    """Measure how much of the amount that no particular rule decides gets a suggested category.

    share = Σ|amount| of patterns with a suggestion × 100 / Σ|amount| of all patterns asked about.
    Parameters: `suggestions`, from suggest_categories; `currency` of the amounts. Returns a KeyFigure in percent; the
    patterns without suggestion are left out with the reason, in rows of the ledger and net. Unknown when nothing was
    asked about. Source: issue 9 part 5; own definition.
    """
    rows = suggestions.rows
    has = rows["suggested_code"].notna()
    whole, part = int(rows["amount_ore"].abs().sum()), int(rows.loc[has, "amount_ore"].abs().sum())
    left = rows[~has].groupby("silent_because", sort=True)[["lines_count", "amount_ore"]].sum()
    return KeyFigure(
        id="suggestion_coverage",
        label="Belopp med föreslagen kategori",
        value=percent(part, whole),
        unit="%",
        method="suggestion_coverage",
        numerator=kronor(part),
        denominator=kronor(whole),
        part_unit=currency,
        excluded=tuple(
            Exclusion(str(reason), int(lines), int(amount)) for reason, lines, amount in left.itertuples(name=None)
        ),
        unknown_because="" if whole else "Inga rader avgörs bara av grundregeln eller en bred regel",
    )


def suggestion_accuracy(suggestions: Suggestions, *, level: int = 1, currency: str = "SEK") -> KeyFigure:
    """Measure how much of the amount that was suggested for reviewed patterns held out was right, on one level.

    share = Σ|amount| of tried patterns with the right suggestion × 100 / Σ|amount| of those with a suggestion. Each
    was suggested by a model that had not seen it, and its confidence told by patterns of other parts.
    Parameters: `suggestions`, from suggest_categories; `level`, 1 for main categories, up to the depth of the tree;
    `currency` of the amounts. Returns a KeyFigure in percent; tried patterns that got no suggestion on the level are
    left out, in rows of the ledger and without sign. Unknown when none was tried or suggested. Raises MeasureError.
    Source: issue 9 part 5; own definition.
    """
    frames.check_range("suggestion_accuracy", "level", level, 1, 99)
    tried = suggestions.held_out[suggestions.held_out["level"] == level]
    suggested, right = int(tried["suggested_ore"].sum()), int(tried["right_ore"].sum())
    silent_lines = int(tried["tried_lines"].sum() - tried["suggested_lines"].sum())
    silent_ore = int(tried["tried_ore"].sum()) - suggested
    limit = wording.percent_text(suggestions.threshold_pct)
    why_silent = f"Prövade mönster utan förslag, säkerheten når inte {limit} på nivå {level}"
    return KeyFigure(
        id="suggestion_accuracy",
        label=f"Rätt kategori bland prövade förslag, nivå {level}",
        value=percent(right, suggested),
        unit="%",
        method="suggestion_accuracy",
        numerator=kronor(right),
        denominator=kronor(suggested),
        part_unit=currency,
        excluded=(Exclusion(why_silent, silent_lines, silent_ore),) if silent_lines else (),
        unknown_because=""
        if suggested
        else suggestions.silent_because or "Inget granskat mönster fick ett förslag på den nivån",
    )
