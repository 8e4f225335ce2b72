"""Lay the indicator files out as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from procanalysis.params.indicators import CatalogueIndicator, IndicatorCatalogue, TargetParams
from procanalysis.read.registers import frame_of
from procanalysis.schema import DEFINITION_VERSIONS, INDICATOR_TARGETS, INDICATORS, SERIES_BREAKS, Column

Record = dict[str, Any]


def catalogue_tables(catalogues: Iterable[IndicatorCatalogue]) -> dict[str, pd.DataFrame]:
    """Lay indicator files out as the tables of the schema.

    Parameters: catalogues, as load_indicators returns them. Returns indicators (INDICATORS), targets
    (INDICATOR_TARGETS), breaks (SERIES_BREAKS) and versions (DEFINITION_VERSIONS), in the order of the files.
    """
    records: dict[str, list[Record]] = {"indicators": [], "targets": [], "breaks": [], "versions": []}
    for catalogue in catalogues:
        for each in catalogue.indicators:
            own: Record = {"organisation": catalogue.slug, "indicator_id": each.id}
            source = each.printed_in or catalogue.source
            records["indicators"].append(own | _indicator(each, catalogue, source))
            records["targets"] += [
                own | _target(int(year), target, each.unit, source) for year, target in sorted(each.targets.items())
            ]
            records["breaks"] += [
                own | {"from_year": one.from_year, "reason": one.reason, "replaces": one.replaces or None}
                for one in each.breaks
            ]
            records["versions"] += [
                own | {"from_year": one.from_year, "definition": one.definition} for one in each.versions
            ]
    tables: dict[str, Sequence[Column]] = {
        "indicators": INDICATORS,
        "targets": INDICATOR_TARGETS,
        "breaks": SERIES_BREAKS,
        "versions": DEFINITION_VERSIONS,
    }
    return {name: frame_of(records[name], table) for name, table in tables.items()}


def _indicator(each: CatalogueIndicator, catalogue: IndicatorCatalogue, source: str) -> Record:
    return {
        "name": each.name,
        "goal": each.goal or None,
        "level": each.level,
        "definition": each.definition,
        "numerator": each.numerator or None,
        "denominator": each.denominator or None,
        "exclusions": each.exclusions or None,
        "unit": each.unit,
        "direction": each.good,
        "owner": each.owner or catalogue.owner,
        "source_kind": each.source.kind,
        "measure": each.source.measure or None,
        "least_coverage_pct": each.least_coverage_pct,
        "lowest": each.lowest,
        "highest": each.highest,
        "source": source,
        "note": each.note or None,
    }


def _target(year: int, target: TargetParams, unit: str, source: str) -> Record:
    return {
        "year": year,
        "operator": target.must,
        "value": target.value,
        "long_term": target.long_term,
        "unit": target.unit or unit,
        "words": target.words or None,
        "printed_beside_year": target.beside,
        "source": f"{source} ({target.source})" if target.source else source,
    }
