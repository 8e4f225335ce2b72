"""How much the result leans on each number: other discount rates, break-even, and low against high."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

import pandas as pd

from procanalysis.measures import wording
from procanalysis.measures.business_case.flows import exactly, net_of, point_value, reckon
from procanalysis.measures.business_case.model import DO_NOTHING_ID, DRIFT, Alternative, Case, Driver
from procanalysis.measures.business_case.profitability import annuity, rate_text
from procanalysis.measures.business_case.roots import positive_roots
from procanalysis.schema import round_ore
from procanalysis.schema.levers import TODAY_IS_MOST

NO_EFFECT = "Påverkar inte nettonuvärdet"
ALWAYS_PAYS = "Lönar sig vid alla rimliga värden"
NEVER_PAYS = "Lönar sig inte vid något rimligt värde"
SEVERAL_LEVELS = "Nettonuvärdet är noll vid flera värden"
_TWENTY_DECIMALS = Decimal(1).scaleb(-20)
_TWELVE_DECIMALS = Decimal(1).scaleb(-12)
ABOVE, BELOW = "above", "below"
DIRECTIONS: dict[str, str] = {ABOVE: "över", BELOW: "under", "": ""}


def rate_sensitivity(case: Case) -> pd.DataFrame:
    """Reckon the net present value again at other discount rates.

    rate = the case's rate + points. Parameters: case, whose sensitivity_points are tried. Returns one row per
    alternative and point, doing nothing first: alternative_id, alternative_title, points, rate_pct (decimals),
    rate_name (the rate in words with all its decimals), net_present_value_ore, annuity_ore. Source: methods 9.
    """
    rows: list[tuple[object, ...]] = []
    nothing = Alternative(id=DO_NOTHING_ID, title=case.do_nothing_title)
    for alternative in (nothing, *case.alternatives):
        for points in case.sensitivity_points:
            rate = case.rate_pct + points
            with exactly():
                exact = point_value(case, alternative, case.likely, rate) * 100
            spread = annuity(exact, rate, case.horizon_years)
            rows.append((alternative.id, alternative.title, points, rate, rate_text(rate), round_ore(exact), spread))
    columns = [
        "alternative_id", "alternative_title", "points", "rate_pct", "rate_name", "net_present_value_ore",
        "annuity_ore",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    texts = ["alternative_id", "alternative_title", "rate_name"]
    return frame.astype({**dict.fromkeys(texts, "str"), **dict.fromkeys(columns[5:], "int64")})


@dataclass(frozen=True)
class _Turn:
    """Hold where the net present value is zero, on which side it is above, or why there is no such value."""

    value: Decimal | None
    side: str
    reason: str


def break_even(case: Case) -> pd.DataFrame:
    """Find for each number the value at which an alternative stops paying, the others at their likely values.

    The net present value rises or falls evenly with every number but the drift, so break-even = likely - NPV / slope;
    for the drift the roots of a polynomial are found exactly. Only values between the driver's sensible bounds count.
    Parameters: case. Returns one row per alternative and driver: alternative_id, alternative_title, driver_id,
    driver_name, belongs_to, unit, likely, break_even (decimals, None where reason says why), side ("above" or "below":
    where it pays; empty without a value), direction (the same as "över" or "under"), sentence (in Swedish, the value
    rounded towards the side that pays), reason.
    Source: methods 9.
    """
    rows = []
    for alternative in case.alternatives:
        for driver in case.drivers_of(alternative):
            turn = _turn(case, alternative, driver)
            sentence = _sentence(driver, turn) if turn.value is not None else turn.reason
            rows.append((
                alternative.id, alternative.title, driver.id, driver.name, driver.belongs_to, driver.kind.unit,
                driver.likely, turn.value, turn.side, DIRECTIONS[turn.side], sentence, turn.reason,
            ))  # fmt: skip
    columns = [
        "alternative_id", "alternative_title", "driver_id", "driver_name", "belongs_to", "unit", "likely",
        "break_even", "side", "direction", "sentence", "reason",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    texts = [name for name in columns if name not in ("likely", "break_even")]
    return frame.astype(dict.fromkeys(texts, "str"))


def _turn(case: Case, alternative: Alternative, driver: Driver) -> _Turn:
    with exactly():
        now = _value_at(case, alternative, driver, driver.likely)
        if driver.id == DRIFT:
            return _drift_turn(case, alternative, driver, now)
        slope = _value_at(case, alternative, driver, driver.likely + 1) - now
        if slope == 0:
            return _Turn(None, "", NO_EFFECT)
        value = driver.likely - now / slope
        if not _is_sensible(case, driver, value):
            return _Turn(None, "", ALWAYS_PAYS if now > 0 else NEVER_PAYS)
        return _Turn(_shortened(value), ABOVE if slope > 0 else BELOW, "")


def _drift_turn(case: Case, alternative: Alternative, driver: Driver, now: Decimal) -> _Turn:
    """Find where the net present value, a polynomial in the yearly growth, passes zero."""
    still = _net_at(case, alternative, driver, Decimal(0))
    gone = _net_at(case, alternative, driver, Decimal(-100))
    discount = [(1 + case.rate_pct / 100) ** year for year in range(len(still))]
    moving = [(one - other) / factor for one, other, factor in zip(still, gone, discount, strict=True)]
    if not any(moving):
        return _Turn(None, "", NO_EFFECT)
    fixed = sum((other / factor for other, factor in zip(gone, discount, strict=True)), Decimal(0))
    # Shorter numbers are found faster; what is cut off is far below an öre.
    coefficients = [Fraction(part.quantize(_TWELVE_DECIMALS)) for part in [moving[0] + fixed, *moving[1:]]]
    roots = [Decimal(root.numerator) / Decimal(root.denominator) for root in positive_roots(coefficients)]
    found = [value for value in (100 * root - 100 for root in roots) if _is_sensible(case, driver, value)]
    if not found:
        return _Turn(None, "", ALWAYS_PAYS if now > 0 else NEVER_PAYS)
    if len(found) > 1:
        return _Turn(None, "", SEVERAL_LEVELS)
    above = _value_at(case, alternative, driver, found[0] + Decimal("0.001")) > 0
    return _Turn(_shortened(found[0]), ABOVE if above else BELOW, "")


def _net_at(case: Case, alternative: Alternative, driver: Driver, value: Decimal) -> list[Decimal]:
    flows = reckon(case, alternative, case.likely | {driver.id: value}, Decimal)
    return net_of(case, alternative, flows, Decimal(0))


def _value_at(case: Case, alternative: Alternative, driver: Driver, value: Decimal) -> Decimal:
    return point_value(case, alternative, case.likely | {driver.id: value}, case.rate_pct)


def _is_sensible(case: Case, driver: Driver, value: Decimal) -> bool:
    """Tell whether a value lies within the bounds of its kind, or of its own range where that is wider."""
    lowest, highest = driver.kind.lowest, driver.kind.highest
    if lowest is not None and value < min(driver.low, Decimal(lowest)):
        return False
    if highest is not None and value > max(driver.high, Decimal(highest)):
        return False
    today = case.today.get(TODAY_IS_MOST.get(driver.id.rpartition(".")[2], ""))
    return today is None or value <= max(driver.high, Decimal(today))


def _shortened(value: Decimal) -> Decimal:
    return value.quantize(_TWENTY_DECIMALS)


def _sentence(driver: Driver, turn: _Turn) -> str:
    """Say it as 'Lönar sig först över 74 % trohet', rounded so that the value said does pay."""
    step = Decimal("0.1") if driver.kind.unit == "%" else Decimal(1)
    rounding = ROUND_CEILING if turn.side == ABOVE else ROUND_FLOOR
    value = (turn.value or Decimal(0)).quantize(step, rounding=rounding)
    said = driver.kind.said
    if driver.kind.unit == "%":
        amount = wording.percent_text(value)
    elif driver.kind.unit == "kr":
        amount = f"{wording.number_text(value)}{wording.HARD_SPACE}kr"
    else:
        amount = wording.number_text(value)
    begins = "Lönar sig först" if turn.side == "above" else "Lönar sig bara"
    return f"{begins} {DIRECTIONS[turn.side]} {amount} {said}"


def tornado(case: Case, alternative_id: str) -> pd.DataFrame:
    """Set one number at a time low and high, the others at their likely values, and see how the result moves.

    Parameters: case; alternative_id. Returns one row per uncertain driver, the widest swing first: driver_id,
    driver_name, belongs_to, unit, low, likely, high (decimals), net_present_value_at_low_ore,
    net_present_value_at_high_ore, net_present_value_ore (all at their likely values), swing_ore (the distance between
    low and high). Raises MeasureError when there is no such alternative. Source: methods 9.
    """
    alternative = case.alternative(alternative_id)
    with exactly():
        likely = round_ore(point_value(case, alternative, case.likely, case.rate_pct) * 100)
        rows = []
        for driver in case.drivers_of(alternative):
            if driver.is_certain:
                continue
            at_low = round_ore(_value_at(case, alternative, driver, driver.low) * 100)
            at_high = round_ore(_value_at(case, alternative, driver, driver.high) * 100)
            rows.append((
                driver.id, driver.name, driver.belongs_to, driver.kind.unit, driver.low, driver.likely, driver.high,
                at_low, at_high, likely, abs(at_high - at_low),
            ))  # fmt: skip
    rows.sort(key=lambda row: (-row[-1], row[0]))
    columns = [
        "driver_id", "driver_name", "belongs_to", "unit", "low", "likely", "high", "net_present_value_at_low_ore",
        "net_present_value_at_high_ore", "net_present_value_ore", "swing_ore",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({**dict.fromkeys(columns[:4], "str"), **dict.fromkeys(columns[7:], "int64")})
