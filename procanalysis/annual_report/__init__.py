"""The annual report of a board or an organisation: what is published, its reviewed texts, and its members' tenders."""

from procanalysis.annual_report.files import annual_slugs, annual_years
from procanalysis.annual_report.opening import AnnualReport, open_annual_report
from procanalysis.annual_report.organisation import OrganisationYear, open_organisation_year
from procanalysis.annual_report.reckoned import reckoned_figures

__all__ = [
    "AnnualReport",
    "OrganisationYear",
    "annual_slugs",
    "annual_years",
    "open_annual_report",
    "open_organisation_year",
    "reckoned_figures",
]
