"""Prepare the business cases of organisations for their report; a case reckoned by hand needs no ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from procanalysis.business_case import BusinessCase, hidden, open_business_case
from procanalysis.errors import ProcanalysisError
from procanalysis.params import load_organisation_params, organisation_slugs, parse_period
from procanalysis.params.business_case import (
    BusinessCaseIdentity,
    business_case_identities,
)
from procanalysis.run.jobs import Prepared
from procanalysis.run.processes import Task
from procanalysis.run.publish import NO_PERIOD, Place, forget_failure
from procanalysis.version import code_digest

REPORT = "business-case"


def case_tasks(organisations: Collection[str], period: str) -> list[Task]:
    """List one task per business case of the organisations; with a period, only those whose baseline it is.

    When every organisation is meant, so are the cases reckoned by hand, and those whose file does not say whose it is,
    names an organisation that has no file, or cannot be read: none of them is left out in silence.
    """
    known = set(organisation_slugs())
    everyone = known <= set(organisations)
    own = [
        each
        for each in business_case_identities()
        if each.organisation in organisations or (everyone and each.organisation not in known)
    ]
    return [Task(each.slug, prepare_case, (each.slug,)) for each in own if _is_of(each, period)]


def _is_of(found: BusinessCaseIdentity, period: str) -> bool:
    # A case whose period cannot be told is run: its mistake is told when it is prepared.
    return not period or _period(found) in (NO_PERIOD, parse_period(period).label)


def _period(found: BusinessCaseIdentity) -> str:
    """Return the period of a case's baseline, as far as its file and the organisation's can tell."""
    try:
        if found.period:
            return parse_period(found.period).label
        return parse_period(load_organisation_params(found.organisation).period).label
    except ProcanalysisError:
        return NO_PERIOD


def _name(found: BusinessCaseIdentity) -> str:
    try:
        return load_organisation_params(found.organisation).name
    except ProcanalysisError:
        return found.name or found.organisation


def prepare_case(slug: str) -> Prepared:
    """Open a business case and say what its report depends on. Raises what `open_business_case` raises."""
    case = open_business_case(slug)
    params = case.params
    digest = hashlib.sha256(params.path.read_bytes()).hexdigest()
    own = {"path": params.path.name, "sha256": digest, "rows": 0}
    return Prepared(
        slug=params.organisation or params.slug,
        name=case.organisation_name,
        fictional=case.source.fictional,
        period=case.period.label,
        period_name=case.period_name,
        preparation=_preparation(case, digest),
        settings="",
        inputs=tuple(sorted([own, *case.ledger_inputs], key=lambda file: str(file["path"]))),
        parameters={"case_slug": slug},
        subject="case",
        file=slug,
        file_title=params.title,
    )


def _preparation(case: BusinessCase, digest: str) -> str:
    content = [digest, case.depends_on, code_digest()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:20]


def failed_case(slug: str, out: Path) -> tuple[Place, dict[str, Any]] | None:
    """Return where to note that a business case could not be opened, or None when its file does not say whose it is."""
    found = next((each for each in business_case_identities() if each.slug == slug), None)
    if found is None or not (found.organisation or found.name):
        return None
    facts = {
        "organisation": hidden(_name(found)),
        "slug": found.organisation or slug,
        "fictional": found.fictional,
        "item_name": hidden(found.title),
    }
    return Place(out, found.organisation or slug, _period(found), REPORT, slug), facts


def forget_failed_case(prepared: Prepared, out: Path) -> None:
    """Remove the note of a business case that could not be opened: now it can."""
    for folder in (out / prepared.slug).glob("*/"):  # it may have been noted before its period was known
        forget_failure(Place(out, prepared.slug, folder.name, REPORT, prepared.file))
