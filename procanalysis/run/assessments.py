"""Prepare the assessments of organisations for their report; an organisation with an assessment needs no ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from procanalysis.assessment import Assessment, open_assessment
from procanalysis.errors import ParamsError
from procanalysis.params.assessment import AssessmentIdentity, assessment_identities, assessments_folder
from procanalysis.run.jobs import Prepared
from procanalysis.run.processes import Task
from procanalysis.run.publish import Place, forget_failure
from procanalysis.version import code_digest

REPORT = "gap-analysis"


def assessment_tasks(organisations: Collection[str], period: str) -> list[Task]:
    """List one task per assessment of the organisations; with a period, only of that year.

    A file that does not say whose it is cannot be left out in silence when every organisation is meant.
    """
    found = assessment_identities()
    everyone = {each.organisation for each in found if each.organisation} <= set(organisations)
    chosen = [
        each
        for each in found
        if (each.organisation in organisations or (everyone and not each.organisation))
        and (period == "" or period == str(each.year))
    ]
    return [Task(each.slug, prepare_assessment, (each.slug,)) for each in chosen]


def prepare_assessment(slug: str) -> Prepared:
    """Open an assessment and say what its report depends on.

    Raises what `open_assessment` raises, and ParamsError when another assessment would have the same place.
    """
    assessment = open_assessment(slug)
    params = assessment.params
    _refuse_same_place(slug)
    files = _files(assessment)
    return Prepared(
        slug=params.organisation,
        name=params.name,
        fictional=params.fictional,
        period=str(params.year),
        period_name=str(params.year),
        preparation=_preparation(assessment, files),
        settings="",
        inputs=tuple({"path": path.name, "sha256": _digest(path), "rows": 0} for path in files),
        parameters={"assessment_slug": slug},
        subject="assessment",
        file=slug,
    )


def _refuse_same_place(slug: str) -> None:
    own = next(each for each in assessment_identities() if each.slug == slug)
    for other in assessment_identities():
        if (other.organisation, other.year) == (own.organisation, own.year) and other.slug < slug:
            raise ParamsError(
                f"{slug}.yml: {other.slug}.yml is also the assessment of {own.organisation} {own.year}, and both would "
                "be published in the same place. Keep one of them, or correct the year."
            )


def _files(assessment: Assessment) -> list[Path]:
    """List the files that the report is made from, the ledger aside; comparisons read the other assessments too."""
    files = [assessment.params.path, assessment.model.path]
    if assessment.earlier is not None:
        files.append(assessment.earlier.params.path)
    return files


def _preparation(assessment: Assessment, files: list[Path]) -> str:
    ledgers = [each.ledger.preparation for each in (assessment, assessment.earlier) if each is not None]
    others = sorted(assessments_folder().glob("*.yml")) if assessment.params.may_be_compared else []
    content = [ledgers, [_digest(path) for path in (*files, *others)], code_digest()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:20]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def failed_assessment(slug: str, out: Path) -> tuple[Place, dict[str, Any]] | None:
    """Return where to note that an assessment could not be opened, or None when its file does not say whose it is."""
    found: AssessmentIdentity | None = next((each for each in assessment_identities() if each.slug == slug), None)
    if found is None or not found.organisation or not found.year:
        return None
    facts = {
        "organisation": found.name or found.organisation,
        "slug": found.organisation,
        "fictional": found.fictional,
        "item_name": "",
    }
    return Place(out, found.organisation, str(found.year), REPORT), facts


def forget_failed_assessment(prepared: Prepared, out: Path) -> None:
    """Remove the note of an assessment that could not be opened: now it can."""
    forget_failure(Place(out, prepared.slug, prepared.period, REPORT))
