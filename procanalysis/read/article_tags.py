"""Read what articles and categories are marked with: environmental labels, organic, local, climate class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from procanalysis.read.register_rows import Register, Row, normal_word, shortened
from procanalysis.read.register_suppliers import Hider, identify, supplier_written
from procanalysis.read.registers import (
    ANSWERS,
    CategoryWords,
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    word_among,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import ARTICLE_TAGS, FAR_FUTURE, TAG_KINDS

_REGISTER = Register(
    key="article_tags",
    what="list of article tags",
    aliases={
        "supplier_number": (
            "organisationsnummer", "organisationsnr", "orgnr", "org.nr", "leverantörens organisationsnummer",
            "leverantör orgnr", "leverantor_id", "leverantör_id", "leverantörsnummer",
        ),
        "supplier_name": ("leverantör", "leverantor", "leverantörsnamn", "leverantörens namn", "företag", "supplier"),
        "article_id": (
            "artikelnummer", "artikelnr", "artikel-id", "leverantörens artikelnummer", "article id", "artnr",
            "art.nr", "produktnummer", "produktnr",
        ),
        "standard_item_id": ("gtin", "gtin-nummer", "ean", "ean-kod", "streckkod", "standardnummer"),
        "category": ("kategori", "kategorikod", "inköpskategori", "varugrupp", "artikelgrupp"),
        "tag_kind": (
            "slag av märkning", "märkningsslag", "typ av märkning", "märkningstyp", "slag av märke", "slag", "typ",
        ),
        "tag": ("märkning", "märke", "miljömärkning", "certifiering", "etikett", "klass", "tag"),
        "valid_from": (
            "giltig från", "giltigt från", "gäller från", "giltig fr.o.m.", "gäller fr.o.m.", "fr.o.m.", "startdatum",
            "valid from",
        ),
        "valid_to": (
            "giltig till", "giltigt till", "gäller till", "giltig t.o.m.", "gäller t.o.m.", "t.o.m.", "slutdatum",
            "valid to",
        ),
        "source": ("källa", "uppgiftslämnare", "certifikat", "certifikatsnummer", "licens", "licensnummer", "source"),
    },
    needed=(("article_id", "standard_item_id", "category"), ("tag_kind",), ("tag",)),
    dates=("valid_from", "valid_to"),
    month_ends=("valid_to",),
    open_ends=("valid_to",),
)  # fmt: skip

_KIND_WORDS: dict[str, str] = {
    **dict.fromkeys(("miljömärke", "miljömärkt", "miljömärkning", "märke", "märkning"), "label"),
    **dict.fromkeys(("ekologiskt", "ekologisk", "eko"), "organic"),
    **dict.fromkeys(
        ("lokalproducerat", "lokalproducerad", "närproducerat", "närproducerad", "lokalt", "lokal"), "local"
    ),
    **dict.fromkeys(("klimatklass", "klimatmärkning", "klimatklassning"), "climate_class"),
    **{kind: kind for kind in TAG_KINDS},
}
_NO_TAG = {"ingen", "inget", "inga", "utan", "nej", "omärkt", "ej märkt", "inte märkt"}
_ONE_OF_A_KIND = ("climate_class",)

_Target = tuple[str, ...]
"""What a tag is on: an article of a supplier, a standard number, or a category."""

_Said = tuple[object, date, date]
"""What a row says of its target, and its first and last day."""


@dataclass(frozen=True)
class ArticleTagReading:
    """Hold what a list of article tags gave: ARTICLE_TAGS and REJECTED_ROWS of the schema, and the control."""

    article_tags: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


def read_article_tags(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    known_keys: Collection[str] = frozenset(),
) -> ArticleTagReading:
    """Read which articles and categories carry which tag, and which have been looked at and carry none.

    A row is about the article of a supplier, about a standard number such as GTIN, or about a category when it names
    neither. 'Ingen' or 'nej' as tag means looked at, without a tag of that kind; an article that stands nowhere has
    not been looked at. Rows that contradict each other on the same days are all rejected, since nobody can tell which
    is right. Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written, kinds translating words
    to keys of TAG_KINDS; taxonomy, schema.TAXONOMY; masker, hides people; known_keys, the ledger's supplier keys.
    Returns an ArticleTagReading that reconciles. Raises InputError for a file that is not a readable list of tags or
    from which no row is accepted. Source: requirements R11, R35.
    """
    form = form or RegisterFormat()
    words = CategoryWords(taxonomy, form.categories, _REGISTER.key)
    kinds = _KIND_WORDS | {normal_word(word): kind for word, kind in form.kinds.items()}
    rows, files = read_rows(paths, form, _REGISTER, masker)
    unknown_kinds: dict[str, None] = {}
    unknown_categories: dict[str, None] = {}
    for row in rows:
        _judge(row, kinds, words, unknown_kinds, unknown_categories)
    written = {id(row): supplier_written(row) for row in rows}
    suppliers, hider = identify(
        [(written[id(row)], not row.reason) for row in rows],
        masker,
        supplier_numbers=form.supplier_numbers,
        known_keys=known_keys,
    )
    found: list[tuple[Row, dict[str, object]]] = []
    spelled: dict[str, str] = {}
    for row in rows:
        if not row.reason:
            key = suppliers[written[id(row)]].supplier_key if any(written[id(row)]) else None
            if key is None and row.text("article_id") and not _standard_number(row):
                row.reject("supplier_missing", "supplier_name" if "supplier_name" in row.headers else "supplier_number")
            else:
                found.append((row, _record(row, key, kinds, words, hider, spelled)))
    _reject_contradictions(found)
    refuse_nothing_accepted(rows, _REGISTER)
    records = [record for row, record in found if not row.reason]
    listed = {
        name: tuple(dict.fromkeys(shortened(hider.text(word) or "") for word in unknown))
        for name, unknown in (("kinds", unknown_kinds), ("categories", unknown_categories))
    }
    rejected, control = reckon(rows, files, len(records), shown=hider.rejected, unknown=listed)
    return ArticleTagReading(frame_of(records, ARTICLE_TAGS), rejected, control)


def _judge(
    row: Row,
    kinds: Mapping[str, str],
    words: CategoryWords,
    unknown_kinds: dict[str, None],
    unknown_categories: dict[str, None],
) -> None:
    """Reject a row that does not say what is tagged, with what kind of tag, or on days that can be."""
    if row.reason:
        return
    kind = word_among(row, "tag_kind", kinds)
    if kind is None:
        unknown_kinds.update([(word, None)] if (word := row.text("tag_kind")) else [])
        row.reject("tag_kind_unknown", "tag_kind")
    elif _tag_of(row, kind) == "":
        row.reject("tag_missing", "tag")
    if not row.text("article_id") and not _standard_number(row):
        if row.text("category") is None:
            row.reject("tag_target_missing", next(name for name in _REGISTER.needed[0] if name in row.headers))
        elif words.only_code(row.cells["category"], unknown_categories) is None:
            row.reject("category_unknown", "category")
    if row.dates.get("valid_to", FAR_FUTURE) < row.dates.get("valid_from", date.min):
        row.reject("ends_before_start", "valid_to")


def _standard_number(row: Row) -> str | None:
    """Return the standard number; one of zeros alone only fills the cell."""
    written = row.text("standard_item_id")
    return written if written and written.strip("0") else None


def _tag_of(row: Row, kind: str) -> str | None:
    """Return the tag as written, the kind's own name for a plain yes; None for looked at without one, '' when unknown.

    A yes does not tell which climate class.
    """
    text = row.text("tag") or ""
    word = normal_word(text)
    if word in _NO_TAG:
        return None
    if kind in _ONE_OF_A_KIND:
        return "" if word in ("ja", "yes") else text
    answer = ANSWERS.get(word)
    if answer is None:
        return text
    return TAG_KINDS[kind] if answer else None


def _record(
    row: Row,
    supplier_key: str | None,
    kinds: Mapping[str, str],
    words: CategoryWords,
    hider: Hider,
    spelled: dict[str, str],
) -> dict[str, object]:
    """Lay a row out under the schema's columns, with only what the tag is on, and the tag as it was first spelled."""
    article_id = hider.reference(row.text("article_id")) if supplier_key else None
    standard_item_id = hider.reference(_standard_number(row))
    is_on_category = not (article_id or standard_item_id)
    kind = kinds[normal_word(row.cells["tag_kind"])]
    tag = hider.text(_tag_of(row, kind))
    valid_to = row.dates.get("valid_to")
    return {
        "supplier_key": supplier_key if article_id else None,
        "article_id": article_id,
        "standard_item_id": standard_item_id,
        "category_code": words.only_code(row.cells["category"], {}) if is_on_category else None,
        "tag_kind": kind,
        "tag": None if tag is None else spelled.setdefault(normal_word(tag), tag),
        "valid_from": row.dates.get("valid_from"),
        "valid_to": None if valid_to == FAR_FUTURE else valid_to,
        "source": hider.text(row.text("source")),
        "file": row.file,
        "row_number": row.row_number,
    }


