"""Open a round of suggestions: what is undecided, what the reviewed rows suggest, and what reviewers have said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import pandas as pd

from procanalysis.measures.suggested_categories import (
    Suggestions,
    suggest_categories,
    suggest_rules,
    suggestion_accuracy,
    suggestion_coverage,
)
from procanalysis.measures.wording import percent_text
from procanalysis.organisation import Organisation
from procanalysis.schema import KeyFigure
from procanalysis.suggestions.book import BookContent
from procanalysis.suggestions.decided import DecidedRules, decided_rules
from procanalysis.suggestions.figures import undecided_share
from procanalysis.suggestions.kept import kept_suggestions
from procanalysis.suggestions.patterns import PatternParts, broad_rules, compared_with, divide_patterns, learnt_from
from procanalysis.suggestions.placing import PlacedRules, place_rules

MOST_LEARNT = 3_000
"""How many reviewed patterns the model learns from: as many as it learns from in some seconds."""


@dataclass(frozen=True)
class SuggestionRound:
    """Hold one round of suggestions for an organisation.

    parts: all accepted rows, as patterns to ask about, reviewed and not asked about; suggestions: what the model says
    of those to ask about; placed: the suggested rules that can be accepted one by one; decided: what reviewers have
    accepted and refused so far.
    """

    organisation: Organisation
    parts: PatternParts
    suggestions: Suggestions
    placed: PlacedRules
    decided: DecidedRules
    threshold_pct: Decimal
    period_name: str

    @property
    def rules(self) -> pd.DataFrame:
        """The suggested rules (schema.SUGGESTED_RULES) with category_name, the largest kronor first."""
        return self.organisation.with_category_names(self.placed.asked)

    @property
    def rules_told(self) -> dict[str, object]:
        """What a sentence says of the suggested rules together; every value unknown where none is suggested."""
        asked = self.placed.asked
        if asked.empty:
            return {"rules": None, "lines": None, "moved_ore": None, "threshold_pct": None}
        lines, moved = int(asked["lines_count"].sum()), int(asked["moved_ore"].sum())
        return {"rules": len(asked), "lines": lines, "moved_ore": moved, "threshold_pct": self.threshold_pct}

    @property
    def patterns(self) -> pd.DataFrame:
        """The patterns and what is suggested for each (schema.SUGGESTIONS), the largest kronor first.

        With suggested_name, the suggested category's name or that there is none; an empty reason where there is one.
        """
        tree = self.organisation.taxonomy
        names = dict(zip(tree["category_code"], tree["name"], strict=True))
        rows = self.suggestions.rows
        told = rows["suggested_code"].map(names).astype("str").fillna("Inget förslag")
        return rows.assign(suggested_name=told, silent_because=rows["silent_because"].fillna(""))

    @cached_property
    def figures(self) -> list[KeyFigure]:
        """How much is undecided, how much of it gets a suggestion, and how much of that was right when tried."""
        currency = self.organisation.params.currency
        return [
            undecided_share(self.parts, currency=currency),
            suggestion_coverage(self.suggestions, currency=currency),
            suggestion_accuracy(self.suggestions, currency=currency),
        ]

    @property
    def why_none(self) -> str:
        """Why no rule is suggested, in Swedish; empty when some is."""
        if len(self.placed.asked):
            return ""
        if self.parts.candidates.empty:
            return "Alla rader avgörs av en särskild regel, så det finns inget att föreslå."
        if self.suggestions.silent_because:
            return f"{self.suggestions.silent_because}."
        if self.suggestions.rows["suggested_code"].notna().any():
            return "Ingen enskild regel skulle avgöra tillräckligt många rader med tillräcklig säkerhet."
        return f"Inget förslag når gränsen {percent_text(self.threshold_pct)} säkerhet."

    def book(self, made_on: date) -> BookContent:
        """Return what the review workbook is written from."""
        params = self.organisation.params
        return BookContent(
            slug=params.slug,
            name=params.name,
            fictional=params.fictional,
            source_text=f"Leverantörsreskontra för {params.name}. Belopp exklusive moms.",
            period_name=self.period_name,
            threshold_pct=self.threshold_pct,
            rules=self.placed.asked,
            patterns=self.patterns,
            parts=self.parts.reconciliation,
            left_out=self.placed.reasons,
            taxonomy=self.organisation.taxonomy,
            why_none=self.why_none,
            made_on=made_on,
        )


def suggestions_of(
    organisation: Organisation, *, only_period: bool = False, threshold_pct: Decimal | int | None = None
) -> SuggestionRound:
    """Suggest categories and rules for the rows that no specific rule decides, from those that one does.

    Parameters: organisation, opened; only_period, whether to look only at the rows of the period that it is opened for,
    or at all accepted rows; threshold_pct, how sure a suggestion must be, 50 to 100 (the organisation file's when not
    given). Returns a SuggestionRound. Raises MeasureError for a threshold outside its limits, ReconciliationError when
    the parts are not all the rows.
    """
    params, rules, taxonomy = organisation.params, organisation.rules, organisation.taxonomy
    threshold = Decimal(params.reports.suggestions.threshold_pct if threshold_pct is None else threshold_pct)
    decided = decided_rules(params)
    lines = organisation.lines if only_period else organisation.all_lines
    parts = divide_patterns(lines, broad=broad_rules(rules, decided.accepted["rule_id"].tolist()))
    learnt = learnt_from(parts, MOST_LEARNT)
    suggested = kept_suggestions(
        params.slug,
        parts.candidates,
        learnt,
        taxonomy=taxonomy,
        threshold_pct=threshold,
        suggest=lambda: suggest_categories(parts.candidates, learnt, taxonomy=taxonomy, threshold_pct=threshold),
    )
    found = suggest_rules(
        parts.candidates,
        compared_with(parts),
        suggested.rows,
        rules,
        taxonomy=taxonomy,
        refused=decided.refused["rule_id"].tolist(),
        threshold_pct=threshold,
        currency=params.currency,
    )
    return SuggestionRound(
        organisation=organisation,
        parts=parts,
        suggestions=suggested,
        placed=place_rules(found, parts, rules=rules, refused=frozenset(decided.refused["rule_id"])),
        decided=decided,
        threshold_pct=threshold,
        period_name=organisation.period_name if only_period else "Alla godtagna rader",
    )
