"""Turn the records of a run into the table of targets: what was aimed at, what was measured, met or missed.

Reckons only; a target whose works were not run says so. Ratios are taken round by round and the median is given, by
the wall and, in brackets, by the computing time of all cores, which neighbours on a shared machine disturb less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measuring import Record

NOT_RUN = "not run"
_NO_TARGET = "no target"
_CORES = 2
SUMMED, COUNTED = ("summed",), ("counted",)
_OUTSIDE = ("registers",)
HELD = "1GB"


@dataclass(frozen=True)
class Row:
    """Hold one row of the table: the target, the size, what was measured, the verdict, and what it is made of."""

    target: str
    lines: str
    measured: str
    verdict: str
    made_of: str = ""


@dataclass(frozen=True)
class Side:
    """Choose what of a work counts: all its stages but some, by the wall or by computing time."""

    group: str
    work: str
    without: tuple[str, ...] = ()

    def seconds(self, record: Record, *, cpu: bool) -> float:
        """Sum the stages of a record that count."""
        return sum(spent for name, spent in (record.cpu if cpu else record.wall).items() if name not in self.without)


def target_rows(records: Sequence[Record], cores: int) -> list[Row]:
    """Make the rows of the targets that are about ledgers, in the order of the issue, from one run's records.

    Parameters: records, of one command, since nothing is compared across commands; cores, of the machine.
    """
    most = [_against(records, *each) for each in _RATIOS]
    return [
        *(row for rows in most for row in rows),
        *_memory_growth(records),
        *_computing_growth(records),
        *_through(records, cores),
        *_upkeep(
            records, "One organisation of twenty changed: preparing, against all twenty from nothing",
            "one organisation of twenty", 0.15,
        ),
        *_upkeep(
            records, "One file more in a ledger of twelve: preparing, against all twelve from nothing",
            "one file of twelve", None,
        ),
        *_seconds(records, "`procanalysis run` with nothing changed", "nothing changed", "run again", 3.0),
        *_seconds(records, "Open the organisation on prepared data", "nothing changed", "open", 1.0, stage="open"),
        _same_digest(records),
    ]  # fmt: skip


_FLOOR = Side("ledger", "floor")
_SHIPPED = Side("ledger", "shipped")
_SHIPPED_COUNTED, _SHIPPED_SUMMED = (Side("ledger", "shipped", left_out) for left_out in (SUMMED, COUNTED))
_AT_MOST, _AT_LEAST = "at most", "at least"
_RATIOS: tuple[tuple[str, Side, Side, str, float], ...] = (
    ("CSV to mapped Parquet and twenty measures, against DuckDB's scan", _SHIPPED_COUNTED, _FLOOR, _AT_MOST, 2),
    ("The same with twenty plain sums, as in the trials", _SHIPPED_SUMMED, _FLOOR, _AT_MOST, 2),
    (
        "Portable code against hand-written SQL, twenty measures",
        Side("ledger", "portable", (*_OUTSIDE, *SUMMED)), Side("ledger", "sql", (*_OUTSIDE, *SUMMED)), _AT_MOST, 1.15,
    ),
    (
        "Portable code against hand-written SQL, twenty plain sums",
        Side("ledger", "portable", (*_OUTSIDE, *COUNTED)), Side("ledger", "sql", (*_OUTSIDE, *COUNTED)), _AT_MOST, 1.15,
    ),
    (
        "A pandas loop as an analyst writes it, against our whole way",
        Side("ledger", "pandas-loop", SUMMED), _SHIPPED_COUNTED, _AT_LEAST, 15,
    ),
    (
        "A pandas loop, against the portable code on the same typed lines",
        Side("ledger", "pandas-loop", (*_OUTSIDE, *SUMMED)), Side("ledger", "portable", (*_OUTSIDE, *SUMMED)),
        _AT_LEAST, 15,
    ),
    (
        "Careful pandas, against our whole way",
        Side("ledger", "pandas-careful", SUMMED), _SHIPPED_COUNTED, _AT_LEAST, 3,
    ),
    (
        "Careful pandas, against the portable code on the same typed lines",
        Side("ledger", "pandas-careful", (*_OUTSIDE, *SUMMED)), Side("ledger", "portable", (*_OUTSIDE, *SUMMED)),
        _AT_LEAST, 3,
    ),
)  # fmt: skip


def _against(records: Sequence[Record], target: str, one: Side, other: Side, bound: str, limit: float) -> Iterable[Row]:
    """Compare two works at every size at which both were run without a bound on memory."""
    asked = f"{target}: {bound} {limit:g} ×"
    rows = []
    for lines in _sizes(record for record in records if record.group == one.group and not record.memory):
        pairs = list(_pairs(records, one, other, lines))
        if not pairs:
            done = {record.work for record in records if record.lines == lines and not record.memory}
            lacking = " and ".join(f"`{side.work}`" for side in (one, other) if side.work not in done)
            rows.append(Row(asked, size_in_words(lines), NOT_RUN, NOT_RUN, f"{lacking} not at this size"))
            continue
        wall = median(one.seconds(a, cpu=False) / other.seconds(b, cpu=False) for a, b in pairs)
        cpu = median(_quotient(one.seconds(a, cpu=True), other.seconds(b, cpu=True)) for a, b in pairs)
        met = wall <= limit if bound == _AT_MOST else wall >= limit
        rows.append(
            Row(
                asked,
                size_in_words(lines),
                f"{wall:.2f} × (computing {cpu:.2f} ×)",
                verdict_of(met),
                f"{_stages([a for a, _ in pairs], one)} against {_stages([b for _, b in pairs], other)}",
            )
        )
    return rows or [Row(asked, "", NOT_RUN, NOT_RUN)]


def _of(records: Iterable[Record], side: Side) -> list[Record]:
    return [record for record in records if (record.group, record.work) == (side.group, side.work)]


def _pairs(records: Sequence[Record], one: Side, other: Side, lines: int) -> Iterable[tuple[Record, Record]]:
    others = {record.round: record for record in _of(records, other) if record.lines == lines and not record.memory}
    for record in _of(records, one):
        if record.lines == lines and not record.memory and record.round in others:
            yield record, others[record.round]


def _quotient(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def verdict_of(met: bool) -> str:
    """Say whether a target is met, so that a miss is seen."""
    return "met" if met else "**missed**"


def _stages(records: Sequence[Record], side: Side) -> str:
    """Say which stages a work's time went to."""
    stages = [name for name in records[0].wall if name not in side.without]
    spent = {name: median(record.wall[name] for record in records) for name in stages}
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent.items())


