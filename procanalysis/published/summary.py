"""The truth check over all that is published, and its findings as lines for the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from procanalysis.measures.truth_check import truth_check
from procanalysis.published.opening import Published


def truth_check_of(published: Published) -> pd.DataFrame:
    """Run every consistency rule over the published figures. Returns schema.CONSISTENCY_CHECKS."""
    return truth_check(
        indicators=published.indicators,
        values=published.values,
        targets=published.targets,
        statements=published.statements,
        budgets=published.budgets,
        deviations=published.deviations,
        goals=published.goals,
        terms=published.terms,
    )


def truth_check_lines(checks: pd.DataFrame) -> Iterator[str]:
    """Write how many figures were checked, and each finding that rounding cannot explain.

    Parameters: checks, schema.CONSISTENCY_CHECKS. Yields one line of text at a time.
    """
    counts = checks["verdict"].value_counts()
    agrees, rounding, faults = (int(counts.get(name, 0)) for name in ("agrees", "rounding", "contradiction"))
    yield f"Published figures: {len(checks)} checks, {agrees} agree, {rounding} within rounding, {faults} contradict"
    for row in checks[checks["verdict"] == "contradiction"].to_dict("records"):
        yield f"  {row['organisation']} {row['year']}, {row['table']}: {row['sentence']}"
