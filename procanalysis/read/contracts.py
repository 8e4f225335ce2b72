"""Read contract registers: what each contract covers, for whom, and how long."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.read.register_casting import last_of_month
from procanalysis.read.register_rows import Register, Row, normal_word, shortened, split_list
from procanalysis.read.register_suppliers import Hider, RegisterSupplier, Written, identify, split_suppliers
from procanalysis.read.registers import (
    CategoryWords,
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    word_among,
)
from procanalysis.read.supplier_numbers import Masker, recognise_number
from procanalysis.schema import CONTRACT_KINDS, CONTRACT_SCOPES, CONTRACTS, FAR_FUTURE, REJECT_REASONS, Column

PERIOD_ALIASES: dict[str, tuple[str, ...]] = {
    "starts_on": (
        "startdatum", "avtalsstart", "avtalets startdatum", "avtal från", "giltig från", "giltigt från",
        "giltig fr.o.m.", "giltigt fr.o.m.", "gäller från", "gäller fr.o.m.", "från och med", "fr.o.m.",
        "avtalsperiod från", "avtalsperiod start", "start date", "valid from", "start", "från",
    ),
    "ends_on": (
        "slutdatum", "avtalsslut", "avtalets slutdatum", "avtal till", "giltig till", "giltigt till",
        "giltig t.o.m.", "giltigt t.o.m.", "gäller till", "gäller t.o.m.", "till och med", "t.o.m.",
        "avtalsperiod till", "avtalsperiod slut", "upphör", "end date", "valid to", "slut", "till",
    ),
    "option_months": (
        "optionsmånader", "option månader", "option (mån)", "optioner (mån)", "optioner (månader)", "optioner",
        "option", "förlängningsoption", "förlängningsoptioner", "förlängning (mån)", "förlängning månader",
        "möjlig förlängning",
    ),
    "options_exercised": (
        "utnyttjade optioner", "utnyttjad option", "antal utnyttjade optioner", "utlösta optioner",
        "utnyttjade förlängningar", "antal förlängningar", "options used",
    ),
}  # fmt: skip
"""Headers of a contract's days and options, the best first."""

_REGISTER = Register(
    key="contracts",
    what="contract register",
    aliases={
        "contract_id": (
            "avtalsnummer", "avtalsnr", "avtalets nummer", "avtals-id", "avtal id", "kontraktsnummer", "kontraktsnr",
            "kontrakts-id", "contract id", "contract number", "id", "nummer", "referensnummer", "diarienummer", "dnr",
            "avtal",
        ),
        "title": (
            "avtalsnamn", "avtalets namn", "avtalsbenämning", "benämning", "avtalstitel", "titel", "rubrik", "namn",
            "beskrivning", "contract title", "contract name",
        ),
        "supplier_number": (
            "organisationsnummer", "organisationsnr", "orgnr", "org.nr", "org nummer",
            "leverantörens organisationsnummer", "leverantörens org.nr", "leverantör organisationsnummer",
            "leverantör orgnr", "leverantor_id", "leverantör_id", "supplier organisation number", "leverantörsnummer",
        ),
        "supplier_name": (
            "leverantör", "leverantor", "leverantörsnamn", "leverantörens namn", "leverantörer", "avtalsleverantör",
            "avtalspart", "motpart", "företag", "företagsnamn", "supplier", "supplier name",
        ),
        "category": (
            "kategori", "kategorikod", "inköpskategori", "avtalskategori", "produktkategori", "avtalsområde",
            "produktområde", "varugrupp", "område", "cpv-kod", "cpv",
        ),
        "participants": (
            "deltagare", "avtalets deltagare", "deltagande organisationer", "deltagande enheter", "avropsberättigade",
            "avropsberättigad", "avropsberättigade organisationer", "gäller för", "upphandlande myndigheter",
        ),
        "kind": ("avtalstyp", "typ av avtal", "avtalsform", "avtalsslag", "slag", "contract type", "typ"),
        **PERIOD_ALIASES,
        "registered_on": (
            "registrerad", "registrerat", "registreringsdatum", "registrerad datum", "skapad", "skapat",
            "skapad datum", "upplagd", "inlagd", "registration date", "created",
        ),
        "registered_by": ("registrerad av", "registrerat av", "skapad av", "upplagd av", "inlagd av", "created by"),
        "owner": (
            "avtalsägare", "avtalsansvarig", "ansvarig enhet", "ansvarig förvaltning", "ansvarig", "ägare",
            "contract owner",
        ),
        "archive_place": ("arkivplats", "arkiv", "arkiverat i", "arkiverad i", "förvaringsplats", "förvaring"),
        "procurement_id": (
            "upphandlingsnummer", "upphandlingsnr", "upphandlings-id", "upphandling id", "upphandling",
            "upphandlingens diarienummer", "upphandlingsreferens", "procurement id",
        ),
        "value": (
            "avtalsvärde", "kontraktsvärde", "avtalsvärde exkl moms", "avtalsvärde (sek)", "avtalsvärde (kr)", "värde",
            "uppskattat värde", "beräknat värde", "totalt värde", "contract value",
        ),
        "contract_class": ("avtalsklass", "klass", "klassning", "uppföljningsklass", "contract class"),
        "bids_count": ("antal anbud", "inkomna anbud", "antal inkomna anbud", "anbud", "number of bids"),
    },
    needed=(("contract_id",), ("supplier_number", "supplier_name")),
    dates=("starts_on", "ends_on", "registered_on"),
    amounts=("value",),
    counts=("bids_count",),
    month_ends=("ends_on",),
    open_ends=("ends_on",),
)  # fmt: skip

