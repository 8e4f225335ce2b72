"""Read the list of procurements: planned, running and ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.read.register_rows import Register, Row, shortened, split_list
from procanalysis.read.register_suppliers import Hider, identify
from procanalysis.read.registers import (
    ANSWERS,
    CategoryWords,
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    reject_unless_answer,
    word_among,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import PROCUREMENT_STATUSES, PROCUREMENTS

_REGISTER = Register(
    key="procurements",
    what="list of procurements",
    aliases={
        "procurement_id": (
            "upphandlingsnummer", "upphandlingsnr", "upphandlings-id", "upphandling id", "procurement id",
            "diarienummer", "dnr", "referensnummer", "id", "nummer",
        ),
        "title": (
            "upphandling", "upphandlingens namn", "upphandlingsnamn", "benämning", "titel", "rubrik", "namn",
            "beskrivning",
        ),
        "category": ("kategori", "kategorikod", "inköpskategori", "produktområde", "område", "cpv-kod", "cpv"),
        "replaces_contract_id": (
            "ersätter avtal", "ersätter avtalsnummer", "ersätter", "tidigare avtal", "befintligt avtal",
            "avtalsnummer som ersätts",
        ),
        "buyer": (
            "upphandlare", "ansvarig upphandlare", "upphandlingsledare", "ansvarig enhet", "ansvarig", "handläggare",
        ),
        "participants": (
            "deltagare", "deltagande organisationer", "deltagande myndigheter", "upphandlande myndigheter",
            "deltagande enheter",
        ),
        "is_planned": ("planerad", "i planen", "stod i planen", "enligt plan", "ingår i planen", "planned"),
        "status": ("status", "läge", "skede", "fas"),
        "planned_start_on": (
            "planerad start", "planerat startdatum", "start enligt plan", "planerad uppstart",
        ),
        "started_on": ("startad", "startdatum", "påbörjad", "uppstart", "faktisk start", "start"),
        "planned_end_on": (
            "planerat slut", "planerat slutdatum", "slut enligt plan", "planerad avtalsstart",
            "planerat avtalstecknande", "klar enligt plan",
        ),
        "ended_on": (
            "avslutad", "slutdatum", "avtal tecknat", "avtalstecknande", "avtalsdatum", "faktiskt slut", "slut",
        ),
        "bids_count": ("antal anbud", "inkomna anbud", "antal inkomna anbud", "anbud"),
        "value": (
            "uppskattat värde", "beräknat värde", "avtalsvärde", "upphandlingens värde", "värde",
        ),
        "saving_potential": (
            "besparingspotential", "potential", "förväntad besparing", "förväntad årlig besparing",
        ),
    },
    needed=(("procurement_id",), ("title",), ("status",)),
    dates=("planned_start_on", "started_on", "planned_end_on", "ended_on"),
    amounts=("value", "saving_potential"),
    counts=("bids_count",),
    month_ends=("planned_end_on",),
)  # fmt: skip

_STATUS_WORDS = {
    "planerad": "planned",
    "planeras": "planned",
    "kommande": "planned",
    "ej påbörjad": "planned",
    "inte påbörjad": "planned",
    "pågår": "running",
    "pågående": "running",
    "påbörjad": "running",
    "förberedelse": "running",
    "förberedelser": "running",
    "annonserad": "running",
    "utvärdering": "running",
    "överprövning": "running",
    "avslutad": "finished",
    "klar": "finished",
    "slutförd": "finished",
    "genomförd": "finished",
    "avtal tecknat": "finished",
    "avbruten": "cancelled",
    "inställd": "cancelled",
    **{status: status for status in PROCUREMENT_STATUSES},
}
_ANSWERS = ANSWERS | {"planerad": 1, "oplanerad": 0, "ej planerad": 0}


@dataclass(frozen=True)
class ProcurementReading:
    """Hold what a list of procurements gave: PROCUREMENTS and REJECTED_ROWS of the schema, and the control."""

    procurements: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


def read_procurements(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
) -> ProcurementReading:
    """Read a list of procurements, planned, running and ended, into one row each.

    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; taxonomy, schema.TAXONOMY; masker,
    hides people.
    Returns a ProcurementReading that reconciles. Raises InputError for a file that is not a readable list of
    procurements or from which no row is accepted.
    """
    form = form or RegisterFormat()
    words = CategoryWords(taxonomy, form.categories, _REGISTER.key)
    rows, files = read_rows(paths, form, _REGISTER, masker)
    _, hider = identify([], masker, supplier_numbers=form.supplier_numbers, known_keys=())
    unknown: dict[str, None] = {}
    records = []
    seen: set[str] = set()
    for row in rows:
        _judge(row, seen)
        if not row.reason:
            seen.add(str(row.text("procurement_id")))
            records.append(_record(row, words, hider, unknown))
    refuse_nothing_accepted(rows, _REGISTER)
    listed = tuple(dict.fromkeys(shortened(hider.text(word) or "") for word in unknown))
    rejected, control = reckon(
        rows, files, len(records), shown=hider.rejected, amount_column="value", unknown={"categories": listed}
    )
    return ProcurementReading(frame_of(records, PROCUREMENTS), rejected, control)


def _judge(row: Row, seen: Collection[str]) -> None:
    number = row.text("procurement_id")
    if number is None:
        row.reject("id_missing", "procurement_id")
    if row.text("title") is None:
        row.reject("title_missing", "title")
    if word_among(row, "status", _STATUS_WORDS) is None:
        row.reject("status_unknown", "status")
    reject_unless_answer(row, "is_planned", _ANSWERS)
    for first, last in (("planned_start_on", "planned_end_on"), ("started_on", "ended_on")):
        if first in row.dates and last in row.dates and row.dates[last] < row.dates[first]:
            row.reject("ends_before_start", last)
    if number in seen:
        row.reject("id_repeated", "procurement_id")


def _record(row: Row, words: CategoryWords, hider: Hider, unknown: dict[str, None]) -> Mapping[str, object]:
    participants = split_list(row.cells.get("participants", ""))
    return {
        "procurement_id": hider.reference(row.text("procurement_id")),
        "title": hider.text(row.text("title")),
        "category_code": words.only_code(row.cells.get("category", ""), unknown),
        "replaces_contract_id": hider.reference(row.text("replaces_contract_id")),
        "buyer": hider.text(row.text("buyer")),
        "participants": hider.number_free(";".join(participants)) or None,
        "is_planned": word_among(row, "is_planned", _ANSWERS),
        "status": word_among(row, "status", _STATUS_WORDS),
        "planned_start_on": row.dates.get("planned_start_on"),
        "started_on": row.dates.get("started_on"),
        "planned_end_on": row.dates.get("planned_end_on"),
        "ended_on": row.dates.get("ended_on"),
        "bids_count": row.counts.get("bids_count"),
        "value_ore": row.amounts.get("value"),
        "saving_potential_ore": row.amounts.get("saving_potential"),
        "file": row.file,
        "row_number": row.row_number,
    }
