"""Tell on the command line what a round of suggestions found, and what a review led to."""

from __future__ import annotations

import os
from collections.abc import Iterator

from procanalysis.params import organisations_folder
from procanalysis.schema import kronor
from procanalysis.suggestions.opening import SuggestionRound
from procanalysis.suggestions.reviewing import ReviewTaken


def round_lines(found: SuggestionRound) -> Iterator[str]:
    """Say how the accepted rows are divided, and what the suggested rules would settle."""
    for step in found.parts.reconciliation.to_dict("records"):
        yield f"  {step['step']:<60} {step['lines_count']:>12} rows {kronor(int(step['amount_exact_ore'])):>20}"
    rules = found.placed.asked
    if found.why_none:
        yield f"No rule is suggested: {found.why_none}"
    else:
        moved = kronor(int(rules["moved_ore"].sum()))
        yield f"{len(rules)} suggested rules would settle {int(rules['lines_count'].sum())} rows, {moved} net."


def review_lines(taken: ReviewTaken, slug: str) -> Iterator[str]:
    """Say what was accepted and refused, where it stands, and what remains to do before it counts."""
    accepted, refused = taken.counted("accepted"), taken.counted("refused")
    yield f"{accepted} accepted, {refused} refused, {taken.undecided_count} left without a decision."
    if taken.known_count:
        yield f"{taken.known_count} were decided earlier in the same way, and stand as they did."
    if accepted:
        yield f"Added to: {taken.accepted_file.name}, in {taken.accepted_file.parent.name}/"
    if refused:
        yield f"Added to: {taken.refused_file.name}, in {taken.refused_file.parent.name}/"
    if taken.accepted_file.is_file() and not taken.is_named:
        named = os.path.relpath(taken.accepted_file, organisations_folder()).replace(os.sep, "/")
        yield f"The accepted rules decide nothing yet: add {named} last in mapping.rules of {slug}.yml."
    yield f"Now run: procanalysis check {slug}"
