"""What everything that is opened for a report says alike about itself."""

from __future__ import annotations

from datetime import date

from procanalysis.params.project import method_pages
from procanalysis.version import VERSION


class Opened:
    """Tell which method pages, day and version of the code stand behind what is opened."""

    @property
    def methods(self) -> dict[str, str]:
        """The method pages by name, for 'så har vi räknat'."""
        return method_pages()

    @property
    def opened_on(self) -> date:
        """The day on which the report is made."""
        return date.today()

    @property
    def version(self) -> str:
        """The version of the code."""
        return VERSION
