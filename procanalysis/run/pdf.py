"""Print published pages as PDF with the Chromium that is installed: tagged, in Swedish, with page numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from procanalysis.errors import ReportError
from procanalysis.run.publish import PDF, Place

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
)  # fmt: skip
BROWSER_VARIABLE = "PROCANALYSIS_BROWSER"
NO_BROWSER = (
    "No PDF is made, because no browser that can make one was found. Install Chromium, Google Chrome or Microsoft "
    f"Edge so that it is on the PATH, or set {BROWSER_VARIABLE} to its program file. The other files are published "
    "as usual."
)
_SECONDS = 120.0


def find_browser() -> str:
    """Return the program that prints pages: PROCANALYSIS_BROWSER, or a Chromium on the PATH, or empty text."""
    given = os.environ.get(BROWSER_VARIABLE)
    names = (given,) if given else BROWSERS
    return next((found for name in names if (found := shutil.which(name))), "")


def has_pdf(place: Place) -> bool:
    """Tell whether the PDF of the page as it now lies there is there too; publishing a page removes an older one."""
    return place.file(PDF).is_file()


def print_pdf(place: Place, browser: str, drafts: Path) -> str:
    """Print a published page beside itself, whole or not at all, by way of the folder of drafts. Returns 'printed'.

    Raises ReportError with what the browser said when it makes no PDF.
    """
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=drafts, ignore_cleanup_errors=True) as draft:
        target = Path(draft) / f"{place.stem}.pdf"
        said = _run(_command(browser, place.file(".html"), target, Path(draft) / "profile"))
        if not target.is_file() or not target.read_bytes().startswith(b"%PDF-"):
            raise ReportError(
                f"{place.stem}.pdf: {browser} made no PDF. The page itself is published. "
                f"The browser said: {said or 'nothing'}"
            )
        target.replace(place.file(PDF))
    return "printed"


def _command(browser: str, page: Path, target: Path, profile: Path) -> list[str]:
    command = [
        browser, "--headless", "--disable-gpu", "--disable-extensions", "--no-first-run", "--no-pdf-header-footer",
        "--export-tagged-pdf", "--generate-pdf-document-outline", f"--user-data-dir={profile}",
        f"--print-to-pdf={target}", page.resolve().as_uri(),
    ]  # fmt: skip
    if getattr(os, "geteuid", lambda: 1)() == 0:
        # Chromium has no sandbox for root; the page is our own, without scripts and with nothing to fetch.
        command.insert(1, "--no-sandbox")
    return command


def _run(command: list[str]) -> str:
    """Run the browser and return the last lines that it wrote."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603  (no shell)
    except subprocess.TimeoutExpired:
        return f"nothing within {_SECONDS:.0f} seconds"
    except OSError as error:
        return str(error)
    lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    return " ".join(lines[-2:])[:500]