_SMALL, _LARGE = 10_000_000, 50_000_000
_GROWN = "10 M, 50 M"


def _memory_growth(records: Sequence[Record]) -> Iterable[Row]:
    asked = "Peak memory at 50 million lines against that at 10 million, engine held to 1 GB: at most 1.25 ×"
    held = [record for record in _of(records, _SHIPPED) if record.memory == HELD]
    peaks = {lines: median(record.peak_mib for record in held if record.lines == lines) for lines in _sizes(held)}
    after = {
        lines: median(record.peaks.get("prepare", 0.0) for record in held if record.lines == lines) for lines in peaks
    }
    told = "; ".join(
        f"{size_in_words(lines)}: {peak:.0f} MiB, of which {after[lines]:.0f} when prepared"
        for lines, peak in peaks.items()
    )
    if not {_SMALL, _LARGE} <= peaks.keys():
        return [Row(asked, _GROWN, NOT_RUN, NOT_RUN, told)]
    growth = peaks[_LARGE] / peaks[_SMALL]
    return [Row(asked, _GROWN, f"{growth:.2f} ×", verdict_of(growth <= 1.25), told)]


def _computing_growth(records: Sequence[Record]) -> Iterable[Row]:
    rows = []
    for memory in ("", HELD):
        held = ", engine held to 1 GB" if memory else ""
        asked = f"Computing time per line at 50 million lines against that at 10 million{held}"
        found = [record for record in _of(records, _SHIPPED) if record.memory == memory]
        per_line = {lines: _per_line([each for each in found if each.lines == lines]) for lines in (_SMALL, _LARGE)}
        if not all(per_line.values()):
            rows.append(Row(asked, _GROWN, NOT_RUN, NOT_RUN))
            continue
        small, large = per_line[_SMALL], per_line[_LARGE]
        growth = sum(large.values()) / sum(small.values())
        told = ", ".join(f"{name} {spent:.1f} → {large[name]:.1f} µs" for name, spent in small.items())
        rows.append(Row(asked, _GROWN, f"{growth:.2f} ×", _NO_TARGET, f"{told} a line"))
    return rows


def _per_line(found: Sequence[Record]) -> dict[str, float]:
    """Give the computing time of each stage in µs (millionths of a second) a line; nothing without records."""
    stages = found[0].cpu if found else ()
    return {name: median(each.cpu[name] / each.lines for each in found) * 1e6 for name in stages}


def _through(records: Sequence[Record], cores: int) -> Iterable[Row]:
    rows = []
    for memory in ("", HELD):
        asked = f"50 M lines through on two cores{', engine held to 1 GB' if memory else ''}"
        done = [each for each in _of(records, _SHIPPED) if each.lines == _LARGE and each.memory == memory]
        if not done:
            rows.append(Row(asked, size_in_words(_LARGE), NOT_RUN, NOT_RUN))
            continue
        wall, peak = median(record.process_wall for record in done), median(record.peak_mib for record in done)
        told = f"{wall:.0f} s, peak {peak:.0f} MiB"
        enough = cores <= _CORES
        verdict = verdict_of(True) if enough else NOT_RUN
        rows.append(Row(asked, size_in_words(_LARGE), told, verdict, "" if enough else f"run on {cores} cores"))
    return rows


