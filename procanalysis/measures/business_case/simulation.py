"""What the result may become when every uncertain number is drawn at once, ten thousand times.

The only part that reckons with floating point: its amounts are drawn, so they are named simulated and rounded to öre.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.business_case.flows import Floats, net_of, present_value, reckon
from procanalysis.measures.business_case.model import DO_NOTHING_ID, Alternative, Case, Driver

_LEAST_RUNS = 10_000
_FIRST_LOOKS = (100, 200, 500)


@dataclass(frozen=True)
class Simulation:
    """Hold what a simulation gave, and what it rests on.

    summary: one row per alternative, doing nothing first: alternative_id, alternative_title, runs,
    simulated_p10_ore, simulated_p50_ore, simulated_p90_ore, simulated_mean_ore, simulated_deviation_ore (standard
    deviation), loss_runs (runs with a net present value below zero), probability_of_loss_pct (decimal).
    percentiles: one row per alternative and percent from 0 to 100: alternative_id, alternative_title, percentile,
    simulated_ore. convergence: one row per alternative and number of runs: alternative_id, alternative_title, runs,
    simulated_p10_ore, simulated_p50_ore, simulated_p90_ore, simulated_mean_ore, probability_of_loss_pct; its last row
    is the summary's. dependence: in Swedish, how the numbers move together.
    """

    summary: pd.DataFrame
    percentiles: pd.DataFrame
    convergence: pd.DataFrame
    runs: int
    seed: int
    distribution: str
    dependence: str


def simulate(case: Case) -> Simulation:
    """Draw every uncertain number from its distribution and reckon the net present value of each draw.

    PERT is a beta distribution over low to high with mean (low + 4·likely + high) / 6; triangular has its top at
    likely. Correlated drivers are drawn through normal numbers (Gaussian copula); the others are independent. A driver
    is drawn from the seed and its own name, so neither the order of the file nor another driver moves its draws.
    Parameters: case, whose distribution, runs (10 000 or more), seed and correlations are used.
    Returns a Simulation. Raises MeasureError on fewer runs or correlations that cannot hold together.
    Source: methods 9.
    """
    if case.runs < _LEAST_RUNS:
        raise MeasureError(f"simulate: {case.runs} runs are too few. Give {_LEAST_RUNS} or more.")
    values = draw_drivers(case)
    drawn = [(DO_NOTHING_ID, case.do_nothing_title, np.zeros(case.runs))]
    drawn += [(each.id, each.title, _net_present_values(case, each, values)) for each in case.alternatives]
    looks = _looks(case.runs)
    summary, percentiles, convergence = [], [], []
    for identity, title, outcome in drawn:
        at = {"alternative_id": identity, "alternative_title": title}
        deviation = round(float(outcome.std(ddof=1)))
        summary.append(at | _seen(outcome) | {"simulated_deviation_ore": deviation})
        percents = np.arange(101)
        amounts = np.rint(np.percentile(outcome, percents))
        percentiles += [
            at | {"percentile": int(percent), "simulated_ore": int(amount)}
            for percent, amount in zip(percents, amounts, strict=True)
        ]
        convergence += [at | _seen(outcome[:runs]) for runs in looks]
    columns = [
        "alternative_id", "alternative_title", "runs", "simulated_p10_ore", "simulated_p50_ore", "simulated_p90_ore",
        "simulated_mean_ore", "simulated_deviation_ore", "loss_runs", "probability_of_loss_pct",
    ]  # fmt: skip
    followed = [name for name in columns if name not in ("simulated_deviation_ore", "loss_runs")]
    return Simulation(
        summary=_frame(summary, columns),
        percentiles=_frame(percentiles, ["alternative_id", "alternative_title", "percentile", "simulated_ore"]),
        convergence=_frame(convergence, followed),
        runs=case.runs,
        seed=case.seed,
        distribution=case.distribution,
        dependence=_dependence(case),
    )


def draw_drivers(case: Case) -> dict[str, Floats]:
    """Draw every driver of a case, as many times as the case says.

    Returns driver id → one number per run; a certain driver has the same number in all. Raises MeasureError when the
    correlations cannot hold together.
    """
    uncertain = sorted((each for each in case.drivers if not each.is_certain), key=lambda each: each.id)
    normal = [_normal(case, each) for each in uncertain]
    mixed = _correlated(case, [each.id for each in uncertain], normal)
    values = {each.id: np.full(case.runs, float(each.likely)) for each in case.drivers if each.is_certain}
    for driver, numbers in zip(uncertain, mixed, strict=True):
        values[driver.id] = _from_normal(case, driver, numbers)
    return values


def _normal(case: Case, driver: Driver) -> Floats:
    own = int.from_bytes(hashlib.sha256(driver.id.encode("utf-8")).digest()[:8], "big")
    return np.random.default_rng([case.seed, own]).standard_normal(case.runs)


def _correlated(case: Case, names: Sequence[str], normal: Sequence[Floats]) -> list[Floats]:
    """Mix independent normal numbers so that their rank correlations become those given."""
    matrix = np.eye(len(names))
    for (one, other), value in case.correlations.items():
        if one in names and other in names:
            here, there = names.index(one), names.index(other)
            # A normal correlation of 2·sin(π/6·ρ) gives the rank correlation ρ.
            matrix[here, there] = matrix[there, here] = 2 * np.sin(np.pi / 6 * float(value))
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise MeasureError(
            "simulate: the correlations cannot all hold (the matrix is not positive definite). Bring them nearer to 0."
        ) from None
    mixed = []
    for row in root:
        used = [(float(weight), numbers) for weight, numbers in zip(row, normal, strict=True) if weight]
        mixed.append(sum((weight * numbers for weight, numbers in used), np.zeros(case.runs)))
    return mixed


def _from_normal(case: Case, driver: Driver, normal: Floats) -> Floats:
    # Loaded here, since no other measure needs it and it takes a second.
    from scipy import special

    low, likely, high = float(driver.low), float(driver.likely), float(driver.high)
    top = (likely - low) / (high - low)
    chance: Floats = special.ndtr(normal)
    if case.distribution == "pert":
        place = special.betaincinv(1 + 4 * top, 1 + 4 * (1 - top), chance)
    else:
        rising = np.sqrt(chance * top)
        falling = 1 - np.sqrt((1 - chance) * (1 - top))
        place = np.where(chance < top, rising, falling)
    drawn: Floats = low + (high - low) * place
    return drawn


def _net_present_values(case: Case, alternative: Alternative, values: dict[str, Floats]) -> Floats:
    """Reckon the net present value of every draw, in whole öre."""

    def number(value: Any) -> Floats:
        return np.asarray(float(value))

    flows = reckon(case, alternative, values, number)
    zero = np.zeros(case.runs)
    net = net_of(case, alternative, flows, zero)
    outcome: Floats = np.rint(present_value(net, number(case.rate_pct / 100), zero) * 100)
    return outcome


def _looks(runs: int) -> list[int]:
    """Numbers of runs at which to look: few at first, then a tenth more each time, all of them at last."""
    tenths = [runs * part // 10 for part in range(1, 11)]
    return [*(first for first in _FIRST_LOOKS if first < tenths[0]), *tenths]


def _seen(outcome: Floats) -> dict[str, Any]:
    p10, p50, p90 = (int(amount) for amount in np.rint(np.percentile(outcome, [10, 50, 90])))
    losses = int((outcome < 0).sum())
    return {
        "runs": len(outcome),
        "simulated_p10_ore": p10,
        "simulated_p50_ore": p50,
        "simulated_p90_ore": p90,
        "simulated_mean_ore": round(float(outcome.mean())),
        "loss_runs": losses,
        "probability_of_loss_pct": Decimal(losses) * 100 / len(outcome),
    }


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    types = dict.fromkeys(columns[:2], "str") | dict.fromkeys(columns[2:], "int64")
    return frames.framed(rows, types | {name: "object" for name in columns if name == "probability_of_loss_pct"})


def _dependence(case: Case) -> str:
    names = {each.id: each.name for each in case.drivers}
    certain = {each.id for each in case.drivers if each.is_certain}
    tied = [
        f"{names[one]} och {names[other]} ({wording.number_text(value, 2)})"
        for (one, other), value in case.correlations.items()
        if not certain & {one, other}
    ]
    if not tied:
        return "De osäkra talen dras oberoende av varandra."
    return f"Rangkorrelation mellan {'; '.join(tied)}. De andra osäkra talen dras oberoende av varandra."