_GROUPS = Register(
    key="contracts.supplier_groups",
    what="list of supplier groups",
    aliases={
        "group": ("koncern", "grupp"),
        "supplier_number": ("organisationsnummer", "orgnr", "org.nr", "leverantor_id"),
    },
    needed=(("group",), ("supplier_number",)),
    has_settings=False,
)
_GROUP_COLUMNS = (Column("group", "text", "the group's name"), Column("supplier_key", "text", "one company of it"))

_KIND_WORDS = {
    "ramavtal": "framework",
    "ramkontrakt": "framework",
    "direktupphandling": "direct_award",
    "direktupphandlat": "direct_award",
    "direktupphandlat avtal": "direct_award",
    "direktavtal": "direct_award",
    "dis": "dynamic",
    "dynamiskt inköpssystem": "dynamic",
    "dynamiskt inköpssystem (dis)": "dynamic",
    "objektsspecifikt": "specific",
    "objektspecifikt": "specific",
    "objektsspecifikt avtal": "specific",
    "kommunspecifikt": "specific",
    "kommunspecifikt avtal": "specific",
    "objekts- eller kommunspecifikt avtal": "specific",
    "annat": "other",
    "annat avtal": "other",
    "övrigt": "other",
    **{kind: kind for kind in CONTRACT_KINDS},
}
_EVERYONE = {
    f"{every}{who}"
    for every in ("alla", "samtliga")
    for who in ("", " enheter", " förvaltningar", " nämnder", " verksamheter", " deltagare")
}
_OPTIONS = re.compile(r"(?P<each>[0-9x×*;+,\s]+?)\s*(?P<unit>mån|mån\.|månad|månader|months?|år)?")
_LONGEST_OPTION, _LONGEST_OPTIONS = 120, 600


@dataclass(frozen=True)
class ContractReading:
    """Hold what a contract register gave: CONTRACTS, CONTRACT_SCOPES, REJECTED_ROWS of the schema, and the control."""

    contracts: pd.DataFrame
    scopes: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


@dataclass
class _Contract:
    """Gather the rows of one contract: the first one tells its terms, each one its suppliers."""

    row: Row
    suppliers: list[RegisterSupplier]
    rows: int = 1


