"""What a monthly report shows of a month: the saving so far, contracts that end soon, and what stands out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.schema import PROCUREMENT_STATUSES, KeyFigure, kronor, percent

_NO_PROCUREMENT = "Ingen"
_UNKNOWN = "Okänt"
_ENDING_COLUMNS = (
    "contract_id", "title", "supplier_names", "ends_on", "has_options", "amount_ore", "for_unit", "procurement",
)  # fmt: skip


class Plan(Protocol):
    """Describe what is needed of a savings plan: the year, its target, and what contracts have given so far."""

    @property
    def year(self) -> int:
        """The calendar year."""

    @property
    def target_ore(self) -> int | None:
        """The year's target, or None when there is none."""

    @property
    def so_far_ore(self) -> int | None:
        """What is enabled up to the day of reckoning, or None when it is not known."""


@dataclass(frozen=True)
class EndingSoon:
    """Hold the contracts that end soon, and what cannot be told about the others.

    contracts: contract_id, title, supplier_names, ends_on, has_options, amount_ore, for_unit ('Ja' or 'Okänt', since
    the register does not always say who may buy) and procurement (the state of what is to replace it, 'Ingen' or
    'Okänt'), the first end first. unknown_end_count: contracts whose end the register does not give.
    unknown_because: why nothing can be told, in Swedish; empty when it can.
    """

    contracts: pd.DataFrame
    unknown_end_count: int
    unknown_because: str


def named(figure: KeyFigure, id_: str, label: str) -> KeyFigure:
    """Give a key figure another id and label, where the same measure is shown for two spans of time.

    Its method page stays the same. Parameters: `figure`; `id_`, unique in the report; `label`, in Swedish.

    >>> spend = KeyFigure(id="total_spend", label="Inköp", value=None, unit="SEK", method="total_spend")
    >>> found = named(spend, "month_spend", "Inköp i mars 2025")
    >>> found.id, found.method
    ('month_spend', 'total_spend')
    """
    return replace(figure, id=id_, label=label)


def ending_soon(
    ending: pd.DataFrame,
    contracts: pd.DataFrame,
    scopes: pd.DataFrame,
    procurements: pd.DataFrame,
    *,
    as_of: date,
    months: int = 6,
    called: Collection[str] = (),
) -> EndingSoon:
    """Choose the contracts that end in the months after a month, for the whole organisation or one unit.

    A contract is listed when as_of < ends_on ≤ the last day of the months-th month after that of as_of. Parameters:
    `ending`, as `contracts_ending` returns it, over enough years; `contracts`, schema.CONTRACTS; `scopes`,
    schema.CONTRACT_SCOPES; `procurements`, schema.PROCUREMENTS; `as_of`, the last day of a month; `months`, 1 to 24;
    `called`, what the register can call the unit, in lower case, empty for the whole organisation. A unit's contracts
    are those that name it, those that are for everyone, and, as 'Okänt', those whose users are not known. Returns an
    EndingSoon. Raises MeasureError when months is out of range. Source: requirement R109.
    """
    frames.check_range("ending_soon", "months", months, 1, 24)
    last = pd.Timestamp(as_of) + pd.offsets.MonthEnd(months)
    soon = ending[(ending["ends_on"] > pd.Timestamp(as_of)) & (ending["ends_on"] <= last)]
    reach = _reach(scopes, called)
    for_unit = soon["contract_id"].map(reach).astype("object") if called else "Ja"
    soon = soon.assign(for_unit=for_unit).dropna(subset="for_unit")
    followed = _replacements(procurements)
    state = soon["contract_id"].map(followed).astype(object).fillna(_UNKNOWN if procurements.empty else _NO_PROCUREMENT)
    own = contracts[contracts["contract_id"].isin(list(reach))] if called else contracts
    return EndingSoon(
        contracts=soon.assign(procurement=state.astype("str"))[[*_ENDING_COLUMNS]].reset_index(drop=True),
        unknown_end_count=int(own["ends_on"].isna().sum()),
        unknown_because=wording.NO_CONTRACT_REGISTER if contracts.empty else "",
    )


