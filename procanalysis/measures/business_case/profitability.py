"""Whether an alternative pays: net present value, internal rate, payback and annuity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.business_case.cash_flows import RoundedFlows, rounded_flows
from procanalysis.measures.business_case.flows import exactly, point_value, present_value
from procanalysis.measures.business_case.model import DO_NOTHING_ID, Alternative, Case
from procanalysis.measures.business_case.roots import positive_roots
from procanalysis.schema import round_ore

NO_SIGN_CHANGE = "Ingen internränta: flödet byter aldrig tecken"
NO_ROOT = "Ingen internränta: nettonuvärdet blir aldrig noll"
PAID_FIRST = "Flödet är först positivt: internräntan säger då vad pengarna kostar, inte vad de ger"
NOT_PAID_BACK = "Betalar sig inte inom horisonten"
NOTHING_TO_PAY_BACK = "Det finns inget att betala tillbaka"
_SIX_DECIMALS = Decimal("0.000001")


RESULT_RULE = (
    "Nettonuvärdet räknar bara pengar, mot att göra ingenting. Frigjord tid är värd sina kronor först när tiden dras "
    "in eller används till annat, och står därför för sig. Värden är de mest troliga; andra utfall prövas nedan."
)


@dataclass(frozen=True)
class InternalRate:
    """Hold the internal rate in percent, or why there is not exactly one; `rates_pct` holds all that there are.

    `caution` says when the one that there is does not tell what the money gives, and is otherwise empty.
    """

    kind: Literal["one", "none", "several"]
    value_pct: Decimal | None
    reason: str
    rates_pct: tuple[Decimal, ...]
    caution: str = ""


@dataclass(frozen=True)
class Payback:
    """Hold the years until the money is back, or why it never is."""

    years: Decimal | None
    reason: str


def net_present_value(amounts_ore: Sequence[int | Decimal], rate_pct: Decimal) -> int:
    """Discount the flows of year 0, 1, 2 … to year 0.

    NPV = Σ CF_t / (1 + r)^t, where CF_0 comes at the start and CF_t at the end of year t.
    Parameters: amounts_ore, one per year from year 0; rate_pct, the discount rate above -100 %, on the same price
    basis as the flows. Returns öre, rounded once. Raises MeasureError on a rate of -100 % or lower. Source: methods 9.

    >>> net_present_value([-1000_00, 300_00, 300_00, 300_00, 300_00, 300_00], Decimal("2.5"))
    39375
    """
    _refuse_rate(rate_pct)
    with exactly():
        amounts = [Decimal(amount) for amount in amounts_ore]
        return round_ore(present_value(amounts, rate_pct / 100, Decimal(0)))


def internal_rate_of_return(amounts_ore: Sequence[int | Decimal]) -> InternalRate:
    """Find the discount rate at which the net present value is zero, and say when there is none or several.

    The rates are counted for certain (Sturm's theorem over x = 1 / (1 + r)), so that no rate above -100 % is missed.
    Parameters: amounts_ore, one per year from year 0. Returns an InternalRate with six decimals: kind one, none or
    several; value_pct only when there is exactly one, with a caution when money comes in first and goes out later: a
    high rate then speaks against it. Source: methods 9.

    >>> internal_rate_of_return([-1000_00, 300_00, 300_00, 300_00, 300_00, 300_00]).value_pct
    Decimal('15.238237')
    >>> internal_rate_of_return([-100, 230, -132]).rates_pct
    (Decimal('10.000000'), Decimal('20.000000'))
    """
    amounts = [Fraction(amount) for amount in amounts_ore]
    signs = {amount > 0 for amount in amounts if amount}
    if len(signs) < 2:
        return InternalRate("none", None, NO_SIGN_CHANGE, ())
    found = sorted(100 / root - 100 for root in positive_roots(amounts))
    rates = tuple(_decimal(rate).quantize(_SIX_DECIMALS) for rate in found)
    if not rates:
        return InternalRate("none", None, NO_ROOT, ())
    if len(rates) > 1:
        listed = " och ".join(wording.percent_text(rate) for rate in rates)
        return InternalRate("several", None, f"Flera internräntor: {listed}", rates)
    first = next(amount for amount in amounts if amount)
    return InternalRate("one", rates[0], "", rates, PAID_FIRST if first > 0 else "")


def _decimal(value: Fraction) -> Decimal:
    with exactly():
        return Decimal(value.numerator) / Decimal(value.denominator)


def payback(amounts_ore: Sequence[int | Decimal], rate_pct: Decimal = Decimal(0)) -> Payback:
    """Tell after how many years the money is back, for good.

    The cumulated flow is taken as even within a year: t - 1 + (-C_(t-1)) / CF_t, where t is the last year in which the
    cumulated flow C goes from below zero to zero or above. Parameters: amounts_ore, one per year from year 0;
    rate_pct, 0 for plain payback, the discount rate for discounted payback. Returns a Payback: years, or the reason.
    Raises MeasureError on a rate of -100 % or lower. Source: methods 9.

    >>> round(payback([-1000_00, 300_00, 300_00, 300_00, 300_00, 300_00]).years, 2)
    Decimal('3.33')
    >>> payback([-1000_00, 300_00]).reason
    'Betalar sig inte inom horisonten'
    """
    _refuse_rate(rate_pct)
    with exactly():
        amounts = [Decimal(amount) / (1 + rate_pct / 100) ** year for year, amount in enumerate(amounts_ore)]
        cumulated = [sum(amounts[: year + 1], Decimal(0)) for year in range(len(amounts))]
        if not any(amounts):
            return Payback(None, NOTHING_TO_PAY_BACK)
        if cumulated[-1] < 0:
            return Payback(None, NOT_PAID_BACK)
        below = [year for year, total in enumerate(cumulated) if total < 0]
        if not below:
            return Payback(Decimal(0), "")
        years = below[-1] - cumulated[below[-1]] / amounts[below[-1] + 1]
        return Payback(years.quantize(_SIX_DECIMALS), "")


def annuity(net_present_value_ore: int | Decimal, rate_pct: Decimal, years: int) -> int:
    """Spread a net present value evenly over the years.

    A = NPV × r / (1 - (1 + r)^-n); NPV / n when r = 0. Parameters: net_present_value_ore; rate_pct, above -100 %;
    years, 1 or more. Returns öre per year. Raises MeasureError on other values. Source: methods 9.

    >>> annuity(393_75, Decimal("2.5"), 5), annuity(500_00, Decimal(0), 5)
    (8475, 10000)
    """
    _refuse_rate(rate_pct)
    if years < 1:
        raise MeasureError(f"annuity: {years} years. Give 1 or more.")
    with exactly():
        whole, rate = Decimal(net_present_value_ore), rate_pct / 100
        return round_ore(whole / years if rate == 0 else whole * rate / (1 - (1 + rate) ** -years))


def rate_text(rate_pct: Decimal) -> str:
    """Write a rate with the decimals that it has.

    >>> rate_text(Decimal("1.250")).replace(wording.HARD_SPACE, " ")
    '1,25 %'
    """
    exponent = rate_pct.normalize().as_tuple().exponent
    return wording.percent_text(rate_pct, -exponent if isinstance(exponent, int) and exponent < 0 else 0)


def _refuse_rate(rate_pct: Decimal) -> None:
    if rate_pct <= -100:
        raise MeasureError(f"net_present_value: the rate is {rate_pct} %. Give a rate above -100 %.")


def results(case: Case) -> pd.DataFrame:
    """Put the alternatives beside each other at the likely values, doing nothing first.

    Net present value and annuity are reckoned from exact flows and rounded once; internal rate and payback from the
    flows in whole öre that `cash_flows` shows. Time counts only in the memo net_present_value_with_time_ore.
    Parameters: case. Returns one row per alternative: alternative_number, alternative_id, alternative_title,
    net_present_value_ore, annuity_ore, internal_rate_pct, internal_rate_reason (why unknown), internal_rate_caution
    (what to mind where it is known), payback_years, payback_reason,
    discounted_payback_years, discounted_payback_reason, benefit_ore, one_off_ore, running_ore, net_ore (sums over the
    years, not discounted), time_ore, net_present_value_with_time_ore, quality (texts joined by '; '). Rates and years
    are decimals, None where the reason says why. Source: methods 9.
    """
    still = [0] * (case.horizon_years + 1)
    rows = [_row(case, 0, Alternative(id=DO_NOTHING_ID, title=case.do_nothing_title), still, still, still, still)]
    for number, alternative in enumerate(case.alternatives, start=1):
        flows: RoundedFlows = rounded_flows(case, alternative)
        rows.append(_row(case, number, alternative, flows.benefit, flows.one_off, flows.running, flows.time))
    texts = [
        "alternative_id", "alternative_title", "internal_rate_reason", "internal_rate_caution", "payback_reason",
        "discounted_payback_reason", "quality",
    ]  # fmt: skip
    whole = ["alternative_number", *(name for name in rows[0] if name.endswith("_ore"))]
    types = dict.fromkeys(rows[0], "object") | dict.fromkeys(texts, "str") | dict.fromkeys(whole, "int64")
    return frames.framed(rows, types)


def _row(
    case: Case,
    number: int,
    alternative: Alternative,
    benefit: list[int],
    one_off: list[int],
    running: list[int],
    time: list[int],
) -> dict[str, Any]:
    net = [gain - once - yearly for gain, once, yearly in zip(benefit, one_off, running, strict=True)]
    with exactly():
        exact = point_value(case, alternative, case.likely, case.rate_pct) * 100
        with_time = point_value(case, alternative, case.likely, case.rate_pct, with_time=True) * 100
    internal, plain, discounted = internal_rate_of_return(net), payback(net), payback(net, case.rate_pct)
    return {
        "alternative_number": number,
        "alternative_id": alternative.id,
        "alternative_title": alternative.title,
        "net_present_value_ore": round_ore(exact),
        "annuity_ore": annuity(exact, case.rate_pct, case.horizon_years),
        "internal_rate_pct": internal.value_pct,
        "internal_rate_reason": internal.reason,
        "internal_rate_caution": internal.caution,
        "payback_years": plain.years,
        "payback_reason": plain.reason,
        "discounted_payback_years": discounted.years,
        "discounted_payback_reason": discounted.reason,
        "benefit_ore": sum(benefit),
        "one_off_ore": sum(one_off),
        "running_ore": sum(running),
        "net_ore": sum(net),
        "time_ore": sum(time),
        "net_present_value_with_time_ore": round_ore(with_time),
        "quality": "; ".join(lever.text for lever in alternative.levers if lever.benefit == "quality"),
    }