def read_contracts(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    groups: pd.DataFrame | None = None,
    known_keys: Collection[str] = frozenset(),
) -> ContractReading:
    """Read a contract register into contracts, what they cover, and rejected rows.

    Formula: ends_on = end in the register + exercised options; latest_ends_on = the same with all options.
    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; taxonomy, schema.TAXONOMY; masker,
    hides people; groups, from `read_supplier_groups`; known_keys, the ledger's supplier keys, by which a sole trader
    without number is found and hidden as there.
    Returns a ContractReading that reconciles. Raises InputError for a file that is not a readable contract register or
    from which no row is accepted.
    """
    form = form or RegisterFormat()
    words = CategoryWords(taxonomy, form.categories, _REGISTER.key)
    rows, files = read_rows(paths, form, _REGISTER, masker)
    written = {id(row): split_suppliers(row) for row in rows}
    for row in rows:
        _judge(row, form)
    suppliers, hider = identify(
        [(pair, not row.reason) for row in rows for pair in written[id(row)]],
        masker,
        supplier_numbers=form.supplier_numbers,
        known_keys=known_keys,
    )
    contracts = _gathered(rows, written, suppliers)
    refuse_nothing_accepted(rows, _REGISTER)
    unknown: dict[str, dict[str, None]] = {"categories": {}, "kinds": {}, "classes": {}}
    records = [_record(contract, form, words, hider, unknown) for contract in contracts]
    members = _members(groups)
    scopes = [
        scope
        for contract, record in zip(contracts, records, strict=True)
        for scope in _scopes(contract, record, form, words, hider, members)
    ]
    listed = {
        name: tuple(dict.fromkeys(shortened(hider.text(word) or "") for word in found))
        for name, found in unknown.items()
    }
    accepted = sum(contract.rows for contract in contracts)
    rejected, control = reckon(rows, files, accepted, shown=hider.rejected, amount_column="value", unknown=listed)
    return ContractReading(frame_of(records, CONTRACTS), frame_of(scopes, CONTRACT_SCOPES), rejected, control)


def read_supplier_groups(path: Path, masker: Masker, *, supplier_numbers: str = "organisation") -> pd.DataFrame:
    """Read which suppliers belong to the same group of companies: one row per group and organisation number.

    Returns `group` and `supplier_key`, written as in the ledger. Raises InputError for a row without group or without
    a number that can be recognised.
    """
    rows, _ = read_rows([path], RegisterFormat(), _GROUPS, masker)
    written: list[Written] = [(row.cells["supplier_number"], "") for row in rows]
    found, hider = identify(
        [(pair, True) for pair in written], masker, supplier_numbers=supplier_numbers, known_keys=()
    )
    records = []
    for row, pair in zip(rows, written, strict=True):
        group, key = hider.text(row.text("group")), found[pair].supplier_key
        place = f"{row.file}, row {row.row_number}"
        if row.reason:
            raise InputError(f"{place}: the row cannot be read ({REJECT_REASONS[row.reason]}). Correct it.")
        if group is None:
            raise InputError(f"{place}, column '{row.headers['group']}': the row names no group. Write its name there.")
        if key is None:
            raise InputError(
                f"{place}, column '{row.headers['supplier_number']}': "
                f"'{shortened(hider.rejected(row.cells['supplier_number'], ''))}' is not an organisation number. "
                "Write its ten digits, as in 556016-0680."
            )
        records.append({"group": group, "supplier_key": key})
    return frame_of(records, _GROUP_COLUMNS).drop_duplicates(ignore_index=True)


def add_months(day: date, months: int) -> date:
    """Return the day so many months later. The last day of a month leads to the last day of a month.

    >>> add_months(date(2023, 2, 28), 12), add_months(date(2024, 1, 30), 1)
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29))
    """
    if day == FAR_FUTURE:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = last_of_month(date(year, month + 1, 1))
    return last if day == last_of_month(day) else last.replace(day=min(day.day, last.day))


