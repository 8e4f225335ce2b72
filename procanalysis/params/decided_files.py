"""Where an organisation keeps what its reviewers have decided about suggested rules."""

from __future__ import annotations

from pathlib import Path

from procanalysis.params.organisation import OrganisationParams

ACCEPTED_ENDING = "-granskade.csv"
REFUSED_ENDING = "-avbojda.csv"


def accepted_path(params: OrganisationParams) -> Path:
    """Return the organisation's own file of accepted rules: the one that mapping.rules names, else where it is made."""
    wanted = f"{params.slug}{ACCEPTED_ENDING}"
    named = [path for path in params.rule_paths() if path.name == wanted]
    return named[0] if named else (params.path.parent / ".." / "mappings").resolve() / wanted


def refused_path(params: OrganisationParams) -> Path:
    """Return the file that remembers what was refused, beside the accepted rules."""
    return accepted_path(params).with_name(f"{params.slug}{REFUSED_ENDING}")


def is_named(params: OrganisationParams) -> bool:
    """Tell whether mapping.rules names the file of accepted rules, so that they decide rows."""
    own = accepted_path(params).resolve()
    return any(path.resolve() == own for path in params.rule_paths())