def _reject_contradictions(found: Sequence[tuple[Row, Mapping[str, object]]]) -> None:
    """Reject the rows on the same target, kind and days of which one says a tag and another none, or another class."""
    together: dict[tuple[_Target, object], list[tuple[Row, Mapping[str, object]]]] = defaultdict(list)
    for row, record in found:
        for target in _targets(record):
            together[target, record["tag_kind"]].append((row, record))
    for (_, kind), of_one in together.items():
        # Many rows may say the same; only different ones are held against each other.
        said = [_said(record, kind) for _, record in of_one]
        different = set(said)
        contradicted = {one for one in different for other in different if one[0] != other[0] and _overlap(one, other)}
        for (row, _), one in zip(of_one, said, strict=True):
            if one in contradicted:
                row.reject("tags_contradict", "tag")


def _targets(record: Mapping[str, object]) -> list[_Target]:
    if record["category_code"] is not None:
        return [("category", str(record["category_code"]))]
    article = ("article", str(record["supplier_key"]), str(record["article_id"]))
    standard = ("standard", str(record["standard_item_id"]))
    return [
        *([article] if record["article_id"] is not None else []),
        *([standard] if record["standard_item_id"] is not None else []),
    ]


def _said(record: Mapping[str, object], kind: object) -> _Said:
    """Return what a row says that another may contradict, and its days: several labels agree, two classes do not."""
    tag = record["tag"] if kind in _ONE_OF_A_KIND else record["tag"] is not None
    return tag, _day(record["valid_from"], date.min), _day(record["valid_to"], FAR_FUTURE)


def _overlap(one: _Said, other: _Said) -> bool:
    return max(one[1], other[1]) <= min(one[2], other[2])


def _day(day: object, otherwise: date) -> date:
    return day if isinstance(day, date) else otherwise
