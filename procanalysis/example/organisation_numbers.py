"""Made-up organisation numbers with a right check digit.

Only ranges that cannot be taken for real ones are used: companies 559900–559999, public bodies 212090–212099,
the other kinds of legal person with 99 in the last four of the first six digits, and personal numbers whose
day is 00 (or 60, as a coordination number would have it), which no person can have.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PREFIXES: dict[str, tuple[int, int]] = {
    "company": (559900, 100),
    "trading_partnership": (969990, 10),
    "economic_association": (769990, 10),
    "public": (212090, 10),
    "association": (802990, 10),
    "foreign": (399990, 10),
    "estate": (129990, 10),
}
"""First six digits: the lowest, and how many of them in a row are used."""


def check_digit(nine_digits: str) -> str:
    """Return the Luhn check digit of the first nine digits of an organisation number.

    Every second digit from the first is doubled, the digits of the products are summed, and the check digit
    lifts the sum to a multiple of ten.

    >>> check_digit("212000204")
    '9'
    """
    total = 0
    for position, digit in enumerate(nine_digits):
        product = int(digit) * (2 if position % 2 == 0 else 1)
        total += product // 10 + product % 10
    return str(-total % 10)


def legal_numbers(kind: str, count: int, *, first: int = 0) -> list[str]:
    """List `count` made-up numbers of a kind in PREFIXES from the one at place `first` on, spread over its prefixes.

    >>> legal_numbers("company", 2)
    ['5599000006', '5599010005']
    >>> legal_numbers("company", 1, first=1)
    ['5599010005']
    """
    lowest, width = PREFIXES[kind]
    stems = [f"{lowest + index % width}{index // width:03d}" for index in range(first, first + count)]
    return [stem + check_digit(stem) for stem in stems]


def personal_numbers(count: int, day: str, rng: np.random.Generator) -> list[str]:
    """Make `count` different personal numbers on a day that no calendar has: '00', or '60' for coordination.

    >>> personal_numbers(1, "00", np.random.default_rng(1))[0][4:6]
    '00'
    """
    if day not in {"00", "60"}:
        raise ValueError("day must be '00' or '60', so that no real person can have the number")
    draws: npt.NDArray[np.int64] = rng.choice(60 * 12 * 999, size=count, replace=False)
    stems = [f"{40 + draw // (12 * 999):02d}{draw // 999 % 12 + 1:02d}{day}{draw % 999 + 1:03d}" for draw in draws]
    return [stem + check_digit(stem) for stem in stems]


def wrong_check_digit(number: str) -> str:
    """Return the number with a check digit that is one too high.

    >>> wrong_check_digit("2120002049")
    '2120002040'
    """
    return number[:9] + str((int(number[9]) + 1) % 10)
