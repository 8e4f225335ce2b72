"""What the suggested categories rest on."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from procanalysis.params.yaml_file import Part


class SuggestionParams(Part):
    """Hold how sure a suggested category must be to be shown; below it nothing is suggested."""

    threshold_pct: Decimal = Field(default=Decimal(80), ge=50, lt=100, decimal_places=2)
