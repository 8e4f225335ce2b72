"""Small made-up ledgers with contract registers, drawn so that borders, gaps and overlaps come often."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from procanalysis.schema import FAR_FUTURE


def drawn_ledgers(count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw small ledgers with registers; the ledger's number is woven into suppliers and units."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(10, 41, count)
    ledger = np.repeat(np.arange(count), sizes)
    total = len(ledger)
    # Few days and open borders between the contracts, so that purchases often fall on their first or last day.
    first = date(2025, 1, 1)
    days: list[date | None] = [first + timedelta(days=10 * i) for i in range(13)]
    paths = ["05/05.01", "05/05.02", "05", "06/06.01", None]
    tag = pd.Series(ledger).map("{:04d}".format)
    units = pd.Series(draw.choice(["Norr", "Söder", "Öst"], total, p=[0.7, 0.2, 0.1])) + " " + tag
    path = pd.Series(draw.choice(np.array(paths, dtype=object), total, p=[0.2, 0.5, 0.1, 0.1, 0.1]), dtype="str")
    anonymous = draw.random(total) < 0.05
    lines = pd.DataFrame(
        {
            "supplier_key": pd.Series(draw.choice(list("abcde"), total, p=[0.5, 0.2, 0.1, 0.1, 0.1])) + tag,
            "supplier_type": draw.choice(["company", "unknown"], total, p=[0.85, 0.15]),
            "booked_on": pd.to_datetime(pd.Series(draw.choice(np.array([*days, None], dtype=object), total))),
            "category_path": path,
            "category_code": path.str.split("/").str[-1],
            "unit": units.where(~anonymous),
            "buyer": pd.Series("Region Påhitt", index=range(total)).where(~anonymous),
            "buyer_id": pd.Series("212000-0001", index=range(total)).where(~anonymous),
            "invoice_key": pd.Series(draw.integers(0, 12, total)).map("{:02d}".format) + tag,
            "amount_ore": draw.integers(-60, 100, total) * 100,
            "spend_class": draw.choice(["adresserbar", "investering", "ej inköp"], total, p=[0.9, 0.06, 0.04]),
            "lou_covered": draw.choice(["ja", "nej", "okänt"], total, p=[0.9, 0.06, 0.04]),
        }
    )
    owner = np.repeat(np.arange(count), draw.integers(0, 9, count))
    many = len(owner)
    tag = pd.Series(owner).map("{:04d}".format)
    who = draw.choice(4, many)
    starts = draw.choice(np.array([*days[:9], None], dtype=object), many)
    ends = draw.choice(np.array([*days[4:], None, FAR_FUTURE], dtype=object), many)
    named = pd.Series(np.select([who == 1, who == 2], ["norr", "söder"], "öst")) + " " + tag
    scopes = pd.DataFrame(
        {
            # Few contracts, so that one often has several rows; each row may have days of its own.
            "contract_id": "K" + pd.Series(draw.integers(0, 4, many)).astype("str") + "-" + tag,
            "supplier_key": (pd.Series(draw.choice(list("abcd"), many)) + tag).where(draw.random(many) < 0.95),
            "through_group": draw.choice([0, 1], many, p=[0.8, 0.2]),
            "category_code": pd.Series(
                draw.choice(np.array(["05", "05.01", "05.02", "06.01", None], dtype=object), many), dtype="str"
            ),
            "participant": named.where(who > 0).mask(draw.random(many) < 0.1, "2120000001").astype("str"),
            "participants_known": 1,
            "starts_on": pd.to_datetime(pd.Series(starts)).astype("datetime64[us]"),
            "ends_on": pd.to_datetime(pd.Series(ends)).astype("datetime64[us]"),
            "registered_on": pd.to_datetime(pd.Series(draw.choice(np.array([*days, None], dtype=object), many))),
        }
    )
    nobody_knows = scopes["participant"].isna() & (draw.random(many) < 0.3)
    return lines, scopes.assign(participants_known=(~nobody_knows).astype("int64"))
