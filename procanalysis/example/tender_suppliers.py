"""Who is awarded in the fictional nation: companies of every size in every county, and some sole traders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procanalysis.example.organisation_numbers import legal_numbers, personal_numbers
from procanalysis.example.suppliers import GIVEN_NAMES, PLACES
from procanalysis.example.tender_buyers import REGIONS

SIZE_WORDS: dict[str, str] = {
    "micro": "Mikroföretag",
    "small": "Små företag",
    "medium": "Medelstora företag",
    "unclear": "200–499 anställda",
    "large": "Stora företag",
    "": "Uppgift saknas",
}
"""Sizes that are planted → the word in the file; the EU's limit of 250 employees lies within 200–499."""
PERSONS_FORM, COMPANY_FORM = "Fysiska personer", "Övriga aktiebolag"

_SIZES = ("micro", "small", "medium", "unclear", "large", "")
_SIZE_WEIGHTS = (0.22, 0.32, 0.2, 0.08, 0.15, 0.03)
_PER_COUNTY, _OUTSIDE, _SOLE_TRADERS = 44, 40, 24
_TRADES = ("Bygg", "Data", "Vårdmaterial", "Service", "Konsult", "Grossist", "Teknik", "Bemanning", "Förlag")
# Past the numbers that the ledger's suppliers use.
_FIRST_NUMBER = 50_000


@dataclass(frozen=True)
class TenderSupplier:
    """Hold one awarded supplier; `size` is a key of SIZE_WORDS, `county` empty where the source does not say."""

    name: str
    number: str
    size: str
    county: str
    is_person: bool = False


def draw_tender_suppliers(rng: np.random.Generator) -> list[TenderSupplier]:
    """Draw the suppliers: as many in every county, some whose county is not stated, and sole traders among them.

    Every other sole trader stands with a number, the others by name alone, as the real statistics have them.
    """
    counties = [region.county for region in REGIONS for _ in range(_PER_COUNTY)] + [""] * _OUTSIDE
    sizes = rng.choice(_SIZES, size=len(counties), p=_SIZE_WEIGHTS).tolist()
    places = rng.permutation(len(PLACES)).tolist()
    numbers = legal_numbers("company", len(counties), first=_FIRST_NUMBER)
    companies = [
        TenderSupplier(f"{PLACES[places[turn % len(PLACES)]]}s {_TRADES[turn % len(_TRADES)]} AB", number, size, county)
        for turn, (number, size, county) in enumerate(zip(numbers, sizes, counties, strict=True))
    ]
    return companies + _sole_traders(rng)


def _sole_traders(rng: np.random.Generator) -> list[TenderSupplier]:
    numbers = personal_numbers(_SOLE_TRADERS, "00", rng)
    return [
        TenderSupplier(
            name=f"{GIVEN_NAMES[turn % len(GIVEN_NAMES)]} {PLACES[turn * 23 % len(PLACES)]}berg",
            number=number if turn % 2 else "",
            size="micro",
            county=REGIONS[turn % len(REGIONS)].county,
            is_person=True,
        )
        for turn, number in enumerate(numbers)
    ]
