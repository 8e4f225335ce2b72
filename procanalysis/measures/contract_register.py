"""Tell how well the contract register is kept, which contracts end, and what they cover."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import (
    CONTRACT_KINDS,
    CONTRACT_SCOPES,
    CONTRACTS,
    FAR_FUTURE,
    Column,
    KeyFigure,
    names,
    percent,
    require_columns,
)

FAULTS: dict[str, str] = {
    "no_start": "Startdatum saknas",
    "no_end": "Slutdatum saknas",
    "no_category": "Kategori saknas",
    "no_supplier": "Ingen leverantör som kan matchas",
    "no_owner": "Ansvarig saknas",
    "owner_gone": "Ansvarig har slutat",
    "not_archived": "Arkivplats saknas",
    "no_class": "Avtalsklass saknas",
    "registered_late": "Registrerat efter avtalets start",
    "overlap": "Överlappar annat avtal",
    "ended_bought_from": "Avslutat, men köp fortsätter",
}
"""What can be wrong with a contract in the register, in the order shown."""

_ASKS = {
    "no_owner": "owner",
    "owner_gone": "owner",
    "not_archived": "archive_place",
    "no_class": "contract_class",
    "registered_late": "registered_on",
}
"""Faults that can be tested only where the register has the column at all."""
_NOT_THERE = {
    "owner": "Registret har ingen uppgift om ansvarig",
    "archive_place": "Registret har ingen uppgift om arkivplats",
    "contract_class": "Registret har ingen uppgift om avtalsklass",
    "registered_on": "Registret har ingen uppgift om när avtal registrerades",
}
_SENTENCES = {
    "no_start": "Utan startdatum går det inte att avgöra när avtalet började gälla.",
    "no_end": "Utan slutdatum går det inte att avgöra om avtalet gäller.",
    "no_category": "Utan kategori går det inte att avgöra vad som får köpas på avtalet.",
    "no_supplier": "Ingen av avtalets leverantörer har ett organisationsnummer som kan sökas i reskontran.",
    "no_owner": "Ingen ansvarig är registrerad.",
    "not_archived": "Det framgår inte var avtalet är arkiverat.",
    "no_class": "Utan klass framgår det inte hur avtalet ska följas upp.",
}
_NO_LINES = "Inköpen har inte matchats mot registret"
_MOST_NAMED = 3
_COVERS = ["Kategorin", "Kategorin ovanför", "Kategorier under den", "Avtalet har ingen kategori"]
"""How a contract's categories stand to the category asked about, the nearest first."""


def _contracts(contracts: pd.DataFrame | None, measure: str) -> pd.DataFrame:
    """Return the register in the order of its numbers; no rows where there is no register."""
    return _table(contracts, CONTRACTS, measure).sort_values("contract_id", ignore_index=True)


def _scopes(scopes: pd.DataFrame | None, measure: str) -> pd.DataFrame:
    return _table(scopes, CONTRACT_SCOPES, measure)


def _table(table: pd.DataFrame | None, columns: Sequence[Column], measure: str) -> pd.DataFrame:
    kinds = {"text": "str", "integer": "Int64", "date": "datetime64[us]"}
    types = {column.name: kinds[column.type] for column in columns}
    if table is None:
        return frames.framed([], types)
    require_columns(table.columns, names(columns), measure)
    return frames.with_types(table, types)


def _through_contract(matched: NativeFrame, measure: str) -> pd.DataFrame:
    """Sum per contract what was bought while it held (amount_ore), and while it may have held (may_ore)."""
    frame = frames.lazy(matched, ["contract_id", "amount_ore", "proven_rung", "possible_rung", "spend_class"], measure)
    proven = nw.when(nw.col("proven_rung") >= 2).then(nw.col("amount_ore")).otherwise(nw.lit(0))
    held = frame.filter(
        nw.col("possible_rung").fill_null(0) >= 2,
        ~nw.col("contract_id").is_null(),
        nw.col("spend_class").fill_null("") != "ej inköp",
    )
    grouped = held.with_columns(proven.alias("proven_ore")).group_by("contract_id")
    summed = frames.collect_pandas(
        grouped.agg(nw.col("proven_ore", "amount_ore").sum()).with_columns(
            nw.col("proven_ore", "amount_ore").cast(nw.Int64)
        )
    )
    summed["may_ore"] = summed["amount_ore"] - summed["proven_ore"]
    return summed.drop(columns="amount_ore").rename(columns={"proven_ore": "amount_ore"})


