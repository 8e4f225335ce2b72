"""Write suppliers for a reader: a sole trader is a person, and is told apart from no other."""

from __future__ import annotations

from typing import Any

import pandas as pd

SOLE_TRADER = "Enskild firma"


def shown_suppliers(names: pd.Series[Any]) -> pd.Series[Any]:
    """Leave out the code of a masked sole trader, which would make a list of suppliers one of persons.

    >>> shown_suppliers(pd.Series(["Alfa AB", "Enskild firma #7"])).tolist()
    ['Alfa AB', 'Enskild firma']
    """
    texts = names.astype("str")
    return texts.where(~texts.str.startswith(SOLE_TRADER, na=False), SOLE_TRADER)
