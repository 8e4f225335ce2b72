"""The winning bid against the market's, and against what the same bidder first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Literal, get_args

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames
from procanalysis.measures.savings.reckoned import Reckoned, Row, not_usable

MarketReference = Literal["median", "mean"]

_NOT_QUALIFIED = "Det vinnande anbudet är inte angivet som kvalificerat"


def market_price_saving(
    award: Row,
    bids: Sequence[Row],
    *,
    market_reference: MarketReference = "median",
    winner_in_reference: bool = True,
    least_qualified_bids: int = 3,
) -> Reckoned:
    """Reckon a procurement's yearly saving against the market price, as the qualified bids show it.

    Formula: S = (B_ref - B_win) × Q / Q_eval, where B_ref is the median or mean of the qualified bids' final prices.
    A winner that is not the cheapest can make it negative; it stays so. A bid that could not be read makes it unknown.

    Parameters: `award` is the procurement's row of AWARDS, `bids` its rows of BIDS. `market_reference` is 'median' or
    'mean'. `winner_in_reference` says whether the winning bid is one of those in B_ref. `least_qualified_bids`, 2 to
    100, counts the winner.
    Returns: Reckoned.
    Raises: MeasureError when a choice is outside its allowed values.
    Source: methods.md 4.2, method 2.

    >>> award = {"is_monetary": None, "rejected_bids_count": 0, "yearly_volume": 1, "evaluated_volume": 1}
    >>> bids = [{"is_qualified": 1, "is_winner": place == 0, "final_bid_ore": price, "is_negotiated": 0}
    ...         for place, price in enumerate([1_000_000_00, 1_100_000_00, 1_300_000_00])]
    >>> [market_price_saving(award, bids, market_reference=choice).yearly_ore for choice in ("median", "mean")]
    [10000000, 13333333]
    """
    check_choices(market_reference, least_qualified_bids)
    if award["is_monetary"] == 0:
        return not_usable("not_monetary")
    if award["rejected_bids_count"]:
        return not_usable("bids_rejected")
    if not bids:
        return not_usable("no_bids")
    qualified = [row for row in bids if row["is_qualified"] == 1]
    if len(qualified) < least_qualified_bids:
        one = len(qualified) == 1
        found = f"{len(qualified)} {'kvalificerat' if one else 'kvalificerade'} anbud"
        return not_usable("too_few_bids", f"{found}, {least_qualified_bids} krävs")
    winner = _winner(bids)
    if isinstance(winner, Reckoned):
        return winner
    part = _part_of_evaluated(award)
    if part is None:
        return not_usable("no_volume")
    compared = [Fraction(int(row["final_bid_ore"])) for row in qualified if winner_in_reference or row is not winner]
    reference = median(compared) if market_reference == "median" else sum(compared, Fraction(0)) / len(compared)
    return Reckoned((reference - int(winner["final_bid_ore"])) * part)


def negotiation_saving(award: Row, bids: Sequence[Row]) -> Reckoned:
    """Reckon what negotiation took off the winner's own first price, per year.

    Formula: S = (B_first - B_final) × Q / Q_eval, both of the winning bid. A bid that could not be read makes it
    unknown, since it may have won too.

    Parameters: `award` is the procurement's row of AWARDS, `bids` its rows of BIDS.
    Returns: Reckoned.
    Source: methods.md 4.2, method 3.

    >>> award = {"is_monetary": 1, "rejected_bids_count": 0, "yearly_volume": 500, "evaluated_volume": 1000}
    >>> negotiation_saving(award, [{"is_qualified": 1, "is_winner": 1, "is_negotiated": 1,
    ...                             "first_bid_ore": 900_00, "final_bid_ore": 850_00}]).yearly_ore
    2500
    """
    if award["is_monetary"] == 0:
        return not_usable("not_monetary")
    if award["rejected_bids_count"]:
        return not_usable("bids_rejected")
    if not bids:
        return not_usable("no_bids")
    if all(row["is_negotiated"] != 1 for row in bids):
        return not_usable("no_negotiation")
    winner = _winner(bids)
    if isinstance(winner, Reckoned):
        return winner
    if winner["is_negotiated"] != 1 or winner["first_bid_ore"] is None:
        return not_usable("no_negotiation", "Vinnaren har inte både första och slutligt anbud")
    part = _part_of_evaluated(award)
    if part is None:
        return not_usable("no_volume")
    return Reckoned((int(winner["first_bid_ore"]) - int(winner["final_bid_ore"])) * part)


def market_rule(market_reference: MarketReference, winner_in_reference: bool, least_qualified_bids: int) -> str:
    """Say in Swedish what the market price is here, for print beside the figures.

    >>> market_rule("median", True, 3)
    'Marknadspriset är medianen av de kvalificerade anbuden med vinnaren inräknad. Minst 3 kvalificerade anbud krävs.'
    """
    reference = "medianen" if market_reference == "median" else "medelvärdet"
    winner = "med vinnaren inräknad" if winner_in_reference else "utan vinnaren"
    return (
        f"Marknadspriset är {reference} av de kvalificerade anbuden {winner}. "
        f"Minst {least_qualified_bids} kvalificerade anbud krävs."
    )


def check_choices(market_reference: str, least_qualified_bids: int) -> None:
    """Raise MeasureError unless the choices of the market price method are among those allowed."""
    allowed = get_args(MarketReference)
    if market_reference not in allowed:
        raise MeasureError(
            f"market_price_saving: market_reference is '{market_reference}'. {did_you_mean(market_reference, allowed)}"
        )
    frames.check_range("market_price_saving", "least_qualified_bids", least_qualified_bids, 2, 100)


def _winner(bids: Sequence[Row]) -> Row | Reckoned:
    winners = [row for row in bids if row["is_winner"] == 1]
    if len(winners) != 1:
        return not_usable("several_winners" if winners else "no_winner")
    return winners[0] if winners[0]["is_qualified"] == 1 else not_usable("no_winner", _NOT_QUALIFIED)


def _part_of_evaluated(award: Row) -> Fraction | None:
    """Tell how many evaluated volumes a year takes; None when either volume is unknown or not above zero."""
    yearly, evaluated = award["yearly_volume"], award["evaluated_volume"]
    if yearly is None or evaluated is None or yearly <= 0 or evaluated <= 0:
        return None
    return Fraction(yearly) / Fraction(evaluated)
