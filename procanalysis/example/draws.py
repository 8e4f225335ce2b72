"""Draw one thing at a time, from numbers that are made many at once."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

_AT_ONCE = 16_384

Drawn = TypeVar("Drawn")


class Choice(Generic[Drawn]):
    """Hold what can be drawn, each with its weight."""

    def __init__(self, *weighed: tuple[Drawn, int]) -> None:
        self._options = [option for option, _ in weighed]
        self._limits = list(accumulate(weight for _, weight in weighed))

    def at(self, share: float) -> Drawn:
        """Return what lies at a place from 0 and below 1 when all are laid out by weight.

        >>> Choice(("few", 3), ("many", 1)).at(0.74), Choice(("few", 3), ("many", 1)).at(0.75)
        ('few', 'many')
        """
        return self._options[bisect(self._limits, share * self._limits[-1])]


class Draws:
    """Hand out draws. A call of the generator per draw would take most of the time."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._waiting: list[float] = []

    def share(self) -> float:
        """Draw a number from 0 and below 1."""
        if not self._waiting:
            self._waiting = self._rng.random(_AT_ONCE).tolist()
        return self._waiting.pop()

    def chance(self, probability: float) -> bool:
        """Tell whether something of that probability happens."""
        return self.share() < probability

    def below(self, count: int) -> int:
        """Draw a whole number from 0 and below `count`."""
        return int(self.share() * count)

    def one_of(self, choice: Choice[Drawn]) -> Drawn:
        """Draw one of several by their weights."""
        return choice.at(self.share())
