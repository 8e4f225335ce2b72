"""The monthly report is one printed page, for the organisation and for each unit."""

from __future__ import annotations

import re
from typing import Any

import pytest

from procanalysis.run.publish import Place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ITEMS = ("", "exempelsjukhuset-nord", "primarvarden", "region-it")


def test_it_is_one_page_on_paper(monthly: Any, print_pages: Any) -> None:
    pages = [Place(monthly.reports, "exempel", "2025", "monthly-report", item).file(".html") for item in ITEMS]
    for page, printed in print_pages(pages).items():
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, page.stem