def _upkeep(records: Sequence[Record], target: str, group: str, limit: float | None) -> Iterable[Row]:
    asked = f"{target}: at most {limit:g} ×" if limit is not None else f"{target} ({_NO_TARGET} of its own)"
    changed, whole = Side(group, "changed"), Side(group, "from nothing")
    rows = []
    for lines in _sizes(_of(records, changed)):
        pairs = list(_pairs(records, changed, whole, lines))
        wall, cpu = (
            median(_quotient(changed.seconds(a, cpu=cpu), whole.seconds(b, cpu=cpu)) for a, b in pairs)
            for cpu in (False, True)
        )
        spent = [median(side.seconds(record, cpu=False) for record in found) for side, found in
                 ((changed, [a for a, _ in pairs]), (whole, [b for _, b in pairs]))]  # fmt: skip
        verdict = _NO_TARGET if limit is None else verdict_of(wall <= limit)
        told = f"{spent[0]:.1f} s against {spent[1]:.1f} s"
        rows.append(Row(asked, size_in_words(lines), f"{wall:.2f} × (computing {cpu:.2f} ×)", verdict, told))
    return rows or [Row(asked, "", NOT_RUN, NOT_RUN)]


def _seconds(
    records: Sequence[Record], target: str, group: str, work: str, limit: float, *, stage: str = ""
) -> Iterable[Row]:
    asked = f"{target}: under {limit:g} s"
    rows = []
    for lines in _sizes(_of(records, Side(group, work))):
        done = [record for record in _of(records, Side(group, work)) if record.lines == lines]
        whole = median(record.process_wall for record in done)
        spent = median(record.wall[stage] for record in done) if stage else whole
        rest = f"{whole:.1f} s with the start of Python and its imports" if stage else ""
        rows.append(Row(asked, size_in_words(lines), f"{spent:.2f} s", verdict_of(spent < limit), rest))
    return rows or [Row(asked, "", NOT_RUN, NOT_RUN)]


def _same_digest(records: Sequence[Record]) -> Row:
    asked = "One digest over 100 runs, any number of threads, and on DuckDB, Polars and pandas"
    done = [record for record in records if record.group == "one digest"]
    works = {record.work for record in done}
    if "hundred-runs" not in works:
        return Row(asked, "", NOT_RUN, NOT_RUN)
    # A work that found something else would have stopped the run.
    return Row(asked, size_in_words(done[0].lines), "one", "met", f"the same in: {', '.join(sorted(works))}")


def _sizes(records: Iterable[Record]) -> list[int]:
    return sorted({record.lines for record in records})


def size_in_words(lines: int) -> str:
    """Write a number of lines shortly.

    >>> size_in_words(500_000), size_in_words(50_000_000), size_in_words(4_000)
    ('0.5 M', '50 M', '4 k')
    """
    return f"{lines / 1e6:g} M" if lines >= 100_000 else f"{lines / 1e3:g} k"


@dataclass(frozen=True)
class Timing:
    """Hold the medians of one work at one size."""

    group: str
    work: str
    lines: int
    memory: str
    rounds: int
    wall: float
    cpu: float
    process_wall: float
    process_cpu: float
    peak_mib: float
    stages: str


def timings(records: Sequence[Record]) -> list[Timing]:
    """Give the medians of every work at every size: of the stages' sum, and of the whole process."""
    alike: dict[tuple[str, str, int, str], list[Record]] = {}
    for record in records:
        alike.setdefault((record.group, record.work, record.lines, record.memory), []).append(record)
    return [_timing(key, found) for key, found in sorted(alike.items(), key=lambda item: (item[0][0], item[0][2]))]


def _timing(key: tuple[str, str, int, str], found: Sequence[Record]) -> Timing:
    def middle(of: Callable[[Record], float]) -> float:
        return median(of(record) for record in found)

    stages = ", ".join(f"{name} {middle(lambda r, n=name: r.wall[n]):.1f}" for name in found[0].wall)  # type: ignore[misc]
    group, work, lines, memory = key
    return Timing(
        group, work, lines, memory, len(found), middle(lambda r: sum(r.wall.values())),
        middle(lambda r: sum(r.cpu.values())), middle(lambda r: r.process_wall), middle(lambda r: r.process_cpu),
        middle(lambda r: r.peak_mib), stages,
    )  # fmt: skip
