"""Choose whose procurements a figure is about: one organisation's, a group's or everybody's."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.schema import PEERS, names, require_columns


def of_buyers(table: pd.DataFrame, organisation_numbers: Collection[str]) -> pd.DataFrame:
    """Return the rows of a table of tender statistics whose buyer has one of the organisation numbers.

    Parameters: `table`, with buyer_number (TENDERS, LOTS, TENDER_VALUES or TENDER_AWARDS); `organisation_numbers`, ten
    digits each. A name is never looked at. Returns the same columns, no rows when the source has none of the buyers.
    Raises MeasureError on a missing column or a number that is not ten digits.

    >>> of_buyers(pd.DataFrame({"buyer_number": ["2321000164", None]}), ["2321000164"])["buyer_number"].tolist()
    ['2321000164']
    """
    require_columns(table.columns, ["buyer_number"], "of_buyers")
    for number in organisation_numbers:
        if not (len(number) == 10 and number.isascii() and number.isdigit()):
            raise MeasureError(
                f"of_buyers: '{number}' is no organisation number. Write ten digits without hyphen, as 2321000164."
            )
    return table[table["buyer_number"].isin(list(organisation_numbers))].reset_index(drop=True)


def numbers_of(peers: pd.DataFrame, *chosen: str) -> tuple[str, ...]:
    """List the organisation numbers of peers, those that sources use besides their own included.

    Parameters: `peers`, schema.PEERS; `chosen`, short names of peers, none for all of them. Returns the numbers in the
    order of the file. Raises MeasureError on a missing column or an unknown peer. Source: params/peers.
    """
    require_columns(peers.columns, names(PEERS), "numbers_of")
    known = list(dict.fromkeys(peers["peer"]))
    for name in chosen:
        if name not in known:
            raise MeasureError(f"numbers_of: there is no peer '{name}'. {did_you_mean(name, known)}")
    kept = peers[peers["peer"].isin(list(chosen))] if chosen else peers
    return tuple(str(number) for number in kept["organisation_number"])


def group_of(peers: pd.DataFrame, organisation_number: str) -> tuple[str, ...]:
    """List all the numbers of the peer that an organisation number belongs to.

    Parameters: `peers`, schema.PEERS; `organisation_number`, ten digits. Returns the peer's numbers, its own first; the
    number alone when it is nobody's among the peers. Raises MeasureError on a missing column.
    """
    require_columns(peers.columns, names(PEERS), "group_of")
    theirs = peers.loc[peers["organisation_number"] == organisation_number, "peer"]
    if theirs.empty:
        return (organisation_number,)
    rows = peers[peers["peer"] == theirs.iloc[0]].sort_values("is_own_number", kind="stable")
    return tuple(str(number) for number in rows["organisation_number"])
