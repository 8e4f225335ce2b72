"""Read the register of supplier follow-ups: meetings, reports, checks and audits, done or planned."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.read.register_rows import Register, Row, normal_word, shortened
from procanalysis.read.register_suppliers import Hider, RegisterSupplier, identify, split_suppliers
from procanalysis.read.registers import (
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    word_among,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import FOLLOW_UP_KINDS, FOLLOW_UPS

_REGISTER = Register(
    key="follow_ups",
    what="register of follow-ups",
    aliases={
        "follow_up_id": ("uppföljningsnummer", "uppföljningsnr", "uppföljnings-id", "uppföljning id", "id", "nummer"),
        "contract_id": (
            "avtalsnummer", "avtalsnr", "avtals-id", "avtal id", "kontraktsnummer", "kontrakts-id", "contract id",
            "avtal",
        ),
        "supplier_number": (
            "organisationsnummer", "organisationsnr", "orgnr", "org.nr", "leverantörens organisationsnummer",
            "leverantör orgnr", "leverantor_id", "leverantör_id", "leverantörsnummer",
        ),
        "supplier_name": (
            "leverantör", "leverantor", "leverantörsnamn", "leverantörens namn", "företag", "supplier",
            "supplier name",
        ),
        "kind": (
            "uppföljningsform", "typ av uppföljning", "uppföljningstyp", "slag", "form", "aktivitet", "typ",
        ),
        "planned_on": ("planerad", "planerat datum", "planerat", "planerad till", "ska göras", "planned"),
        "done_on": (
            "genomförd", "genomfört", "genomförd datum", "genomförandedatum", "utförd", "uppföljningsdatum", "datum",
            "done",
        ),
        "result": ("resultat", "utfall", "bedömning", "slutsats", "kommentar"),
        "deviation": ("avvikelse", "avvikelser", "brist", "brister"),
        "escalation_step": ("eskaleringssteg", "steg i eskaleringstrappan", "eskalering", "eskaleringstrappa", "steg"),
        "closed_on": ("åtgärdad", "åtgärdat", "avvikelse åtgärdad", "avslutad", "stängd", "closed"),
    },
    needed=(("supplier_number", "supplier_name", "contract_id"), ("kind",), ("planned_on", "done_on")),
    dates=("planned_on", "done_on", "closed_on"),
    counts=("escalation_step",),
    month_ends=("planned_on",),
)  # fmt: skip

_KIND_WORDS = {
    "möte": "meeting",
    "uppföljningsmöte": "meeting",
    "avtalsmöte": "meeting",
    "leverantörsmöte": "meeting",
    "avstämning": "check_in",
    "e-post": "check_in",
    "telefon": "check_in",
    "egenrapportering": "self_assessment",
    "egenrapportering om hållbarhet": "self_assessment",
    "självskattning": "self_assessment",
    "självdeklaration": "self_assessment",
    "skrivbordskontroll": "desk_review",
    "skrivbordsgranskning": "desk_review",
    "skrivbordsuppföljning": "desk_review",
    "revision": "audit",
    "revision på plats": "audit",
    "platsrevision": "audit",
    "kontorsrevision": "audit",
    "fabriksrevision": "audit",
    **{kind: kind for kind in FOLLOW_UP_KINDS},
}
_NO_DEVIATION = {"nej", "ingen", "inga", "inga avvikelser", "ingen avvikelse", "utan avvikelse", "0"}


@dataclass(frozen=True)
class FollowUpReading:
    """Hold what a register of follow-ups gave: FOLLOW_UPS and REJECTED_ROWS of the schema, and the control."""

    follow_ups: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


def read_follow_ups(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    masker: Masker,
    scopes: pd.DataFrame | None = None,
    known_keys: Collection[str] = frozenset(),
) -> FollowUpReading:
    """Read a register of supplier follow-ups, done and planned, into one row each.

    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; masker, hides people; scopes, the
    register's CONTRACT_SCOPES: a row without supplier is about the supplier of its contract, when that has one only;
    known_keys, the ledger's supplier keys.
    Returns a FollowUpReading that reconciles. Raises InputError for a file that is not a readable register of
    follow-ups or from which no row is accepted.
    """
    form = form or RegisterFormat()
    rows, files = read_rows(paths, form, _REGISTER, masker)
    kinds = _KIND_WORDS | {normal_word(word): kind for word, kind in form.kinds.items()}
    written = {id(row): split_suppliers(row) for row in rows}
    unknown_kinds: dict[str, None] = {}
    for row in rows:
        _judge(row, kinds, unknown_kinds)
    suppliers, hider = identify(
        [(pair, not row.reason) for row in rows for pair in written[id(row)]],
        masker,
        supplier_numbers=form.supplier_numbers,
        known_keys=known_keys,
    )
    only = _only_suppliers(scopes)
    records: list[dict[str, object]] = []
    seen: set[str] = set()
    for row in rows:
        if not row.reason:
            theirs = [suppliers[pair] for pair in written[id(row)]]
            record = _record(row, theirs, kinds, hider, only)
            number = row.text("follow_up_id")
            if record["supplier_key"] is None:
                row.reject("supplier_missing", "supplier_number" if "supplier_number" in row.headers else "contract_id")
            elif number is not None and number in seen:
                row.reject("id_repeated", "follow_up_id")
            else:
                seen.update([number] if number else [])
                records.append(record)
    refuse_nothing_accepted(rows, _REGISTER)
    listed = tuple(dict.fromkeys(shortened(hider.text(word) or "") for word in unknown_kinds))
    rejected, control = reckon(rows, files, len(records), shown=hider.rejected, unknown={"kinds": listed})
    return FollowUpReading(frame_of(records, FOLLOW_UPS), rejected, control)


def _judge(row: Row, kinds: Mapping[str, str], unknown_kinds: dict[str, None]) -> None:
    if row.reason:
        return
    if word_among(row, "kind", kinds) is None:
        row.reject("kind_unknown", "kind")
        unknown_kinds.update([(row.fault_value, None)] if row.fault_value else [])
    if not {"planned_on", "done_on"} & row.dates.keys():
        row.reject("date_missing", "done_on" if "done_on" in row.headers else "planned_on")


def _only_suppliers(scopes: pd.DataFrame | None) -> dict[str, str]:
    """Return the supplier of each contract that has one only, groups of companies left aside."""
    if scopes is None:
        return {}
    direct = scopes[scopes["through_group"] == 0]
    found: dict[str, str] = {}
    for contract_id, keys in direct.groupby("contract_id", sort=False)["supplier_key"]:
        distinct = keys.drop_duplicates()
        if len(distinct) == 1 and distinct.notna().all():
            found[str(contract_id)] = str(distinct.iloc[0])
    return found


def _record(
    row: Row,
    suppliers: Sequence[RegisterSupplier],
    kinds: Mapping[str, str],
    hider: Hider,
    only: Mapping[str, str],
) -> dict[str, object]:
    contract_id = hider.reference(row.text("contract_id"))
    keys = dict.fromkeys(supplier.supplier_key for supplier in suppliers)
    key = next(iter(keys)) if len(keys) == 1 else None
    if not suppliers and contract_id is not None:
        key = only.get(contract_id)
    deviation = row.text("deviation")
    return {
        "follow_up_id": hider.reference(row.text("follow_up_id")) or f"{row.file}:{row.row_number}",
        "contract_id": contract_id,
        "supplier_key": key,
        "supplier_name": suppliers[0].name if suppliers else None,
        "kind": word_among(row, "kind", kinds),
        "planned_on": row.dates.get("planned_on"),
        "done_on": row.dates.get("done_on"),
        "result": hider.text(row.text("result")),
        "deviation": None if normal_word(deviation or "") in _NO_DEVIATION else hider.text(deviation),
        "escalation_step": row.counts.get("escalation_step") or None,
        "closed_on": row.dates.get("closed_on"),
        "file": row.file,
        "row_number": row.row_number,
    }
