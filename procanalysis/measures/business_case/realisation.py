"""Who realises the gains: each lever's money and time by unit and year, to the öre."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from procanalysis.measures.business_case.cash_flows import rounded_flows
from procanalysis.measures.business_case.model import Case
from procanalysis.measures.splitting import split_by_shares
from procanalysis.schema.levers import BENEFIT_KINDS


def realised_by(case: Case) -> pd.DataFrame:
    """Split the gains of every alternative over the units that are to realise them.

    Each lever's öre of a year are split by its shares with the largest remainder, so that the parts sum to benefit_ore
    and time_ore of `cash_flows`. Parameters: case. Returns one row per alternative, benefit (cash or time), receiver
    and year from 1: alternative_id, alternative_title, benefit, benefit_name, receiver, year, amount_ore.
    Raises MeasureError when a lever's shares do not sum to exactly 100. Source: methods 4.5.
    """
    rows = []
    for alternative in case.alternatives:
        gains = rounded_flows(case, alternative).gains
        parts: dict[tuple[str, str, int], int] = defaultdict(int)
        for lever in alternative.levers:
            for year, amount in enumerate(gains.get(lever.id, [])):
                # Year 0 is before any gain.
                if year:
                    for receiver, part in split_by_shares(amount, lever.realised_by).items():
                        parts[lever.benefit, receiver, year] += part
        rows += [
            (alternative.id, alternative.title, benefit, BENEFIT_KINDS[benefit], receiver, year, amount)
            for (benefit, receiver, year), amount in sorted(parts.items())
        ]
    columns = ["alternative_id", "alternative_title", "benefit", "benefit_name", "receiver", "year", "amount_ore"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({**dict.fromkeys(columns[:5], "str"), "year": "int64", "amount_ore": "int64"})


def realised_per_receiver(shares: pd.DataFrame, alternative_id: str) -> pd.DataFrame:
    """Sum what each unit is to realise of one alternative.

    Parameters: shares, as `realised_by` returns them; alternative_id. Returns one row per benefit and receiver, money
    before time and the largest total first: benefit, benefit_name, receiver, first_year_ore (year 1), last_year_ore
    (the horizon's last year), total_ore (all years, not discounted); no rows when the alternative has no gain in money
    or time. Source: methods 4.5.

    >>> shares = pd.DataFrame({"alternative_id": ["a"] * 2, "benefit": ["cash"] * 2, "benefit_name": ["Pengar"] * 2,
    ...     "receiver": ["Nord"] * 2, "year": [1, 2], "amount_ore": [100, 200]})
    >>> realised_per_receiver(shares, "a")["total_ore"].tolist()
    [300]
    """
    own = shares[shares["alternative_id"] == alternative_id]
    keys = ["benefit", "benefit_name", "receiver"]
    sums = own.groupby(keys, sort=False)["amount_ore"].sum().rename("total_ore").reset_index()
    for name, year in (("first_year_ore", own["year"].min()), ("last_year_ore", own["year"].max())):
        of_year = own[own["year"] == year].set_index(keys)["amount_ore"].rename(name)
        sums = sums.merge(of_year.reset_index(), on=keys, how="left")
    ordered = sums.sort_values(["benefit", "total_ore", "receiver"], ascending=[True, False, True], ignore_index=True)
    return ordered[[*keys, "first_year_ore", "last_year_ore", "total_ore"]]
