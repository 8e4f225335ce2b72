"""Prepare the data of organisations for their reports."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from procanalysis.organisation import Organisation, open_organisation
from procanalysis.params import load_organisation_params, parse_period
from procanalysis.params.decided_files import accepted_path, refused_path
from procanalysis.run.catalogue import Item
from procanalysis.run.jobs import Prepared, unit_items
from procanalysis.run.publish import PREPARATION, Place


def prepare(slug: str, period: str) -> Prepared:
    """Prepare an organisation's data and choose its categories. Raises what `open_organisation` raises."""
    organisation = open_organisation(slug, period)
    return Prepared(
        slug=slug,
        name=organisation.params.name,
        fictional=organisation.params.fictional,
        period=organisation.period.label,
        period_name=organisation.period_name,
        preparation=organisation.folder.name,
        settings=settings_of(organisation),
        inputs=organisation.inputs,
        parameters={"organisation": slug, "period": organisation.period.label},
        items={
            "category": tuple(Item(code, name, code) for code, name in organisation.chosen_categories()),
            "unit": unit_items(organisation.chosen_units()) if organisation.has_months else (),
        },
    )


def settings_of(organisation: Organisation) -> str:
    """Return what a report depends on besides the data: the organisation file, its logo, and the decided rules."""
    params, logo = organisation.params, organisation.params.logo_path()
    # Who gets a report by mail is no part of it.
    settings = params.model_dump_json(exclude={"path", "ledger", "mapping", "distribution"})
    files = [logo, accepted_path(params), refused_path(params)]
    return settings + "".join(
        hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file and file.is_file()
    )


def failed_preparation_place(slug: str, period: str, out: Path) -> tuple[Place, dict[str, Any]]:
    """Return where to note that an organisation's data could not be prepared, and what is known of it."""
    params = load_organisation_params(slug)
    chosen = parse_period(period or params.period).label
    facts = {"organisation": params.name, "slug": slug, "fictional": params.fictional, "item_name": ""}
    return Place(out, slug, chosen, PREPARATION), facts
