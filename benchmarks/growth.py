"""Draw how time and memory grow with the size of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from benchmarks.targets import HELD, Timing

_SHOWN = {
    "floor": ("DuckDB's scan", "#6B7280", "o"),
    "sql": ("hand-written SQL", "#2E7D32", "s"),
    "portable": ("portable code", "#B45309", "D"),
    "shipped": ("our whole way", "#12436D", "^"),
    "pandas-careful": ("careful pandas", "#A21CAF", "v"),
    "pandas-loop": ("pandas loop", "#B91C1C", "x"),
}


def draw_growth(of_runs: Sequence[Sequence[Timing]], path: Path) -> bool:
    """Draw time and peak memory against lines as SVG; tell whether there were two sizes or more to draw.

    Parameters: of_runs, the medians of each command. Lines join the sizes of one command, and never those of two.
    """
    drawn = [[each for each in run if each.group == "ledger" and each.work in _SHOWN] for run in of_runs]
    if len({timing.lines for run in drawn for timing in run}) < 2:
        return False
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "benchmarks"}):
        figure = Figure(figsize=(10, 5.5), layout="constrained")
        axes = figure.subplots(1, 2)
        for run in drawn:
            for work, memory in product(_SHOWN, ("", HELD)):
                found = [timing for timing in run if (timing.work, timing.memory) == (work, memory)]
                if found:
                    _draw(axes, found)
        for each, what in zip(axes, ("seconds by the wall", "peak memory, MiB"), strict=True):
            each.set(xscale="log", yscale="log", xlabel="million lines in the ledger", ylabel=what)
            for axis in (each.xaxis, each.yaxis):
                axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                axis.set_major_formatter(lambda value, _: f"{value:g}")
                axis.set_minor_locator(NullLocator())
            each.grid(visible=True, alpha=0.3)
        handles, labels = axes[0].get_legend_handles_labels()
        once = dict(zip(labels, handles, strict=True))
        figure.legend(once.values(), once.keys(), loc="outside lower center", ncols=4, fontsize=9, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})
    return True


def _draw(axes: Sequence[Axes], found: Sequence[Timing]) -> None:
    """Draw one work of one command, dashed where its engine was held to less memory."""
    label, colour, marker = _SHOWN[found[0].work]
    held = found[0].memory
    sizes = [timing.lines / 1e6 for timing in found]
    for each, values in zip(axes, ([one.wall for one in found], [one.peak_mib for one in found]), strict=True):
        each.plot(
            sizes, values, color=colour, marker=marker, linestyle="--" if held else "-",
            label=f"{label}, engine held to 1 GB" if held else label, fillstyle="none" if held else "full",
        )  # fmt: skip
