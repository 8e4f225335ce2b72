"""Say for every posting how far up the loyalty ladder the drawn contracts carry it, contract by contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.example.account_plan import UNITS
from procanalysis.example.contracts import Contract, Date, Register
from procanalysis.example.files import BUYER

_NO, _UNKNOWN, _YES = 0, 1, 2
_FAR = np.datetime64("2199-12-31")
Small = npt.NDArray[np.int8]


@dataclass(frozen=True)
class _Lines:
    """Hold the postings of one supplier in columns; categories are places in `codes`."""

    day: npt.NDArray[np.datetime64]
    category: npt.NDArray[np.int64]
    unit: npt.NDArray[np.int64]
    codes: tuple[str, ...]


def with_rungs(base: pd.DataFrame, register: Register, suppliers: pd.DataFrame) -> pd.DataFrame:
    """Return the postings, sorted by supplier, with the columns of the loyalty ladder.

    Adds proven, possible, proven_then and possible_then (0 to 4, the best that some contract gives) and contract
    (place in the register of the one that stands highest, of equals the first; -1 for none). Parameters: `base`,
    postings in the order of the files; `register`; `suppliers`, their table.
    """
    frame = base.sort_values("supplier", kind="stable")
    category, found = pd.factorize(frame["category_code"])
    codes = tuple(map(str, found))
    count = len(frame)
    rungs = {name: np.zeros(count, dtype=np.int8) for name in ("proven", "possible", "proven_then", "possible_then")}
    best, contract_of = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    supplier = frame["supplier"].to_numpy()
    day, unit = frame["day"].to_numpy().astype("datetime64[D]"), frame["unit"].to_numpy()
    met = np.zeros(len(suppliers), dtype=bool)
    for place, who, is_member in _meetings(register):
        met[who] = True
        rows = slice(*np.searchsorted(supplier, [who, who + 1]))
        lines = _Lines(day[rows], category[rows], unit[rows], codes)
        answers = _answers(register.contracts[place], lines, is_member)
        known_then = _known_then(register.contracts[place], lines, answers[0])
        reached = {
            "proven": _leading(answers, _YES),
            "possible": _leading(answers, _UNKNOWN),
            "proven_then": _leading([known_then, *answers[1:]], _YES),
            "possible_then": _leading([known_then, *answers[1:]], _UNKNOWN),
        }
        for name, values in reached.items():
            rungs[name][rows] = np.maximum(rungs[name][rows], values)
        standing = reached["proven"].astype(np.int64) * 10 + reached["possible"]
        # The register is in the order of the numbers, so the first of equals has the smallest.
        higher = standing > best[rows]
        best[rows][higher] = standing[higher]
        contract_of[rows][higher] = place
    # Nobody can tell that a supplier without a valid number has no contract.
    unheard = suppliers["supplier_type"].eq("unknown").to_numpy() & ~met
    for name in ("possible", "possible_then"):
        rungs[name][unheard[supplier]] = 4
    return frame.assign(**rungs, contract=contract_of)


def _meetings(register: Register) -> Iterator[tuple[int, int, bool]]:
    """Give each contract with each supplier that it covers, itself or only through its group of companies."""
    for place, contract in enumerate(register.contracts):
        members = set(contract.suppliers)
        sisters = {who for group in register.groups if members & set(group) for who in group} - members
        yield from ((place, who, True) for who in sorted(members))
        yield from ((place, who, False) for who in sorted(sisters))


def _answers(contract: Contract, lines: _Lines, is_member: bool) -> list[Small]:
    """Answer the four rungs for every posting of one supplier."""
    count = len(lines.day)
    own = np.full(count, _YES if is_member else _UNKNOWN, dtype=np.int8)
    return [own, _valid(contract, lines), _in_category(contract, lines), _takes_part(contract, lines)]


def _valid(contract: Contract, lines: _Lines) -> Small:
    last_day = contract.last_day()
    outside = np.zeros(len(lines.day), dtype=bool)
    if contract.starts_on is not None:
        outside |= lines.day < np.datetime64(contract.starts_on)
    if last_day is not None:
        outside |= lines.day > (_FAR if last_day == Date.max else np.datetime64(last_day))
    inside = _YES if contract.starts_on is not None and last_day is not None else _UNKNOWN
    return np.where(outside, _NO, inside).astype(np.int8)


def _in_category(contract: Contract, lines: _Lines) -> Small:
    if not contract.categories:
        return np.full(len(lines.day), _UNKNOWN, dtype=np.int8)
    within = _within(contract.categories, lines.codes)
    return np.where(np.isin(lines.category, within), _YES, _NO).astype(np.int8)


@cache
def _within(categories: tuple[str, ...], codes: tuple[str, ...]) -> list[int]:
    """List the places of the codes that lie in or under the categories."""
    # Every posting stands on a category of the lowest level, so none lies above a contract's.
    return [
        place
        for place, code in enumerate(codes)
        if any(code == wanted or code.startswith(f"{wanted}.") for wanted in categories)
    ]


def _takes_part(contract: Contract, lines: _Lines) -> Small:
    who = {name.lower() for name in contract.participants}
    if not who or BUYER.lower() in who:
        return np.full(len(lines.day), _YES, dtype=np.int8)
    units = [place for place, name in enumerate(UNITS) if name.lower() in who]
    return np.where(np.isin(lines.unit, units), _YES, _NO).astype(np.int8)


def _known_then(contract: Contract, lines: _Lines, own: Small) -> Small:
    """Answer rung 1 as it stood on the day of each purchase."""
    if contract.registered_on is None:
        return np.minimum(own, np.int8(_UNKNOWN))
    registered = lines.day >= np.datetime64(contract.registered_on)
    return np.where(registered, own, _NO).astype(np.int8)


def _leading(answers: list[Small], least: int) -> Small:
    """Count the answers of at least so much, up to the first that is less."""
    reached = np.ones(len(answers[0]), dtype=bool)
    count = np.zeros(len(answers[0]), dtype=np.int8)
    for answer in answers:
        reached &= answer >= least
        count += reached
    return count
