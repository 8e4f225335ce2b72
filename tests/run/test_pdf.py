"""PDF on request: printed by the browser that is there, never stale, and no reason to run anything again."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.pdf import BROWSERS, find_browser

REPORT = ("run", "exempel", "--report", "data-quality", "--pdf")
posix = pytest.mark.skipif(os.name != "posix", reason="a stand-in for the browser is written as a shell script")


def stand_in(folder: Path, body: str) -> str:
    """Write a program that takes a browser's arguments; `$target` is the PDF that is asked for."""
    path = folder / "browser"
    path.write_text(
        f'#!/bin/sh\nfor each in "$@"; do case $each in --print-to-pdf=*) target=${{each#*=}};; esac; done\n{body}\n',
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def files(project: Any) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.reports.glob("exempel/2025/data-quality.*")}


@posix
def test_the_browser_is_the_one_named_or_a_chromium_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PROCANALYSIS_BROWSER", raising=False)
    assert find_browser() == ""
    own = stand_in(tmp_path, "exit 0")
    for name in reversed(BROWSERS):
        (tmp_path / name).symlink_to(own)
        assert find_browser() == str(tmp_path / name)
    monkeypatch.setenv("PROCANALYSIS_BROWSER", own)
    assert find_browser() == own
    monkeypatch.setenv("PROCANALYSIS_BROWSER", str(tmp_path / "none"))
    assert find_browser() == ""


@posix
@pytest.mark.slow
def test_pdf_is_printed_once_listed_and_never_older_than_the_page(own_project: Any, tmp_path: Path) -> None:
    before = files(own_project)
    browser = stand_in(tmp_path, f'printf "%%PDF-1.4 $*" > "$target"; echo x >> "{tmp_path}/calls"')
    first = own_project.command(*REPORT, PROCANALYSIS_BROWSER=browser)
    assert first.returncode == 0, first.stderr
    assert "0 published, 1 unchanged, 0 failed." in first.stdout and "1 printed as PDF." in first.stdout
    after = files(own_project)
    pdf = after.pop("data-quality.pdf")
    assert after == before  # printing is no reason to run the report again
    assert b"data-quality.html" in pdf and b"--no-pdf-header-footer" in pdf
    assert 'href="exempel/2025/data-quality.pdf"' in (own_project.reports / "index.html").read_text("utf-8")
    again = own_project.command(*REPORT, PROCANALYSIS_BROWSER=browser)
    assert "0 printed as PDF." in again.stdout
    assert (tmp_path / "calls").read_text() == "x\n"
    notebook = own_project.root / "notebooks/data_quality.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("Underlagets kvalitet", "Kvalitet i underlaget"), "utf-8")
    assert own_project.command(*REPORT[:-1]).returncode == 0
    assert "data-quality.pdf" not in files(own_project)  # it showed the page that has been replaced
    assert "data-quality.pdf" not in (own_project.reports / "index.html").read_text("utf-8")


@posix
@pytest.mark.slow
def test_a_browser_that_fails_is_told_and_the_page_stays(own_project: Any, tmp_path: Path) -> None:
    before = files(own_project)
    broken = stand_in(tmp_path, 'echo "no display here" >&2; printf "half" > "$target"; exit 3')
    done = own_project.command(*REPORT, PROCANALYSIS_BROWSER=broken)
    assert done.returncode == 1
    assert "made no PDF" in done.stderr and "no display here" in done.stderr
    assert files(own_project) == before
    assert not list(own_project.reports.rglob(".draft*"))


@pytest.mark.slow
def test_without_a_browser_the_reports_are_published_all_the_same(own_project: Any, tmp_path: Path) -> None:
    done = own_project.command(*REPORT, PROCANALYSIS_BROWSER=str(tmp_path / "none"))
    assert done.returncode == 0
    assert "No PDF is made" in done.stderr and "Chromium" in done.stderr and "PROCANALYSIS_BROWSER" in done.stderr
    assert "1 unchanged" in done.stdout and "printed" not in done.stdout


@pytest.mark.browser
@pytest.mark.slow
def test_pdf_is_tagged_swedish_and_short(own_project: Any) -> None:
    if not find_browser():
        pytest.skip("there is no Chromium, so nothing can be printed")
    chosen = ("spend-overview", "category-analysis")  # the length of every kind is in tests/browser
    done = own_project.command("run", "exempel", "--pdf", *(word for name in chosen for word in ("--report", name)))
    assert done.returncode == 0, done.stderr
    printed = sorted(own_project.reports.glob("exempel/2025/*.pdf"))
    pages = [page for name in chosen for page in own_project.reports.glob(f"exempel/2025/{name}*.html")]
    assert len(printed) == len(pages) >= 3
    for path in printed:
        content = path.read_bytes()
        assert b"/Marked true" in content and b"/StructTreeRoot" in content and b"/Lang (sv)" in content, path.name
        assert b"/Outlines" in content, path.name
        pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
        assert 1 < pages <= 8, path.name
        page = path.with_suffix(".html").read_text("utf-8")
        assert 'content:"Sida " counter(page) " (" counter(pages) ")"' in page
