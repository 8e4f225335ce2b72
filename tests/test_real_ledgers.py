"""Four real ledgers, read with nothing but an organisation file, and two of them published."""

from __future__ import annotations

import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from procanalysis.organisation import open_organisation
from procanalysis.schema import kronor

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

LEDGERS = Path(__file__).parent / "cases" / "ledgers"


@pytest.fixture(autouse=True)
def _opened_here(
    in_project: Any, real_data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepare the real ledgers outside the repository."""
    root = tmp_path_factory.getbasetemp() / "real"
    (root / "docs").mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(root))


def opened(slug: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(LEDGERS / slug))
    return open_organisation(slug)


def run(project: Any, slug: str, out: Path, *arguments: str) -> Path:
    done = project.command("run", slug, "--out", str(out), *arguments, PROCANALYSIS_PARAMS=str(LEDGERS / slug))
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def figures(path: Path) -> dict[str, dict[str, Any]]:
    return {figure["id"]: figure for figure in json.loads(path.read_text("utf-8"))["figures"]}


def test_örebro_is_published_and_reconciled(example_project: Any, tmp_path: Path) -> None:
    chosen = ("--report", "data-quality", "--report", "spend-overview", "--report", "category-analysis")
    folder = run(example_project, "orebro", tmp_path, *chosen) / "orebro/2016-03"
    pages = sorted(path.stem for path in folder.glob("*.html"))
    analyses = [stem for stem in pages if stem.startswith("category-analysis-")]
    assert len(analyses) == 1 and set(pages) - set(analyses) == {"data-quality", "spend-overview"}
    quality, spend = figures(folder / "data-quality.json"), figures(folder / "spend-overview.json")
    accepted = quality["accepted_share"]
    assert (accepted["denominator"], accepted["part_unit"]) == ("68021.00", "st")
    left_out = sum(excluded["rows"] for excluded in accepted["excluded"])
    assert Decimal(accepted["numerator"]) + left_out == 68021
    rejected = sum(Decimal(excluded["amount"]) for excluded in accepted["excluded"])
    assert Decimal(spend["total_spend"]["value"]) + rejected == Decimal("450187283.39")
    assert quality["mapped_share"]["value"] >= 95
    inputs = json.loads((folder / "data-quality.json").read_text("utf-8"))["inputs"]
    assert sum(item["rows"] for item in inputs) == 68021
    per_category = [Decimal(figures(folder / f"{stem}.json")["total_spend"]["value"]) for stem in analyses]
    assert all(amount > 0 for amount in per_category) and sum(per_category) < Decimal("450187283.39")


def test_guys_is_published_in_pounds(example_project: Any, tmp_path: Path) -> None:
    arguments = ("--report", "data-quality", "--report", "spend-overview")
    folder = run(example_project, "guys", tmp_path, *arguments) / "guys/2020-04--2021-03"
    for name in ("data-quality", "spend-overview"):
        page = (folder / f"{name}.html").read_text("utf-8")
        # The method pages explain with examples of their own, which are in kronor.
        shown = re.split(r"<h2[^>]*>\s*Så har vi räknat", page.partition("<main")[2])
        assert len(shown) == 2 and "£" in shown[0]
        assert not re.findall(r"\d\s(?:t|mn)?kr\b|\(kr\)|kronor", shown[0]), name
        with zipfile.ZipFile(folder / f"{name}.xlsx") as book:
            assert (
                "£" in book.read("xl/sharedStrings.xml").decode() or "GBP" in book.read("xl/sharedStrings.xml").decode()
            )
        for figure in figures(folder / f"{name}.json").values():
            assert figure["unit"] != "SEK" and figure["part_unit"] != "SEK" and "kr" not in figure["label"].split()
    quality = figures(folder / "data-quality.json")
    assert quality["accepted_share"]["denominator"] == "167107.00"


def test_vgr_sample_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = opened("vgr", monkeypatch)
    control = organisation.facts["control"]
    assert (control["rows_accepted"], control["rows_rejected"]) == (4, 0)
    assert kronor(control["amount_accepted_ore"]) == Decimal("5047504.73")
    assert organisation.facts["mapped"]["rows_unmapped"] == 0
    lines = organisation.lines.df()
    assert set(lines["supplier_type"]) == {"company"} and lines["booked_on"].notna().all()


def test_västerås_sample_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = opened("vasteras", monkeypatch)
    control = organisation.facts["control"]
    assert (control["rows_accepted"], control["rows_rejected"]) == (2, 0)
    assert kronor(control["amount_accepted_ore"]) == Decimal("-1702.71")
    lines = organisation.lines.df()
    assert set(lines["supplier_name"]) == {"ONEMED SVERIGE AB"} and lines["supplier_key"].nunique() == 1
    assert set(organisation.register["number_status"]) == {"internal"}
    assert set(lines["category_code"]) == {"02.03"}
