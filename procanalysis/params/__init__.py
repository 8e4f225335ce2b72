"""Reviewed parameter files, validated and frozen; periods; and where the project lies."""

from procanalysis.params.organisation import (
    READABLE_COLUMNS,
    Engine,
    OrganisationParams,
    load_organisation_params,
    load_params,
)
from procanalysis.params.period import Period, parse_period
from procanalysis.params.project import method_pages, organisation_slugs, organisations_folder, project_root
from procanalysis.params.yaml_file import SLUG

__all__ = [
    "READABLE_COLUMNS",
    "SLUG",
    "Engine",
    "OrganisationParams",
    "Period",
    "load_organisation_params",
    "load_params",
    "method_pages",
    "organisation_slugs",
    "organisations_folder",
    "parse_period",
    "project_root",
]