def _with_spend(table: pd.DataFrame, matched: NativeFrame, measure: str) -> pd.DataFrame:
    """Add what each contract was used for; 0 where nothing was."""
    joined = table.merge(_through_contract(matched, measure), on="contract_id", how="left")
    columns = ["amount_ore", "may_ore"]
    return joined.assign(**joined[columns].fillna(0).astype("int64"))


def overlapping_contracts(contracts: pd.DataFrame | None, scopes: pd.DataFrame | None) -> pd.DataFrame:
    """List the pairs of contracts that hold at the same time for the same supplier, category and participant.

    Both days must be known in both contracts; a shared last and first day overlaps. Participants that are everyone's,
    or not known, count as shared. Parameters: `contracts` and `scopes`, schema.CONTRACTS and CONTRACT_SCOPES. Returns
    one row per pair: contract_id, title, other_contract_id, other_title, supplier_names, category_codes (those shared),
    starts_on and ends_on (of the overlap). Raises MeasureError on a missing column.
    """
    known = _contracts(contracts, "overlapping_contracts")
    rows = _scopes(scopes, "overlapping_contracts")
    rows = rows[(rows["through_group"] == 0) & rows["starts_on"].notna() & rows["ends_on"].notna()]
    rows = rows.dropna(subset=["supplier_key", "category_code"])
    kept = ["contract_id", "supplier_key", "category_code", "participant", "starts_on", "ends_on"]
    pairs = rows[kept].merge(rows[kept], on=["supplier_key", "category_code"], suffixes=("", "_other"))
    same_place = pairs["participant"].isna() | pairs["participant_other"].isna()
    same_place |= pairs["participant"] == pairs["participant_other"]
    starts = pairs[["starts_on", "starts_on_other"]].max(axis="columns")
    ends = pairs[["ends_on", "ends_on_other"]].min(axis="columns")
    pairs = pairs.assign(starts_on=starts, ends_on=ends)[
        (pairs["contract_id"] < pairs["contract_id_other"]) & same_place & (starts <= ends)
    ]
    found = (
        pairs.rename(columns={"contract_id_other": "other_contract_id"})
        .groupby(["contract_id", "other_contract_id"], as_index=False)
        .agg(
            category_codes=("category_code", lambda codes: ";".join(sorted(set(codes)))),
            starts_on=("starts_on", "min"),
            ends_on=("ends_on", "max"),
        )
    )
    titles = known.set_index("contract_id")["title"]
    found = found.assign(
        title=found["contract_id"].map(titles).astype("str"),
        other_title=found["other_contract_id"].map(titles).astype("str"),
        supplier_names=found["contract_id"].map(known.set_index("contract_id")["supplier_names"]).astype("str"),
        category_codes=found["category_codes"].astype("str"),
    )
    return found[
        ["contract_id", "title", "other_contract_id", "other_title", "supplier_names", "category_codes", "starts_on",
         "ends_on"]
    ]  # fmt: skip


def bought_after_end(contracts: pd.DataFrame | None, scopes: pd.DataFrame | None, matched: NativeFrame) -> pd.DataFrame:
    """Sum what was bought of a contract's suppliers after its end, where no contract held or can have held.

    A posting counts when possible_rung is below 2, it is not 'ej inköp', and a contract of its supplier (not only of
    its group of companies) had ended before the day; it is laid on the contract that ended last (then the smallest
    contract_id), so that no posting counts twice. Parameters: as for `register_faults`. Returns one row per contract
    with a sum above zero: contract_id, lines_count, amount_ore, first_on and last_on (booking days).
    """
    rows = _scopes(scopes, "bought_after_end")
    ended = rows[(rows["through_group"] == 0) & rows["supplier_key"].notna() & rows["ends_on"].notna()]
    ended = ended[ended["contract_id"].isin(_contracts(contracts, "bought_after_end")["contract_id"])]
    ended = ended[ended["ends_on"] < pd.Timestamp(FAR_FUTURE)].sort_values(["ends_on", "contract_id"])
    ended = ended.drop_duplicates(["supplier_key", "ends_on"])[["supplier_key", "ends_on", "contract_id"]]
    needed = ["supplier_key", "booked_on", "amount_ore", "possible_rung", "spend_class"]
    frame = frames.lazy(matched, needed, "bought_after_end").filter(
        nw.col("possible_rung").fill_null(9) < 2,
        nw.col("spend_class").fill_null("") != "ej inköp",
        ~nw.col("booked_on").is_null(),
    )
    grouped = frame.group_by("supplier_key", "booked_on").agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum())
    daily = frames.collect_pandas(grouped.with_columns(nw.col("lines_count", "amount_ore").cast(nw.Int64)))
    laid = pd.merge_asof(
        daily.sort_values("booked_on"),
        ended.astype({"supplier_key": "str", "ends_on": "datetime64[us]"}),
        left_on="booked_on",
        right_on="ends_on",
        by="supplier_key",
        allow_exact_matches=False,
    ).dropna(subset="contract_id")
    summed = laid.groupby("contract_id", as_index=False).agg(
        lines_count=("lines_count", "sum"),
        amount_ore=("amount_ore", "sum"),
        first_on=("booked_on", "min"),
        last_on=("booked_on", "max"),
    )
    return summed[summed["amount_ore"] > 0].astype({"contract_id": "str"}).reset_index(drop=True)


