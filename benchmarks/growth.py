"""Draw how time and memory grow with the size of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.targets import Timing

_SHOWN = {
    "floor": ("DuckDB's scan", "#6B7280", "o"),
    "sql": ("hand-written SQL", "#2E7D32", "s"),
    "portable": ("portable code", "#B45309", "D"),
    "shipped": ("our whole way", "#12436D", "^"),
    "pandas-careful": ("careful pandas", "#A21CAF", "v"),
    "pandas-loop": ("pandas loop", "#B91C1C", "x"),
}


def draw_growth(medians: Sequence[Timing], path: Path) -> bool:
    """Draw time and peak memory against lines as SVG; tell whether there were two sizes or more to draw."""
    of_ledgers = [timing for timing in medians if timing.group == "ledger" and timing.work in _SHOWN]
    if len({timing.lines for timing in of_ledgers}) < 2:
        return False
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "benchmarks"}):
        figure = Figure(figsize=(9, 4), layout="constrained")
        time_axes, memory_axes = figure.subplots(1, 2)
        for work, (label, colour, marker) in _SHOWN.items():
            for memory, style in (("", "-"), ("1GB", "--")):
                found = [timing for timing in of_ledgers if (timing.work, timing.memory) == (work, memory)]
                sizes = [timing.lines / 1e6 for timing in found]
                told = f"{label}, held to 1 GB" if memory else label
                style_of = {"label": told, "color": colour, "marker": marker, "linestyle": style}
                if found:
                    time_axes.plot(sizes, [timing.wall for timing in found], **style_of)
                    memory_axes.plot(sizes, [timing.peak_mib for timing in found], **style_of)
        for axes, what in ((time_axes, "seconds"), (memory_axes, "peak memory, MiB")):
            axes.set(xscale="log", yscale="log", xlabel="million lines", ylabel=what)
            axes.grid(visible=True, alpha=0.3)
        time_axes.legend(fontsize=8)
        figure.savefig(path, format="svg", metadata={"Date": None})
    return True