def option_months(written: str) -> tuple[int, ...] | None:
    """Return the months of each option, or None when the text cannot be read.

    Options stand with ; + or , between them, or as 2x12. A unit may stand last: mån (as without unit) or år.

    >>> option_months("12;12"), option_months("2 x 12 mån"), option_months("1+1 år"), option_months("ett år")
    ((12, 12), (12, 12), (12, 12), None)
    """
    match = _OPTIONS.fullmatch(normal_word(written))
    if match is None:
        return None
    unit = 12 if match["unit"] == "år" else 1
    found: list[int] = []
    for part in re.split(r"[;+,]", match["each"]):
        number = re.fullmatch(r"\s*(?:([0-9]{1,2})\s*[x×*]\s*)?([0-9]{1,3})\s*", part)
        if number is None or int(number[2]) * unit > _LONGEST_OPTION:
            return None
        found += [int(number[2]) * unit] * int(number[1] or 1)
    months = tuple(option for option in found if option)
    return months if sum(months) <= _LONGEST_OPTIONS else None


def _judge(row: Row, form: RegisterFormat) -> None:
    if row.text("contract_id") is None:
        row.reject("id_missing", "contract_id")
    judge_days(row, empty_end=form.empty_end)


def judge_days(row: Row, *, empty_end: str = "unknown") -> None:
    """Reject a row that ends before it starts or whose options cannot be, else put the days on which it ends in place.

    Formula: ends_with_exercised = ends_on + exercised options; ends_with_all = ends_on + all options.
    Parameters: empty_end, 'unknown' or 'open_ended'.
    """
    start, end = row.dates.get("starts_on"), row.dates.get("ends_on")
    if start is not None and end is not None and end < start:
        row.reject("ends_before_start", "ends_on")
    if end is None and empty_end == "open_ended" and not row.reason:
        row.dates["ends_on"] = FAR_FUTURE
    options = option_months(row.cells["option_months"]) if row.text("option_months") else ()
    if options is None:
        row.reject("options_unreadable", "option_months")
        return
    exercised = _exercised(row, len(options))
    if exercised is not None and exercised > len(options):
        row.reject("options_too_many", "options_exercised")
    if not row.reason and exercised is not None and (end := row.dates.get("ends_on")):
        row.dates["ends_with_exercised"] = add_months(end, sum(options[:exercised]))
        row.dates["ends_with_all"] = add_months(end, sum(options))


def _exercised(row: Row, options: int) -> int | None:
    """Return how many options have been exercised; a plain yes tells only of a single one."""
    word = normal_word(row.cells.get("options_exercised", ""))
    if word in ("", "-", "–", "nej"):
        return 0
    if word == "ja" and options <= 1:
        return 1
    if re.fullmatch(r"[0-9]{1,2}", word):
        return int(word)
    row.reject("count_unreadable", "options_exercised")
    return None


def _gathered(
    rows: Sequence[Row], written: Mapping[int, list[Written]], suppliers: Mapping[Written, RegisterSupplier]
) -> list[_Contract]:
    """Put the rows of each contract together, and reject those that repeat or contradict an earlier one."""
    found: dict[str, _Contract] = {}
    for row in rows:
        if row.reason:
            continue
        number = str(row.text("contract_id"))
        theirs = [suppliers[pair] for pair in written[id(row)]]
        contract = found.get(number)
        if contract is None:
            found[number] = _Contract(row, theirs)
            continue
        differing = _differing(contract.row, row)
        known = {supplier.supplier_key for supplier in contract.suppliers}
        if differing:
            row.reject("rows_differ", differing)
        elif all(supplier.supplier_key in known for supplier in theirs):
            row.reject("id_repeated", "contract_id")
        else:
            contract.suppliers += theirs
            contract.rows += 1
    return list(found.values())


def _differing(first: Row, row: Row) -> str:
    """Return the column in which a row contradicts the contract's first row; an empty cell contradicts nothing."""
    for column in _REGISTER.aliases:
        if column in ("contract_id", "supplier_number", "supplier_name") or row.text(column) is None:
            continue
        if first.compared(column) != row.compared(column):
            return column
    return ""


