"""Draw what the fictional nation procured in three years: procurements, lots, bids, contract values and awards."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from procanalysis.example.draws import Choice, Draws
from procanalysis.example.ledger import PERIOD, YEARS
from procanalysis.example.tender_buyers import DATABASES, MARKING_DATABASE, Buyer, buyers
from procanalysis.example.tender_subjects import (
    PROCEDURES_ABOVE,
    PROCEDURES_BELOW,
    SUBJECTS,
    SUBJECTS_OF_OTHERS,
    SUBJECTS_OF_REGIONS,
    Subject,
)
from procanalysis.example.tender_suppliers import TenderSupplier, draw_tender_suppliers

MANY_LOTS = 96
"""Lots of one procurement of Region Exempel's last year. They got many bids, so that figures per lot tell of it alone.
"""

Answer = bool | None
_GROWTH = {YEARS[0]: 0.93, YEARS[1]: 0.97, YEARS[2]: 1.0}
_MANY_LOTS_FROM = datetime.date(PERIOD, 4, 1)
_MANY_LOTS_SUBJECT = SUBJECTS[1]

_BIDS = Choice((0, 2), (1, 17), (2, 19), (3, 22), (4, 16), (5, 11), (6, 7), (8, 4), (11, 2))
_BIDS_OF_MANY_LOTS = Choice((6, 20), (7, 35), (8, 30), (9, 15))
_STEPS = Choice((-1, 20), (0, 55), (1, 25))
_LOTS = Choice((1, 72), (2, 9), (3, 7), (4, 4), (6, 4), (9, 3), (14, 1))
_IS_MARKED: Choice[Answer] = Choice((True, 28), (False, 62), (None, 10))
_IS_MARKED_ELSEWHERE: Choice[Answer] = Choice((False, 4), (None, 96))
_IS_FRAMEWORK: Choice[Answer] = Choice((True, 52), (False, 45), (None, 3))
_IS_ENVIRONMENTAL: Choice[Answer] = Choice((True, 27), (False, 38), (None, 35))
# As in the real statistics: whoever has no social requirements leaves the question open.
_IS_SOCIAL: Choice[Answer] = Choice((True, 12), (None, 88))


@dataclass(frozen=True)
class Award:
    """Hold one contracted supplier of a lot, and how many of its bids were contracted."""

    supplier: TenderSupplier
    contracted: int


@dataclass(frozen=True)
class Lot:
    """Hold one lot; `number` is empty where the procurement is not parted, `bids` None where they are not stated."""

    number: str
    bids: int | None
    awards: tuple[Award, ...]


@dataclass(frozen=True)
class Value:
    """Hold one contracted value as a buyer states it; None where the cell is empty."""

    buyer: Buyer
    amount_ore: int | None


@dataclass(frozen=True)
class Tender:
    """Hold one announced procurement; `lots` is empty where no bids are told. An answer of None is not filled in."""

    tender_id: str
    title: str
    buyer: Buyer
    day: datetime.date
    subject: Subject
    tells_cpv: bool
    procedure: str
    database: str
    is_above: bool
    is_framework: Answer
    is_dynamic: bool
    is_reviewed: bool
    is_coordinated: Answer
    is_environmental: Answer
    is_social: Answer
    lots: tuple[Lot, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True)
class _Market:
    """Hold the suppliers, those of each county, and the regions that procure together."""

    suppliers: list[TenderSupplier]
    local: dict[str, list[TenderSupplier]]
    regions: list[Buyer]


def draw_tenders(rng: np.random.Generator) -> list[Tender]:
    """Draw the procurements of all buyers in order of day, each with its lots, bids, awards and contract values."""
    draws = Draws(rng)
    everyone = buyers()
    suppliers = draw_tender_suppliers(rng)
    local: dict[str, list[TenderSupplier]] = {}
    for supplier in suppliers:
        local.setdefault(supplier.county, []).append(supplier)
    market = _Market(suppliers, local, [buyer for buyer in everyone if buyer.peer and buyer.tells_awards])
    announced = sorted(
        (_day(year, draws), place)
        for year in YEARS
        for place, buyer in enumerate(everyone)
        for _ in range(round(buyer.yearly * _GROWTH[year]))
    )
    many = next(turn for turn, (day, place) in enumerate(announced) if day >= _MANY_LOTS_FROM and place == 0)
    return [
        _tender(turn + 1, everyone[place], day, market, draws, has_many_lots=turn == many)
        for turn, (day, place) in enumerate(announced)
    ]


def _day(year: int, draws: Draws) -> datetime.date:
    return datetime.date(year, 1, 1) + datetime.timedelta(days=draws.below(365))


def _tender(
    number: int, buyer: Buyer, day: datetime.date, market: _Market, draws: Draws, *, has_many_lots: bool
) -> Tender:
    subject = (
        _MANY_LOTS_SUBJECT if has_many_lots else draws.one_of(SUBJECTS_OF_REGIONS if buyer.peer else SUBJECTS_OF_OTHERS)
    )
    is_above = has_many_lots or draws.chance(0.55 if buyer.peer else 0.4)
    database = buyer.database if draws.chance(0.9) else DATABASES[draws.below(len(DATABASES))]
    is_framework = draws.one_of(_IS_FRAMEWORK)
    is_coordinated = draws.one_of(_IS_MARKED if database == MARKING_DATABASE else _IS_MARKED_ELSEWHERE)
    tells_award = buyer.tells_awards and (has_many_lots or draws.chance(0.72))
    lots = _lots(buyer, market, draws, has_many_lots=has_many_lots, tells_award=tells_award, is_framework=is_framework)
    parts = f" i {MANY_LOTS} produktgrupper" if has_many_lots else ""
    return Tender(
        tender_id=f"SA-{day.year}-{number:05d}",
        title=f"{subject.title}{parts}",
        buyer=buyer,
        day=day,
        subject=subject,
        tells_cpv=has_many_lots or draws.chance(0.97),
        procedure=draws.one_of(PROCEDURES_ABOVE if is_above else PROCEDURES_BELOW),
        database=database,
        is_above=is_above,
        is_framework=is_framework,
        is_dynamic=draws.chance(0.03),
        is_reviewed=draws.chance(0.07),
        is_coordinated=is_coordinated,
        is_environmental=draws.one_of(_IS_ENVIRONMENTAL),
        is_social=draws.one_of(_IS_SOCIAL),
        lots=lots,
        values=_values(buyer, market, draws, is_coordinated=is_coordinated) if tells_award else (),
    )


def _lots(
    buyer: Buyer, market: _Market, draws: Draws, *, has_many_lots: bool, tells_award: bool, is_framework: Answer
) -> tuple[Lot, ...]:
    """Draw the lots. In one procurement of seven the bids are not told at all; in others for some lots only."""
    if not has_many_lots and draws.chance(0.14):
        return ()
    count = MANY_LOTS if has_many_lots else draws.one_of(_LOTS)
    level = draws.one_of(_BIDS)
    tells_bids = draws.chance(0.95)
    lots = []
    for number in range(1, count + 1):
        bids = draws.one_of(_BIDS_OF_MANY_LOTS) if has_many_lots else max(level + draws.one_of(_STEPS), level and 1)
        is_told = has_many_lots or (tells_bids and draws.chance(0.97))
        most = min(bids, 3 if is_framework else 1) if tells_award else 0
        awards = _awards(most, buyer, market, draws)
        lots.append(Lot(str(number) if count > 1 else "", bids if is_told else None, awards))
    return tuple(lots)


def _awards(most: int, buyer: Buyer, market: _Market, draws: Draws) -> tuple[Award, ...]:
    """Draw one supplier or more for a lot; four in ten are of the buyer's own county."""
    if not most:
        return ()
    chosen: dict[str, TenderSupplier] = {}
    for _ in range(1 + draws.below(most)):
        among = market.local[buyer.county] if buyer.county and draws.chance(0.3) else market.suppliers
        supplier = among[draws.below(len(among))]
        chosen[supplier.name] = supplier
    return tuple(Award(supplier, 2 if draws.chance(0.04) else 1) for supplier in chosen.values())


def _values(buyer: Buyer, market: _Market, draws: Draws, *, is_coordinated: Answer) -> tuple[Value, ...]:
    """Draw the contracted value, and that of another region too where two of them procured together."""
    if not draws.chance(0.78):
        return ()
    theirs = [buyer]
    if is_coordinated and buyer.peer and draws.chance(0.4):
        other = market.regions[draws.below(len(market.regions))]
        theirs += [other] if other != buyer else []
    return tuple(Value(each, _amount_ore(draws)) for each in theirs)


def _amount_ore(draws: Draws) -> int | None:
    """Draw a value: some cells are empty, some hold zero, and most lie between a hundred thousand and fifty million."""
    kind = draws.share()
    if kind < 0.03:
        return None
    if kind < 0.08:
        return 0
    return int(10 ** (5 + 2.7 * draws.share())) * 100