def _reach(scopes: pd.DataFrame, called: Collection[str]) -> dict[str, str]:
    """Tell for each contract whether the unit may buy on it; one that is not for it is left out."""
    known = scopes["participants_known"] == 1
    is_named = scopes["participant"].isin(list(called)) | (scopes["participant"].isna() & known)
    unknown = scopes.loc[~known, "contract_id"]
    return dict.fromkeys(unknown, _UNKNOWN) | dict.fromkeys(scopes.loc[is_named, "contract_id"], "Ja")


def _replacements(procurements: pd.DataFrame) -> dict[str, str]:
    """Name for each contract the state of the procurement that is to replace it; a broken-off one replaces nothing."""
    alive = procurements[(procurements["status"] != "cancelled") & procurements["replaces_contract_id"].notna()]
    return dict(zip(alive["replaces_contract_id"], alive["status"].map(PROCUREMENT_STATUSES), strict=True))


def saving_so_far(plan: Plan, enabled: KeyFigure, *, currency: str = "SEK") -> KeyFigure:
    """Tell what signed contracts have enabled since January, against the year's target.

    Σ saving × days up to the day of reckoning / days counted in the year. Parameters: `plan`, as `savings_plan` returns
    it; `enabled`, the year's enabled saving, whose exclusions and reason hold here too; `currency`. Returns a KeyFigure
    in kronor; its comparison is the share of the target, or that there is none. Source: methods 4.4, requirement R81.
    """
    known, target = plan.so_far_ore, plan.target_ore
    comparison = ""
    if known is not None and target is not None:
        share = percent(known, target)
        told = "" if share is None or share < 0 else f" ({wording.percent_text(share)})"
        comparison = f"av årets mål {wording.amount_text(target, currency)}{told}"
    elif known is not None:
        comparison = f"inget mål för {plan.year} är angivet"
    return KeyFigure(
        id="saving_so_far",
        label=f"Möjliggjord besparing hittills {plan.year}",
        value=None if known is None else kronor(known),
        unit=currency,
        method="savings_plan",
        excluded=enabled.excluded,
        comparison=comparison,
        unknown_because="" if known is not None else enabled.unknown_because or f"Ingen besparing är känd {plan.year}",
    )


def standing_out(of_month: pd.DataFrame, of_year: pd.DataFrame, *, month: date, unit: str = "") -> pd.DataFrame:
    """Put together what stands out in a month: a peak among twelve months, and what stands out within it.

    Parameters: `of_month`, as `deviations` returns it for the month against the same month a year earlier; `of_year`,
    for the twelve months up to it, of which only a peak in the month itself is taken; `month`, a day in it; `unit`,
    when of one unit, whose own rise or fall says nothing of where. Returns the same columns, a peak first and then the
    largest difference first; a posting is measured by its own amount. Source: requirement R93.

    >>> row = {"kind": "Ökning per enhet", "subject": "Skolan", "where": "", "amount_ore": 300, "reference_ore": 100,
    ...     "difference_ore": 200, "rule": "Regel"}
    >>> found = pd.DataFrame([row, {**row, "kind": "Minskning per enhet", "subject": "Vård", "difference_ore": -500}])
    >>> standing_out(found, found.iloc[:0], month=date(2025, 3, 31))["subject"].tolist()
    ['Vård', 'Skolan']
    """
    peaks = of_year[(of_year["kind"] == "Månadstopp") & (of_year["where"] == f"{month:%Y-%m}")]
    within = of_month[~of_month["kind"].str.endswith("per enhet")] if unit else of_month
    size = within["difference_ore"].abs().mask(within["kind"] == "Stor enskild kontering", within["amount_ore"])
    ordered = within.assign(size=size).sort_values("size", ascending=False, kind="stable").drop(columns="size")
    return pd.concat([peaks, ordered], ignore_index=True)
