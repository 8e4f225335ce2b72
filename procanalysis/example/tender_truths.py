"""Reckon what is planted in the fictional tender statistics: per region, for all regions and for the nation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from procanalysis.example.ledger import PERIOD, YEARS
from procanalysis.example.tender_buyers import MARKING_DATABASE, NATION, REGIONS, buyers
from procanalysis.example.tender_files import TENDER_FILES, write_tenders
from procanalysis.example.tender_suppliers import SIZE_WORDS
from procanalysis.example.tenders import MANY_LOTS, Answer, Award, Tender, draw_tenders

Truths = dict[str, Any]

_SME = ("micro", "small", "medium")
_STREAM = 8
_NO_REGION = ""


def write_tender_statistics(directory: Path, seed: int) -> Truths:
    """Write the nation's tender statistics, and return what is planted in them.

    Parameters: `directory`, which exists; `seed`, of a generator apart from the ledger's: the statistics are the same
    whatever the size of the ledger.
    """
    tenders = draw_tenders(np.random.default_rng([seed, _STREAM]))
    rows_in_file, rejected = write_tenders(directory, tenders)
    return {
        "nation": NATION,
        "period": str(PERIOD),
        "files": TENDER_FILES,
        "rows_in_file": rows_in_file,
        "rejected_rows": [asdict(row) for row in rejected],
        "accepted_rows": {
            table: rows - sum(row.table == table for row in rejected) for table, rows in rows_in_file.items()
        },
        "regions": _regions(),
        "many_lots": [
            {"procurement_id": one.tender_id, "buyer": one.buyer.peer, "lots": len(one.lots)}
            for one in tenders
            if len(one.lots) == MANY_LOTS
        ],
        "marking_databases": [MARKING_DATABASE],
        "sole_traders_raw": _people(tenders),
        "years": {str(year): _year([one for one in tenders if one.day.year == year]) for year in YEARS},
    }


def _regions() -> dict[str, Truths]:
    numbers: dict[str, list[str]] = {}
    for buyer in buyers():
        numbers.setdefault(buyer.peer, []).append(buyer.number)
    return {
        region.peer: {"name": region.name, "county": region.county, "numbers": numbers[region.peer]}
        for region in REGIONS
    }


def _people(tenders: Iterable[Tender]) -> list[dict[str, str]]:
    """List the awarded sole traders, whose names and numbers may stand nowhere but in the input."""
    found = {
        award.supplier.name: award.supplier.number
        for one in tenders
        for lot in one.lots
        for award in lot.awards
        if award.supplier.is_person
    }
    return [{"name": name, "number": number} for name, number in sorted(found.items())]


def _year(tenders: Sequence[Tender]) -> Truths:
    """Reckon the figures of each region, of all regions together, and of the whole nation."""
    own = {
        region.peer: _figures([one for one in tenders if one.buyer.peer == region.peer])
        | {
            "county_awards": _county(tenders, region.peer, region.county),
            "values": _values(tenders, {region.peer}),
        }
        for region in REGIONS
    }
    of_regions = [one for one in tenders if one.buyer.peer]
    return {
        "own": own,
        "regions": _figures(of_regions) | {"values": _values(tenders, set(own))},
        "nation": _figures(tenders) | {"values": _values(tenders, {*own, _NO_REGION})},
    }


def _figures(tenders: Sequence[Tender]) -> Truths:
    marked = [one for one in tenders if one.database == MARKING_DATABASE]
    lots = [lot.bids for one in tenders for lot in one.lots]
    return {
        "procurements": len(tenders),
        "by_kind": dict(sorted(Counter(one.subject.kind for one in tenders).items())),
        "frameworks": _answers(one.is_framework for one in tenders),
        "reviewed": _answers(one.is_reviewed for one in tenders),
        "environmental": _answers(one.is_environmental for one in tenders),
        "coordinated": _answers(one.is_coordinated for one in marked)
        | {"in_other_databases": len(tenders) - len(marked)},
        "bids_per_lot": _bids(lots),
        "bids_per_procurement": _bids([_middle(one) for one in tenders if one.lots]),
        "sme_awards": _sizes([award for one in tenders for lot in one.lots for award in lot.awards]),
        "with_bids": sum(any(lot.bids is not None for lot in one.lots) for one in tenders),
        "with_value": sum(any(value.amount_ore is not None for value in one.values) for one in tenders),
        "with_award": sum(any(lot.awards for lot in one.lots) for one in tenders),
    }


def _answers(answers: Iterable[Answer]) -> Truths:
    counts = Counter(answers)
    return {"numerator": counts[True], "denominator": counts[True] + counts[False], "not_stated": counts[None]}


def _middle(tender: Tender) -> int | None:
    """Return the median of a procurement's lots, the lower one of two; None when no lot tells its bids."""
    known = sorted(lot.bids for lot in tender.lots if lot.bids is not None)
    return known[(len(known) - 1) // 2] if known else None


def _bids(counts: Sequence[int | None]) -> Truths:
    known = sorted(count for count in counts if count is not None)
    with_bids = sum(count > 0 for count in known)
    middle = known[(len(known) - 1) // 2] + known[len(known) // 2] if known else 0
    return {
        "known": len(known),
        "not_stated": len(counts) - len(known),
        "sum": sum(known),
        "median": f"{middle / 2:g}" if known else "",
        "one_bid": {"numerator": sum(count == 1 for count in known), "denominator": with_bids},
        "one_or_two_bids": {"numerator": sum(count in (1, 2) for count in known), "denominator": with_bids},
    }


def _sizes(awards: Sequence[Award]) -> Truths:
    counts = {size: sum(each.contracted for each in awards if each.supplier.size == size) for size in SIZE_WORDS}
    certain = sum(counts[size] for size in _SME)
    return {
        "by_size": counts,
        "lowest": certain,
        "highest": certain + counts["unclear"],
        "denominator": sum(counts.values()) - counts[""],
    }


def _county(tenders: Sequence[Tender], peer: str, county: str) -> dict[str, int]:
    awards = [award for one in tenders if one.buyer.peer == peer for lot in one.lots for award in lot.awards]
    stated = [award for award in awards if award.supplier.county]
    return {
        "numerator": sum(award.contracted for award in stated if award.supplier.county == county),
        "denominator": sum(award.contracted for award in stated),
    }


def _values(tenders: Sequence[Tender], peers: set[str]) -> Truths:
    """Sum the values of the procurements that some buyers announced, also those of others who bought with them."""
    amounts = [value.amount_ore for one in tenders for value in one.values if one.buyer.peer in peers]
    known = [amount for amount in amounts if amount]
    return {
        "count": len(known),
        "sum_ore": sum(known),
        "zero": sum(amount == 0 for amount in amounts),
        "not_stated": sum(amount is None for amount in amounts),
    }
