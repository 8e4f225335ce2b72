"""Do not trust the header: refuse a file whose columns hold something else than they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice

from stdnum import luhn

from procanalysis.errors import InputError, examples

_DATE = re.compile(
    r"((19|20)\d\d([-/.])[01]?\d\3[0-3]?\d|(19|20)\d\d[01]\d[0-3]\d|[0-3]?\d([-/.])[0-3]?\d\5(19|20)\d\d)"
    r"([T ]\d\d:.*)?"
)
_DECIMAL = re.compile(r"[-+−(]?[\d\s.']*\d[.,]\d\d[-)]?")
_SIGNS_IN_NUMBER = re.compile(r"[\s-]")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
_ONLY_DIGITS = re.compile(r"[\d\s.,-]+")
_SAMPLE = 1000


def _is_organisation_number(value: str) -> bool:
    digits = _SIGNS_IN_NUMBER.sub("", value)
    return _TEN_DIGITS.fullmatch(digits) is not None and digits[2] > "1" and luhn.is_valid(digits)


def _is_date(value: str) -> bool:
    return bool(_DATE.fullmatch(value))


def _is_amount(value: str) -> bool:
    return bool(_DECIMAL.fullmatch(value)) and not _is_date(value)


def _is_only_digits(value: str) -> bool:
    return bool(_ONLY_DIGITS.fullmatch(value))


_IMPLAUSIBLE: dict[str, tuple[tuple[str, Callable[[str], bool]], ...]] = {
    "amount": (("organisation numbers", _is_organisation_number), ("dates", _is_date)),
    "account": (
        ("organisation numbers", _is_organisation_number),
        ("dates", _is_date),
        ("amounts", _is_amount),
    ),
    "supplier_name": (("numbers", _is_only_digits), ("dates", _is_date)),
    "supplier_number": (("dates", _is_date), ("amounts", _is_amount)),
    "booked_on": (("organisation numbers", _is_organisation_number), ("amounts", _is_amount)),
}


def refuse_shifted_columns(name: str, headers: dict[str, str], values: dict[str, Sequence[str]]) -> None:
    """Raise InputError when most values of a column are plainly of another kind than its header says.

    Parameters: name, the file; headers, our column → its header; values, our column → its values.
    Ten values at least are needed to tell.
    """
    for column, kinds in _IMPLAUSIBLE.items():
        filled = (text for value in values.get(column, ()) if value and (text := value.strip()))
        sample = Counter(islice(filled, _SAMPLE))
        rows = sample.total()
        if rows < 10:
            continue
        for kind, test in kinds:
            hits = sum(times for value, times in sample.items() if test(value))
            if hits * 2 > rows:
                raise InputError(
                    f"{name}: the column '{headers[column]}' should hold the {column.replace('_', ' ')} but holds "
                    f"{kind} ({hits} of the first {rows} filled rows). The columns are probably shifted "
                    "against the header. Correct the file, or name the right headers under ledger.columns."
                )


def refuse_unreadable(
    name: str, header: str, rows: int, unreadable: int, samples: Sequence[object], remedy: str
) -> None:
    """Raise InputError when more than half of a column's values cannot be read: rejecting them would hide the cause."""
    if unreadable * 2 > rows and unreadable > 0:
        raise InputError(
            f"{name}: {unreadable} of {rows} values in the column '{header}' cannot be read "
            f"(for example {examples(samples, 3)}). {remedy}"
        )
