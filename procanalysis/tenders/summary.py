"""What `procanalysis check` tells about a tender source: every row accounted for, and how the tables hang together."""

from __future__ import annotations

from collections.abc import Iterator

from procanalysis.errors import examples
from procanalysis.measures.tenders import tender_joins
from procanalysis.params.tenders import load_tender_source
from procanalysis.schema import REJECT_REASONS, TENDER_TABLES
from procanalysis.tenders.preparing import no_files
from procanalysis.tenders.statistics import TenderStatistics, open_tenders


def tender_check_lines(slug: str) -> Iterator[str]:
    """Read a tender source and tell its control totals, table by table, its rejected rows, and its joins both ways.

    Parameters: slug, the name of its file in params/tenders. Yields one line of text at a time; a source without files
    is told in one line and is no failure. Raises ParamsError or InputError for a mistake in the source or its files.
    """
    params = load_tender_source(slug)
    if not params.has_any_file():
        yield f"Tender source {no_files(params)}"
        return
    statistics = open_tenders(slug)
    fictional = ", fictional" if params.fictional else ""
    yield f"Tender source {slug} ({params.name}{fictional}), {', '.join(map(str, params.years))}"
    for control in statistics.controls.to_dict("records"):
        read, accepted, rejected = (control[f"rows_{part}_count"] for part in ("read", "accepted", "rejected"))
        yield f"  {control['table']:<32} {read:>12} rows = {accepted} accepted + {rejected} rejected"
    if len(statistics.rejected):
        reasons = statistics.rejected.to_dict("records")
        listed = (f"{row['file']} row {row['row_number']}: {REJECT_REASONS[str(row['reason'])]}" for row in reasons)
        yield f"  rejected: {examples(listed)}"
    if statistics.undated_count:
        yield f"  without a day of announcement, and so in no year: {statistics.undated_count}"
    yield from _join_lines(statistics)


def _join_lines(statistics: TenderStatistics) -> Iterator[str]:
    """Tell how many ids of each table are found in the other, both ways."""
    read = set(statistics.controls["table"])
    joins = tender_joins(**{name: getattr(statistics.tables, name) for name in TENDER_TABLES}).to_dict("records")
    for there, back in zip(joins[::2], joins[1::2], strict=True):
        if {there["table"], there["other_table"]} <= read:
            yield (
                f"  joined by {there['key']:<22} {there['table']} {there['matched_count']} of {there['ids_count']}, "
                f"{back['table']} {back['matched_count']} of {back['ids_count']}"
            )