def _untested(contracts: pd.DataFrame, matched: NativeFrame | None) -> dict[str, str]:
    """Say which faults the register cannot be tested for, and why."""
    absent = {column for column in _NOT_THERE if not contracts[column].notna().any()}
    told = {fault: _NOT_THERE[column] for fault, column in _ASKS.items() if column in absent}
    return told if matched is not None else told | {"ended_bought_from": _NO_LINES}


def _plain_faults(known: pd.DataFrame, scopes: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Mark the contracts with each fault that can be seen in the contract's own row."""
    found = set(scopes.loc[scopes["supplier_key"].notna(), "contract_id"])
    return {
        "no_start": known["starts_on"].isna(),
        "no_end": known["ends_on"].isna(),
        "no_category": known["category_codes"].isna(),
        "no_supplier": ~known["contract_id"].isin(found),
        "no_owner": known["owner"].isna(),
        "owner_gone": known["owner_is_gone"] == 1,
        "not_archived": known["archive_place"].isna(),
        "no_class": known["contract_class"].isna(),
        "registered_late": known["registered_on"] > known["starts_on"],
    }


def _day(value: Any) -> str:
    return pd.Timestamp(value).strftime("%Y-%m-%d")


def _detail(fault: str, row: Mapping[Any, Any]) -> str:
    """Say in one sentence what is wrong with this contract."""
    if fault == "owner_gone":
        return f"Ansvarig är {row['owner']}, som har slutat."
    if fault != "registered_late":
        return _SENTENCES[fault]
    days = (row["registered_on"] - row["starts_on"]).days
    late = f"{wording.number_text(days)} {'dag' if days == 1 else 'dagar'}"
    return f"Registrerades {_day(row['registered_on'])}, {late} efter starten {_day(row['starts_on'])}."


def _overlap_rows(contracts: pd.DataFrame | None, scopes: pd.DataFrame | None) -> pd.DataFrame:
    """Name on each contract the ones that it overlaps."""
    pairs = overlapping_contracts(contracts, scopes)
    turned = pairs.rename(columns={"contract_id": "other_contract_id", "other_contract_id": "contract_id"})
    turned = turned.assign(other_title=pairs["title"])
    every = pd.concat([pairs, turned], ignore_index=True).sort_values(["contract_id", "other_contract_id"])
    kept = every[["contract_id", "other_contract_id", "starts_on", "ends_on"]].to_dict("records")
    rows = []
    for contract_id, found in itertools.groupby(kept, key=lambda one: one["contract_id"]):
        others = list(found)
        named = [
            f"{one['other_contract_id']} ({_day(one['starts_on'])}{_until(one['ends_on'])})"
            for one in others[:_MOST_NAMED]
        ]
        more = f" och {len(others) - _MOST_NAMED} till" if len(others) > _MOST_NAMED else ""
        told = f"Gäller samtidigt som {', '.join(named)}{more} för samma leverantör och kategori."
        rows.append({"contract_id": contract_id, "fault": "overlap", "detail": told})
    return pd.DataFrame(rows, columns=["contract_id", "fault", "detail"])


def _until(day: Any) -> str:
    return " och tills vidare" if pd.Timestamp(day) >= pd.Timestamp(FAR_FUTURE) else f" till {_day(day)}"


def register_faults(
    contracts: pd.DataFrame | None, scopes: pd.DataFrame | None, *, as_of: date, matched: NativeFrame | None = None
) -> pd.DataFrame:
    """List what is wrong with the contracts of the register, one row per contract and fault.

    Owner, archive place, class and registration are tested only where the register has any such value; see
    `fault_counts` for what could not be tested. Parameters: `contracts` and `scopes`, schema.CONTRACTS and
    CONTRACT_SCOPES, None without a register; `as_of`, the day on which the register is judged; `matched`, matched
    postings, without which nobody can tell what was bought. Returns contract_id, title, fault (code of FAULTS),
    fault_name, detail (a Swedish sentence) and amount_ore: what was bought after the end for 'ended_bought_from', else
    what was bought while the contract held or may have held (missing without `matched`); in the order of FAULTS,
    largest amount first. Raises MeasureError on a missing column. Source: requirement R128.
    """
    known, reach = _contracts(contracts, "register_faults"), _scopes(scopes, "register_faults")
    untested = _untested(known, matched)
    columns = ["contract_id", "fault", "detail"]
    parts = [_overlap_rows(known, reach)]
    for fault, marks in _plain_faults(known, reach).items():
        rows = [] if fault in untested else known[marks.fillna(False).astype(bool)].to_dict("records")
        told = [(row["contract_id"], fault, _detail(fault, row)) for row in rows]
        parts.append(pd.DataFrame(told, columns=columns))
    listed = pd.concat(parts, ignore_index=True)
    listed["amount_ore"] = pd.Series(pd.NA, index=listed.index, dtype="Int64")
    if matched is not None:
        spend = _through_contract(matched, "register_faults")
        whole = spend.set_index("contract_id")[["amount_ore", "may_ore"]].sum(axis="columns")
        listed["amount_ore"] = listed["contract_id"].map(whole).fillna(0).astype("Int64")
        listed = pd.concat([listed, _after_end_rows(known, reach, matched, as_of)], ignore_index=True)
    listed["title"] = listed["contract_id"].map(known.set_index("contract_id")["title"])
    listed["fault_name"] = listed["fault"].map(FAULTS)
    typed = listed.astype({"contract_id": "str", "title": "str", "fault": "str", "fault_name": "str", "detail": "str"})
    typed = typed.assign(amount_ore=typed["amount_ore"].astype("Int64"), place=typed["fault"].map(list(FAULTS).index))
    ordered = typed.sort_values(["place", "amount_ore", "contract_id"], ascending=[True, False, True])
    return ordered[["contract_id", "title", "fault", "fault_name", "detail", "amount_ore"]].reset_index(drop=True)


def _after_end_rows(known: pd.DataFrame, scopes: pd.DataFrame, matched: NativeFrame, as_of: date) -> pd.DataFrame:
    bought = bought_after_end(known, scopes, matched)
    ended = known.loc[known["ends_on"] < pd.Timestamp(as_of), ["contract_id", "ends_on"]]
    rows = [
        {
            "contract_id": row["contract_id"],
            "fault": "ended_bought_from",
            "detail": f"Slutade {_day(row['ends_on'])}. Därefter har leverantören fått "
            f"{wording.amount_text(row['amount_ore'])}, senast {_day(row['last_on'])}, utan annat gällande avtal.",
            "amount_ore": row["amount_ore"],
        }
        for row in bought.merge(ended, on="contract_id").to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["contract_id", "fault", "detail", "amount_ore"])


def fault_counts(
    contracts: pd.DataFrame | None,
    scopes: pd.DataFrame | None,
    *,
    as_of: date,
    matched: NativeFrame | None = None,
    faults: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count the contracts with each fault, and say which faults could not be tested.

    Parameters: as for `register_faults`; `faults`, what that returns for the same parameters, where it has been asked
    already. Returns one row per fault of FAULTS: fault, fault_name, contracts_count,
    amount_ore (as in `register_faults`, summed) and share_pct (of all contracts), all missing where the fault could not
    be tested, and unknown_because (empty where it could). A contract can have several faults.
    """
    known = _contracts(contracts, "fault_counts")
    if faults is None:
        faults = register_faults(known, scopes, as_of=as_of, matched=matched)
    grouped = faults.groupby("fault").agg(contracts_count=("contract_id", "nunique"), amount_ore=("amount_ore", "sum"))
    table = grouped.reindex(list(FAULTS)).fillna(0).astype("Int64").reset_index(names="fault")
    reasons = _untested(known, matched) if len(known) else dict.fromkeys(FAULTS, wording.NO_CONTRACT_REGISTER)
    because = table["fault"].map(lambda fault: reasons.get(fault, "")).astype("str")
    tested = because == ""
    share = table["contracts_count"].astype("float64") * 100 / max(len(known), 1)
    return pd.DataFrame(
        {
            "fault": table["fault"].astype("str"),
            "fault_name": table["fault"].map(FAULTS).astype("str"),
            "contracts_count": table["contracts_count"].where(tested),
            "amount_ore": table["amount_ore"].where(tested & (matched is not None)),
            "share_pct": share.where(tested),
            "unknown_because": because,
        }
    )


def _share_of_contracts(id_: str, label: str, good: int, whole: int, because: str, told: str = "") -> KeyFigure:
    reason = because if whole else wording.NO_CONTRACT_REGISTER
    return KeyFigure(
        id=id_,
        label=label,
        value=None if reason else percent(good, whole),
        unit="%",
        method=id_,
        numerator=None if reason else Decimal(good),
        denominator=Decimal(whole),
        part_unit="st",
        comparison="" if reason else told,
        unknown_because=reason,
    )


def contract_register_quality(
    contracts: pd.DataFrame | None,
    scopes: pd.DataFrame | None,
    *,
    as_of: date,
    matched: NativeFrame | None = None,
    faults: pd.DataFrame | None = None,
) -> KeyFigure:
    """Tell how large a share of the register's contracts has none of the faults looked for.

    share = contracts without a row in `register_faults` × 100 / all contracts. Parameters: as for `fault_counts`.
    Returns a KeyFigure in percent of contracts, which names what could not be tested; unknown without a register.
    Source: requirement R128.
    """
    known = _contracts(contracts, "contract_register_quality")
    if faults is None:
        faults = register_faults(known, scopes, as_of=as_of, matched=matched)
    faulty = faults["contract_id"].nunique()
    untested = [FAULTS[fault].lower() for fault in FAULTS if fault in _untested(known, matched)]
    told = f"Har inte kunnat prövas: {', '.join(untested)}" if untested else ""
    label = "Avtal utan brister i registret"
    return _share_of_contracts("contract_register_quality", label, len(known) - faulty, len(known), "", told)


def archived_share(contracts: pd.DataFrame | None) -> KeyFigure:
    """Tell for how large a share of the contracts the register says where the signed contract is kept.

    share = contracts with an archive place × 100 / all contracts. Parameters: `contracts`, schema.CONTRACTS. Returns a
    KeyFigure in percent of contracts; unknown when the register has no such value at all. Source: requirement R128.
    """
    known = _contracts(contracts, "archived_share")
    archived = int(known["archive_place"].notna().sum())
    because = "" if archived else _NOT_THERE["archive_place"]
    return _share_of_contracts("archived_share", "Avtal med arkivplats", archived, len(known), because)


def contracts_with_owner_share(contracts: pd.DataFrame | None) -> KeyFigure:
    """Tell how large a share of the contracts has an owner who has not left.

    share = contracts with an owner not marked as gone × 100 / all contracts. Parameters: `contracts`, schema.CONTRACTS.
    Returns a KeyFigure in percent of contracts; unknown when the register names no owner at all. Source: R128.
    """
    known = _contracts(contracts, "contracts_with_owner_share")
    owned = known["owner"].notna()
    because = "" if owned.any() else _NOT_THERE["owner"]
    good = int((owned & (known["owner_is_gone"].fillna(0) != 1)).sum())
    return _share_of_contracts("contracts_with_owner_share", "Avtal med ansvarig", good, len(known), because)


def _described(known: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Add what a reader asks of a contract: its kind in words, whether it holds on the day, and its end in words."""
    day, last = pd.Timestamp(as_of), known["ends_on"]
    open_ended = last >= pd.Timestamp(FAR_FUTURE)
    state = pd.Series("Gäller", index=known.index, dtype="str")
    state = state.mask(open_ended, "Gäller tills vidare").mask(
        known["starts_on"].isna() | last.isna(), "Okänt om det gäller"
    )
    state = state.mask(last < day, "Har slutat").mask(known["starts_on"] > day, "Har inte börjat")
    end = last.dt.strftime("%Y-%m-%d").astype("str").mask(open_ended, "Tills vidare").fillna("Okänt")
    kind = known["kind"].map(CONTRACT_KINDS).astype("str").fillna("Okänd")
    return known.assign(kind_name=kind, state=state, end=end)


def contract_overview(contracts: pd.DataFrame | None, *, as_of: date) -> pd.DataFrame:
    """Count the contracts by kind, by class, and by whether they hold.

    Parameters: `contracts`, schema.CONTRACTS; `as_of`, the day asked about (both ends of a contract count). Returns one
    row per value: part ('Avtalstyp', 'Avtalsklass', 'Giltighet'), name, contracts_count, share_pct (of all contracts)
    and value_ore (the sum of the values that are known, missing when none is). Each part counts every contract once.
    """
    known = _described(_contracts(contracts, "contract_overview"), as_of)
    named = known.assign(class_name=known["contract_class"].astype("str").fillna("Utan klass"))
    parts = []
    for part, column in (("Avtalstyp", "kind_name"), ("Avtalsklass", "class_name"), ("Giltighet", "state")):
        values = named.groupby(column)["value_ore"]
        counted = pd.DataFrame({"contracts_count": values.size(), "value_ore": values.sum(min_count=1)})
        order = ["name"] if column == "class_name" else ["rank", "name"]
        ordered = counted.reset_index(names="name").assign(part=part, rank=-counted["contracts_count"].to_numpy())
        parts.append(ordered.sort_values(order))
    table = pd.concat(parts, ignore_index=True).astype({"name": "str", "part": "str"})
    share = table["contracts_count"] * 100 / max(len(known), 1)
    result = table.assign(share_pct=share.astype("float64"), value_ore=table["value_ore"].astype("Int64"))
    return result[["part", "name", "contracts_count", "share_pct", "value_ore"]]


def _within_years(
    contracts: pd.DataFrame | None, matched: NativeFrame, measure: str, as_of: date, years: int
) -> pd.DataFrame:
    frames.check_range(measure, "years", years, 1, 20)
    known = _described(_contracts(contracts, measure), as_of)
    reached = {"ending_year": known["ends_on"].dt.year, "latest_year": known["latest_ends_on"].dt.year}
    return _with_spend(known.assign(**{name: year.astype("Int64") for name, year in reached.items()}), matched, measure)


def contracts_ending(
    contracts: pd.DataFrame | None, matched: NativeFrame, *, as_of: date, years: int = 3
) -> pd.DataFrame:
    """List the contracts that end in the calendar year of a day and the years after, first end first.

    Parameters: `contracts`, schema.CONTRACTS; `matched`, matched postings of one year, from which the yearly spend is
    taken; `as_of`; `years`, 1 to 20. Returns one row per contract whose last day (exercised options counted) falls in
    those years: contract_id, title, supplier_names, category_codes, kind_name, contract_class, owner, ends_on,
    ending_year, latest_ends_on and latest_year (with every remaining option), has_options (there are any), days_left
    (negative when ended), state, amount_ore (bought while the contract held) and may_ore (while it may have held: its
    start is unknown). A posting is laid on one contract only, the one that stands highest. Source: requirement R109.
    """
    known = _within_years(contracts, matched, "contracts_ending", as_of, years)
    known = known[known["ending_year"].between(as_of.year, as_of.year + years - 1).fillna(False).astype(bool)]
    listed = known.assign(
        has_options=known["latest_ends_on"] > known["ends_on"],
        days_left=(known["ends_on"] - pd.Timestamp(as_of)).dt.days.astype("int64"),
    )
    columns = [
        "contract_id", "title", "supplier_names", "category_codes", "kind_name", "contract_class", "owner", "ends_on",
        "ending_year", "latest_ends_on", "latest_year", "has_options", "days_left", "state", "amount_ore", "may_ore",
    ]  # fmt: skip
    return listed.sort_values(["ends_on", "contract_id"], ignore_index=True)[columns]


def contracts_by_year(
    contracts: pd.DataFrame | None, matched: NativeFrame, *, as_of: date, years: int = 3
) -> pd.DataFrame:
    """Count the contracts that end each year, as they stand and if every remaining option is exercised.

    Parameters: as for `contracts_ending`. Returns one row per year, empty years too: year, contracts_count and
    amount_ore (by last day), with_options_count (of them with options left), extended_count and extended_ore (by last
    day with every option). Amounts are what was bought while the contract held or may have held.
    """
    known = _within_years(contracts, matched, "contracts_by_year", as_of, years)
    whole = known["amount_ore"] + known["may_ore"]
    rows = []
    for year in range(as_of.year, as_of.year + years):
        ends = (known["ending_year"] == year).fillna(False).astype(bool)
        extended = (known["latest_year"] == year).fillna(False).astype(bool)
        rows.append(
            {
                "year": year,
                "contracts_count": int(ends.sum()),
                "amount_ore": int(whole[ends].sum()),
                "with_options_count": int((ends & (known["latest_ends_on"] > known["ends_on"])).sum()),
                "extended_count": int(extended.sum()),
                "extended_ore": int(whole[extended].sum()),
            }
        )
    return pd.DataFrame(rows)


def contracts_in_category(
    contracts: pd.DataFrame | None,
    scopes: pd.DataFrame | None,
    matched: NativeFrame,
    *,
    category_code: str,
    taxonomy: pd.DataFrame,
    as_of: date,
    include_investments: bool = False,
) -> pd.DataFrame:
    """List the contracts that a category can be bought on, with what was bought on each.

    A contract is listed when one of its categories is this one, one above it or one below it, or when it has no
    category and something in the category was bought while it held or may have held. Parameters: `contracts` and
    `scopes`; `matched`, the period's matched postings, of which those in the category that LOU covers are used;
    `category_code` of `taxonomy` (category_code and category_path); `as_of`; `include_investments`. Returns
    contract_id, title, supplier_names, covers (Swedish), kind_name, contract_class, owner, starts_on, ends_on,
    latest_ends_on, end (in words), state, amount_ore (bought while it held), may_ore (while it may have held) and
    share_pct (amount_ore of the category's purchases that LOU covers; missing unless they are above zero), largest
    first. Raises MeasureError when the category does not exist. Source: requirement R93.
    """
    measure = "contracts_in_category"
    require_columns(taxonomy.columns, ["category_code", "category_path"], measure)
    paths = {str(code): str(path).split("/") for code, path in taxonomy[["category_code", "category_path"]].to_numpy()}
    if category_code not in paths:
        raise MeasureError(f"{measure}: category '{category_code}' is not in the category tree. Choose one that is.")
    below = [code for code, path in paths.items() if category_code in path]
    needed = [
        "category_code",
        "lou_covered",
        "spend_class",
        "contract_id",
        "amount_ore",
        "proven_rung",
        "possible_rung",
    ]
    outside = ["ej inköp"] if include_investments else ["ej inköp", "investering"]
    lines = frames.lazy(matched, needed, measure).filter(
        nw.col("category_code").is_in(below),
        nw.col("lou_covered") == "ja",
        ~nw.col("spend_class").fill_null("").is_in(outside),
    )
    words = dict.fromkeys(below, _COVERS[2]) | dict.fromkeys(paths[category_code], _COVERS[1])
    reach = _scopes(scopes, measure)[["contract_id", "category_code"]]
    told = reach["category_code"].map(words | {category_code: _COVERS[0]})
    reach = reach.assign(covers=told.mask(reach["category_code"].isna(), _COVERS[3])).dropna(subset="covers")
    nearest = reach.assign(place=reach["covers"].map(_COVERS.index)).sort_values("place", kind="stable")
    covers = nearest.drop_duplicates("contract_id")[["contract_id", "covers"]]
    known = _described(_contracts(contracts, measure), as_of).merge(covers, on="contract_id")
    listed = _with_spend(known, lines.to_native(), measure)
    used = (listed["amount_ore"] != 0) | (listed["may_ore"] != 0)
    listed = listed[used | (listed["covers"] != _COVERS[3])]
    _, whole = frames.totals(lines)
    share = listed["amount_ore"] * 100 / whole if whole > 0 else float("nan")
    columns = [
        "contract_id", "title", "supplier_names", "covers", "kind_name", "contract_class", "owner", "starts_on",
        "ends_on", "latest_ends_on", "end", "state", "amount_ore", "may_ore", "share_pct",
    ]  # fmt: skip
    ordered = listed.assign(share_pct=share).astype({"share_pct": "float64", "covers": "str"})
    return ordered.sort_values(["amount_ore", "may_ore", "contract_id"], ascending=[False, False, True])[
        columns
    ].reset_index(drop=True)
