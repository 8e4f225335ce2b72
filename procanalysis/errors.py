"""What can go wrong, in one small tree.

Every message says what is wrong, where (file, row, column), shows five examples at most, and ends with what
to do next. The reader is a buyer or a controller, not a programmer.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ProcanalysisError(Exception):
    """Stop with a message that a non-programmer can act on."""


class ParamsError(ProcanalysisError):
    """Stop because an organisation file or a command-line value is wrong."""


class InputError(ProcanalysisError):
    """Stop because an input file is missing, empty, or not what it is said to be."""


class MappingError(ProcanalysisError):
    """Stop because the category tree or the rules are wrong, or match nothing."""


class ReconciliationError(ProcanalysisError):
    """Stop because rows or kronor do not add up."""


class MeasureError(ProcanalysisError):
    """Stop because a calculation was asked for with columns or values that it cannot use."""


class ReportError(ProcanalysisError):
    """Stop because a notebook failed or a report could not be published."""


class ProcanalysisWarning(UserWarning):
    """Tell that something looks wrong although the work can go on."""


def examples(values: Iterable[object], limit: int = 5) -> str:
    """List the first values in words, and say how many there are when some are left out.

    >>> examples([17, 203, 888])
    '17, 203, 888'
    >>> examples(range(1, 9))
    '1, 2, 3, 4, 5 … (8 in all)'
    """
    items = [str(value) for value in values]
    shown = ", ".join(items[:limit])
    return shown if len(items) <= limit else f"{shown} … ({len(items)} in all)"


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """Name the nearest valid word, or all of them when none is near.

    >>> did_you_mean("perid", ["period", "name"])
    "Did you mean 'period'?"
    >>> did_you_mean("xyz", ["period", "name"])
    'Valid: name, period.'
    """
    choices = sorted(valid)
    near = difflib.get_close_matches(word, choices, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Valid: {', '.join(choices)}."