def _record(
    contract: _Contract,
    form: RegisterFormat,
    words: CategoryWords,
    hider: Hider,
    unknown: Mapping[str, dict[str, None]],
) -> dict[str, object]:
    """Lay one contract out under the schema's columns, and list the words that nobody has explained."""
    row = contract.row
    categories = split_list(row.cells.get("category", ""))
    codes = [code for code in map(words.code, categories) if code]
    unknown["categories"].update(dict.fromkeys(word for word in categories if words.code(word) is None))
    kind = word_among(row, "kind", _KIND_WORDS | {normal_word(word): kind for word, kind in form.kinds.items()})
    if kind is None and (word := row.text("kind")):
        unknown["kinds"][word] = None
    class_word = row.text("contract_class")
    class_match = re.fullmatch(r"(?:klass )?([abcd])", normal_word(class_word or ""))
    if class_word and not class_match:
        unknown["classes"][class_word] = None
    gone = {normal_word(owner) for owner in form.owners_gone}
    owner = row.text("owner")
    names = dict.fromkeys(supplier.name for supplier in contract.suppliers if supplier.name)
    participants = split_list(row.cells.get("participants", ""))
    return {
        "contract_id": hider.reference(row.text("contract_id")),
        "title": hider.text(row.text("title")),
        "supplier_names": "; ".join(names) or None,
        "category_codes": ";".join(dict.fromkeys(codes)) or None,
        "participants": hider.number_free(";".join(participants)) or None,
        "kind": kind,
        "starts_on": row.dates.get("starts_on"),
        "ends_on": row.dates.get("ends_with_exercised"),
        "latest_ends_on": row.dates.get("ends_with_all"),
        "registered_on": row.dates.get("registered_on"),
        "registered_by": hider.text(row.text("registered_by")),
        "owner": hider.text(owner),
        "owner_is_gone": int(owner is not None and normal_word(owner) in gone),
        "archive_place": hider.text(row.text("archive_place")),
        "procurement_id": hider.reference(row.text("procurement_id")),
        "value_ore": row.amounts.get("value"),
        "contract_class": class_match[1].upper() if class_match else None,
        "bids_count": row.counts.get("bids_count"),
        "file": row.file,
        "row_number": row.row_number,
    }


def _scopes(
    contract: _Contract,
    record: Mapping[str, object],
    form: RegisterFormat,
    words: CategoryWords,
    hider: Hider,
    members: Mapping[str, list[str]],
) -> Iterator[dict[str, object]]:
    """Yield one row per supplier, category and participant of a contract."""
    cells = contract.row.cells
    # An unknown category among known ones leaves one scope whose category is unknown.
    categories = dict.fromkeys(map(words.code, split_list(cells.get("category", "")))) or {None: None}
    named = split_list(cells.get("participants", ""))
    everyone = any(normal_word(name) in _EVERYONE for name in named)
    participants = (
        dict.fromkeys(_participant(name, hider) for name in named) if named and not everyone else {None: None}
    )
    known = bool(named) or form.empty_participants == "everyone"
    direct = dict.fromkeys(supplier.supplier_key for supplier in contract.suppliers) or {None: None}
    related = dict.fromkeys(key for own in direct if own for key in members.get(own, ()) if key not in direct)
    for key, through_group in [*((key, 0) for key in direct), *((key, 1) for key in related)]:
        for category in categories:
            for participant in participants:
                yield {
                    "contract_id": record["contract_id"],
                    "supplier_key": key,
                    "through_group": through_group,
                    "category_code": category,
                    "participant": participant,
                    "participants_known": int(known),
                    "starts_on": record["starts_on"],
                    "ends_on": record["ends_on"],
                    "registered_on": record["registered_on"],
                }


def _participant(name: str, hider: Hider) -> str:
    """Return a participant as ledgers are compared with it: an organisation number's ten digits, else lower case."""
    number = recognise_number(name)
    return number.number if number.status == "valid" else hider.number_free(name).lower()


def _members(groups: pd.DataFrame | None) -> dict[str, list[str]]:
    """Return each supplier's fellow members."""
    if groups is None:
        return {}
    found: dict[str, list[str]] = {}
    for _, group in groups.groupby("group", sort=False):
        keys = [str(key) for key in group["supplier_key"]]
        for key in keys:
            found.setdefault(key, []).extend(other for other in keys if other != key)
    return found
