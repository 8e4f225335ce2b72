"""Where a polynomial is zero, counted for certain: Sturm's theorem in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd

Polynomial = list[int]
"""Coefficients from the constant upwards, the last one not zero; empty for the polynomial that is always zero."""

_NEAR = Fraction(1, 2**120)


def positive_roots(coefficients: Sequence[Fraction | int]) -> list[Fraction]:
    """Find every x above zero where Σ c_k·x^k = 0, each once, in rising order.

    Parameters: coefficients from the constant upwards, exact. Returns the roots to 36 digits; none when all
    coefficients are zero.

    >>> [float(root) for root in positive_roots([6, -5, 1])]
    [2.0, 3.0]
    """
    polynomial = _whole_numbers(coefficients)
    while polynomial and polynomial[0] == 0:
        polynomial = polynomial[1:]
    if len(polynomial) < 2:
        return []
    simple = _without_repeats(polynomial)
    chain = _sturm_chain(simple)
    # Cauchy: no root is larger than this.
    top = Fraction(1 + max(abs(each) for each in simple[:-1]) // abs(simple[-1]) + 1)
    found = []
    waiting = [(Fraction(0), top, _changes(chain, Fraction(0)), _changes(chain, top))]
    while waiting:
        low, high, at_low, at_high = waiting.pop()
        if at_low == at_high:
            continue
        if at_low - at_high == 1:
            found.append(_narrowed(simple, low, high))
            continue
        middle = (low + high) / 2
        at_middle = _changes(chain, middle)
        waiting += [(low, middle, at_low, at_middle), (middle, high, at_middle, at_high)]
    return sorted(found)


def _narrowed(polynomial: Polynomial, low: Fraction, high: Fraction) -> Fraction:
    """Halve an interval, open below, that holds one simple root until its ends are alike."""
    at_high = _value(polynomial, high)
    while at_high and (high - low) > high * _NEAR:
        middle = (low + high) / 2
        at_middle = _value(polynomial, middle)
        if at_middle == 0 or (at_middle > 0) == (at_high > 0):
            high, at_high = middle, at_middle
        else:
            low = middle
    return high


def _whole_numbers(coefficients: Sequence[Fraction | int]) -> Polynomial:
    exact = [Fraction(each) for each in coefficients]
    common = 1
    for each in exact:
        common = common * each.denominator // gcd(common, each.denominator)
    return _reduced([int(each * common) for each in exact])


def _reduced(polynomial: Sequence[int]) -> Polynomial:
    """Take away leading zeros and what all coefficients have in common; the signs stay."""
    kept = list(polynomial)
    while kept and kept[-1] == 0:
        kept.pop()
    common = gcd(*kept) if kept else 1
    return [each // common for each in kept]


def _derivative(polynomial: Polynomial) -> Polynomial:
    return _reduced([power * each for power, each in enumerate(polynomial)][1:])


def _remainder(one: Polynomial, other: Polynomial) -> Polynomial:
    """Divide and keep what is left, times a number above zero."""
    left = list(one)
    lead = other[-1]
    while len(left) >= len(other):
        factor, shift = left[-1], len(left) - len(other)
        # Times |lead|, never times a negative number, so that the signs that Sturm counts stay.
        left = [each * abs(lead) for each in left]
        for place, each in enumerate(other):
            left[shift + place] -= each * factor * (1 if lead > 0 else -1)
        left = _reduced(left)
    return left


def _without_repeats(polynomial: Polynomial) -> Polynomial:
    """Divide by what the polynomial has in common with its derivative: the same roots, each once."""
    one, other = polynomial, _derivative(polynomial)
    while other:
        one, other = other, _remainder(one, other)
    return _quotient(polynomial, one) if len(one) > 1 else polynomial


def _quotient(polynomial: Polynomial, divisor: Polynomial) -> Polynomial:
    left = [Fraction(each) for each in polynomial]
    parts = []
    while len(left) >= len(divisor):
        factor = left[-1] / divisor[-1]
        parts.append(factor)
        shift = len(left) - len(divisor)
        for place, each in enumerate(divisor):
            left[shift + place] -= factor * each
        left.pop()
    return _whole_numbers(parts[::-1])


def _sturm_chain(polynomial: Polynomial) -> list[Polynomial]:
    chain = [polynomial, _derivative(polynomial)]
    while len(chain[-1]) > 1:
        chain.append([-each for each in _remainder(chain[-2], chain[-1])])
    return chain


def _value(polynomial: Polynomial, x: Fraction) -> int:
    """Evaluate, times a power of the denominator: only the sign is asked for."""
    total, power = 0, 1
    for each in reversed(polynomial):
        total = total * x.numerator + each * power
        power *= x.denominator
    return total


def _changes(chain: Sequence[Polynomial], x: Fraction) -> int:
    """Count how often the sign changes along the chain, zeros passed over."""
    signs = [value > 0 for value in (_value(each, x) for each in chain) if value]
    return sum(one is not other for one, other in pairwise(signs))
