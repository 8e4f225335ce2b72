"""The monthly report is one printed page, for the organisation and for each unit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.pdf import print_pdf
from procanalysis.run.publish import Place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ITEMS = ("", "exempelsjukhuset-nord", "primarvarden", "region-it")


@pytest.mark.parametrize("item", ITEMS)
def test_it_is_one_page_on_paper(monthly: Any, chromium: str, tmp_path: Path, item: str) -> None:
    place = Place(monthly.reports, "exempel", "2025", "monthly-report", item)
    copy = replace(place, out=tmp_path)
    copy.folder.mkdir(parents=True)
    copy.file(".html").write_bytes(place.file(".html").read_bytes())
    print_pdf(copy, chromium, tmp_path)
    pages = re.findall(rb"/Type\s*/Page\b", copy.file(".pdf").read_bytes())
    assert len(pages) == 1, place.stem
