"""What reviewers have said of suggested rules so far: the accepted ones, which decide rows, and the refused ones."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from procanalysis.organisation.masking import masker_of
from procanalysis.params import OrganisationParams
from procanalysis.params.decided_files import accepted_path, refused_path
from procanalysis.read.rules import read_refused_rules, read_rules
from procanalysis.schema import REFUSED_RULES, RULES, names


@dataclass(frozen=True)
class DecidedRules:
    """Hold the decisions on suggested rules: accepted (schema.RULES) and refused (schema.REFUSED_RULES)."""

    accepted: pd.DataFrame
    refused: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many rules have been accepted and refused."""
        return {"accepted": len(self.accepted), "refused": len(self.refused)}


def decided_rules(params: OrganisationParams) -> DecidedRules:
    """Read what has been decided so far; no rows where nothing has. Raises MappingError for a fault in a file."""
    accepted, refused = accepted_path(params), refused_path(params)
    return DecidedRules(
        read_rules([accepted], masker=masker_of(params)) if accepted.is_file() else _nothing(names(RULES)),
        read_refused_rules(refused) if refused.is_file() else _nothing(names(REFUSED_RULES)),
    )


def _nothing(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns, dtype="str")
