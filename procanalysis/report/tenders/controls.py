"""How the rows of a tender source were read: all of them, those accepted and those rejected."""

from __future__ import annotations

import pandas as pd

from procanalysis.report.absent import absent
from procanalysis.report.markup import Part
from procanalysis.report.parts import table
from procanalysis.schema import Source


def control_table(controls: pd.DataFrame, *, source: Source) -> Part:
    """Show for each table of a source how many rows were read, accepted and rejected; nothing when none was read.

    Parameters: controls, one row per table: table_name, rows_read_count, rows_accepted_count and rows_rejected_count,
    where read = accepted + rejected.
    """
    if controls.empty:
        return absent("", source=source)
    columns = {"table_name": "Tabell", "rows_read_count": "Lästa rader", "rows_accepted_count": "Godtagna",
               "rows_rejected_count": "Avvisade"}  # fmt: skip
    return table(
        controls, columns=columns, title="Rader ur källan", source=source, sheet="Rader ur källan",
        note="Talen gäller hela källan. Varje läst rad är antingen godtagen eller avvisad.",
    )  # fmt: skip
