"""The parts where the strategic buyer meets them first: under JupyterLab's own stylesheets, light and dark."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
# What JupyterLab says of every output; its other styles lie in scripts that a test cannot load on their own.
OUTPUT = """
body{background:var(--jp-layout-color0);color:var(--jp-content-font-color1);margin:1rem}
.jp-RenderedHTMLCommon{color:var(--jp-content-font-color1);font-family:var(--jp-content-font-family);line-height:1.5}
.jp-RenderedHTMLCommon a{color:var(--jp-content-link-color)}
.jp-RenderedHTMLCommon ul:not(.list-inline){padding-left:2em}
.jp-RenderedHTMLCommon ul{list-style:disc;margin-bottom:1em}
.jp-RenderedHTMLCommon table{border:none;color:var(--jp-ui-font-color1);font-size:var(--jp-ui-font-size1);
 table-layout:fixed;margin-left:auto;margin-bottom:1em;margin-right:auto}
.jp-RenderedHTMLCommon td,.jp-RenderedHTMLCommon th,.jp-RenderedHTMLCommon tr{vertical-align:middle;padding:.5em;
 line-height:normal;white-space:normal;max-width:none;border:none}
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon :is(td,th,tr){text-align:right}
.jp-RenderedHTMLCommon tbody tr:nth-child(odd){background:var(--jp-layout-color0)}
.jp-RenderedHTMLCommon tbody tr:nth-child(even){background:var(--jp-rendermime-table-row-background)}
"""


def imitation(notebook: Any, theme: str, is_light: bool) -> str:
    """Write a page that holds the notebook's outputs as JupyterLab holds them."""
    style = THEMES / f"theme-{theme}-extension" / "index.css"
    if not style.is_file():
        pytest.skip("JupyterLab's themes are not installed here, so Chromium has nothing to show")
    outputs = [
        f'<div class="jp-RenderedHTMLCommon jp-RenderedHTML jp-OutputArea-output">{output["data"]["text/html"]}</div>'
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert len(outputs) > 10
    return (
        f'<!DOCTYPE html><html lang="sv"><head><meta charset="utf-8"><title>{theme}</title>'
        f"<style>{style.read_text('utf-8')}</style><style>{OUTPUT}</style></head>"
        f'<body data-jp-theme-light="{str(is_light).lower()}" data-jp-theme-name="JupyterLab {theme}">'
        f"<main>{''.join(outputs)}</main></body></html>"
    )


def test_parts_can_be_read_in_both_themes(published: Any, measure: Any, tmp_path: Path) -> None:
    notebook = nbformat.read(published.reports / "exempel/2025/spend-overview.ipynb", as_version=4)
    pages = []
    for theme, is_light in (("light", True), ("dark", False)):
        page = tmp_path / f"{theme}.html"
        page.write_text(imitation(notebook, theme, is_light), encoding="utf-8")
        pages.append((f"jupyterlab-{theme}", page, "look"))
    measured = measure(pages)
    backgrounds = [page["background"] for page in measured.values()]
    assert backgrounds[0] != backgrounds[1]
    for name, page in measured.items():
        assert not [item for item in page["axe"] if item.startswith("color-contrast")], name
        assert set(page["aligned"]) <= {"left", "start"}, name
