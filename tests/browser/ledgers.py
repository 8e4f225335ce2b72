"""Small made-up organisations at the edges of what a report must bear, each with its ledger, rules and tree."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

HEADER = (
    "kopare_id", "kopare", "verifikationsnummer", "leverantor", "leverantor_id", "konto_nr", "konto_text", "belopp",
    "datum", "forvaltning", "fakturanummer",
)  # fmt: skip
LONG_SUPPLIER = "Västerbottensfastighetsunderhållsentreprenadsamordningsaktiebolaget"
LONG_UNIT = "Kollektivtrafikförvaltningssamordningsupphandlingsavdelningsstaben"
LONG_ACCOUNT = "Specialistsjukvårdsutrustningsunderhållsreservdelsförbrukningsmaterial"
LONG_CATEGORY = "Fastighetsunderhållsentreprenadtjänsterochsnöröjningsmaskinuthyrning"
LONG_TITLE = "Ramavtalsupphandlingssamordningsuppföljningskonsultstödsleverantörsavtal"
LONG_TITLES = [f"{LONG_TITLE}{place}" for place in range(6)]
assert min(map(len, (LONG_SUPPLIER, LONG_UNIT, LONG_ACCOUNT, LONG_CATEGORY, LONG_TITLE))) >= 60

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40">'
    '<rect width="120" height="40" fill="#5b2a86"/><circle cx="20" cy="20" r="12" fill="#ffffff"/></svg>'
)
RUN = "window.procanalysisRan=1;document.title='ran';alert(1)"
HOSTILE = (
    f"<script>{RUN}</script>",
    "Å" * 10_000,
    f'"><img src=x onerror="{RUN}">',
    f"'><svg onload=\"{RUN}\"></svg>",
    f"x\" onmouseover=\"{RUN}\" autofocus onfocus=\"{RUN}",
    f"javascript:{RUN}",
    f"[klicka](javascript:{RUN})",
    f"<a href=\"javascript:{RUN}\">klicka</a>",
    f"</title></style></table></details></main><iframe srcdoc=\"<script>{RUN}</script>\"></iframe>",
    f"<!--workbook--><details ontoggle=\"{RUN}\" open>",
    f"]]></text><script>{RUN}</script><text>",
    "=HYPERLINK(\"https://example.org\",\"klicka\")",
    "=cmd|' /C calc'!A0",
    "+46 8 123 45 67",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "{=A1}",
    "https://example.org/x?y=1&z=2",
    "\u202eBA gninkyrb\u2066 \u200fAB\u200e",
    "styr\x07\x1b[31m\x7f\x9ftecken\u2028AB",
    "{{ 7*7 }} {% raw %} {name} ${7*7} %s",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One posting: what is not given is ordinary."""

    account: int = 1
    amount: str = "1250,50"
    supplier: str = "Nordbygg Entreprenad AB"
    number: str = "559900-0005"
    unit: str = "Tekniska nämnden"
    day: str = "2025-03-14"
    account_text: str = ""


OVERVIEW, CATEGORY, SAVINGS = "spend-overview", "category-analysis", "savings"
LEDGER_KINDS = (OVERVIEW, CATEGORY)
EVERY_KIND = (*LEDGER_KINDS, "data-quality", "contracts", "articles", "supplier-follow-up", "procurement-plan", SAVINGS)
SAVINGS_PARTS = ("awards", "bids", "prices", "shares", "purchases")
Registers = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Edge:
    """One organisation: its postings, what of the ledger is missing, and what else its file and tree say.

    `kinds` are the reports that the edge can break; `changes_markup` those that are built in another way than the
    example's, so that axe and the validator must read them too, and not only the eye. `registers` are the rows of each
    part of the organisation file, by our own names of the columns; `case` is the content of a business case file.
    """

    rows: Sequence[Row]
    without: Sequence[str] = ()
    names: Callable[[int], str] = lambda number: f"Underkategori {number}"
    reports: str = "category_analysis: {largest: 1}"
    kinds: Sequence[str] = LEDGER_KINDS
    style: str = ""
    changes_markup: Sequence[str] = ()
    registers: Registers = field(default_factory=dict)
    case: dict[str, Any] = field(default_factory=dict)


def _number(place: int) -> str:
    """Make an organisation number that passes its check digit, from the range that is set aside for fiction."""
    digits = f"5599{place:05d}"
    doubled = (int(digit) * (2 if index % 2 == 0 else 1) for index, digit in enumerate(digits))
    check = -sum(value - 9 if value > 9 else value for value in doubled) % 10
    return f"{digits[:6]}-{digits[6:]}{check}"


def _many(count: int = 60, **fixed: str | int) -> list[Row]:
    """Spread postings over two years, suppliers, units and accounts, except what is fixed."""
    rows = []
    for place in range(count):
        given: dict[str, str | int] = {
            "account": 1 + place % 3,
            "amount": f"{1000 + 137 * place},{place % 100:02d}",
            "supplier": f"Leverantör {place % 7} AB",
            "number": _number(place % 7),
            "unit": f"Nämnd {place % 4}",
            "day": f"{2024 + place % 2}-{1 + place % 12:02d}-{1 + place % 28:02d}",
        }
        rows.append(Row(**(given | fixed)))  # type: ignore[arg-type]
    return rows


def _hostile() -> list[Row]:
    rows = []
    for place, text in enumerate(HOSTILE):
        for year in (2024, 2025):
            common = {"day": f"{year}-05-0{1 + place % 9}", "amount": f"{50000 - 1000 * place},00"}
            common |= {"account": 1 + place % 2}  # type: ignore[dict-item]
            number = _number(100 + place)
            rows += [
                Row(supplier=text, number=number, **common),  # type: ignore[arg-type]
                Row(supplier=text, number=number, unit=text, **common),  # type: ignore[arg-type]
                Row(supplier=text, number=number, unit=text, account_text=text, **common),  # type: ignore[arg-type]
            ]
    return rows


def _registers(texts: Sequence[str], *, number: Callable[[int], str]) -> Registers:
    """Write each text into every free column of a contract, a follow-up and a procurement, and last into a date."""
    rows: Registers = {"contracts": [], "follow_ups": [], "procurements": []}
    last = len(texts)
    for place, text in enumerate([*texts, texts[0]]):
        same = {"title": text, "participants": "" if place % 3 else text, "category": "01.01" if place % 2 else text}
        supplier = {"supplier_number": number(place), "supplier_name": text}
        rows["contracts"].append({
            **same, **supplier, "contract_id": f"{place} {text}", "kind": text, "starts_on": "2024-01-01",
            "ends_on": text if place == last else f"2026-{1 + place % 12:02d}-28", "owner": text,
            "registered_by": text, "registered_on": "2025-02-01", "archive_place": text, "value": "900000",
            "contract_class": "ABCD"[place % 4],
        })  # fmt: skip
        rows["follow_ups"].append({
            **supplier, "follow_up_id": f"{place} {text}", "contract_id": f"{place} {text}", "kind": "möte",
            "planned_on": "2025-03-01", "done_on": text if place == last else "2025-04-01", "result": text,
            "deviation": text, "escalation_step": str(1 + place % 3),
        })  # fmt: skip
        rows["procurements"].append({
            **same, "procurement_id": f"{place} {text}", "replaces_contract_id": f"{place} {text}", "buyer": text,
            "is_planned": "ja", "status": "pågår", "planned_start_on": "2025-06-01", "started_on": "2025-06-01",
            "planned_end_on": text if place == last else "2026-06-30", "value": "900000",
        })  # fmt: skip
    return rows


def _savings(texts: Sequence[str]) -> Registers:
    """Write each text into every free column of the savings register, and last into an award's date."""
    rows: Registers = {part: [] for part in SAVINGS_PARTS}
    last = len(texts)
    for place, text in enumerate([*texts, texts[0]]):
        of_award = {"procurement_id": f"{place} {text}"}
        article = of_award | {"article_id": text}
        rows["awards"].append({
            **of_award, "title": text, "category": "01.01" if place % 2 else text, "contract_id": f"{place} {text}",
            "organisation": text if place % 2 else "", "is_coordinated": "nej", "starts_on": "2024-07-01",
            "ends_on": text if place == last else f"202{6 + place % 4}-06-30", "yearly_volume": "100",
            "evaluated_volume": "100", "expected_yearly": "90000", "is_comparable": "nej" if place % 3 == 2 else "ja",
            "value_in_words": text, "responsible": text,
        })  # fmt: skip
        rows["bids"] += [
            {**of_award, "bidder": f"{text} {bid}", "is_qualified": "ja" if place % 3 else "nej",
             "is_winner": "nej" if bid else "ja", "first_bid": str(95000 + 9000 * bid),
             "final_bid": str(90000 + 9000 * bid)}
            for bid in range(3)
        ]  # fmt: skip
        rows["prices"].append({
            **article, "article_name": text, "quantity_unit": text, "quantity": "1000", "previous_price": "100",
            "new_price": str(80 + place), "refused_increase": "2",
        })  # fmt: skip
        rows["shares"] += [{**of_award, "receiver_kind": kind, "receiver": text, "share": "100"}
                           for kind in ("organisation", "enhet")]  # fmt: skip
        rows["purchases"] += [
            {**article, "unit": buyer, "supplier": text, "bought_on": f"{year}-05-04", "quantity": "400",
             "price_paid": str(81 + place + 7 * (buyer != text)), "is_on_contract": "ja" if buyer == text else "nej"}
            for year in (2024, 2025)
            for buyer in (text, "Nämnd 1")
        ]  # fmt: skip
    return rows


ONE_AWARD: Registers = {
    "awards": [{"procurement_id": "U-1", "title": "Arbetskläder", "starts_on": "2025-01-01", "ends_on": "2025-12-31"}]
}


def _case(texts: Sequence[str]) -> dict[str, Any]:
    """Write each text into every free place of a business case: its risks, receivers and evidence hold them all."""
    alternatives = []
    for number, text in enumerate(texts):
        if number % 7:
            continue
        others = texts[number : number + 7]
        even = dict.fromkeys(others[:5], 20)
        gain = {"low": 1000 + number, "likely": 90000 + number, "high": 200000, "evidence": text}
        time = {"id": f"time_{number}", "kind": "other", "title": others[2], "benefit": "time", "realised_by": even,
                "drivers": {"yearly_sek": {**gain, "evidence": others[4]}}}  # fmt: skip
        alternatives.append({
            "id": f"option_{number}",
            "title": text,
            "text": others[1],
            "levers": [
                {"id": f"cash_{number}", "kind": "other", "title": text, "benefit": "cash", "text": others[3],
                 "realised_by": even, "drivers": {"yearly_sek": gain}},
                time,
                {"id": f"words_{number}", "kind": "other", "title": text, "benefit": "quality", "text": others[5]},
            ],
            "one_off_costs": [{"title": each, "kind": "change", "sek": {"value": 9000, "evidence": each}}
                              for each in others],
            "risks": [{"text": each, "likelihood": 1 + place % 5, "consequence": 1 + place % 4, "action": each,
                       "role": each} for place, each in enumerate(others)],
            "must_be_true": list(others),
        })  # fmt: skip
    return {
        "title": texts[0], "question": texts[3], "decision_by": texts[5], "author": texts[6], "fictional": True,
        "starts_on": date(2026, 1, 1), "horizon_years": 3, "price_basis": "fasta priser",
        "discount_rate": {"pct": 2.5, "source": texts[8]},
        "do_nothing": {"title": texts[2], "text": texts[4]},
        "realisation_rate_pct": {"low": 60, "likely": 80, "high": 95, "evidence": texts[10]},
        "alternatives": alternatives,
    }  # fmt: skip


EDGES: dict[str, Edge] = {
    "en-rad": Edge([Row()], kinds=EVERY_KIND, changes_markup=(*EVERY_KIND[:4], SAVINGS)),
    "en-besparing": Edge(_many(), kinds=(SAVINGS,), changes_markup=(SAVINGS,), registers=ONE_AWARD),
    "bara-kredit": Edge(
        [Row(**{**row.__dict__, "amount": f"-{row.amount}"}) for row in _many()], changes_markup=LEDGER_KINDS
    ),
    "tom-kategori": Edge(
        _many(), reports='category_analysis: {categories: ["14.01"]}', kinds=(CATEGORY,), changes_markup=(CATEGORY,)
    ),
    "fjorton-kategorier": Edge(
        [Row(**{**row.__dict__, "account": 1 + place // 2 % 14}) for place, row in enumerate(_many(140))],
        kinds=(OVERVIEW,),
    ),
    "langa-namn": Edge(
        [
            Row(1, f"{900 + place},00", f"{LONG_SUPPLIER}{place % 5}", _number(place % 5), f"{LONG_UNIT}{place % 4}",
                f"{2024 + place % 2}-0{1 + place % 9}-11", f"{LONG_ACCOUNT}")
            for place in range(40)
        ],
        names=lambda number: f"{LONG_CATEGORY}{number}",
        kinds=tuple(kind for kind in EVERY_KIND if kind != "data-quality"),
        changes_markup=LEDGER_KINDS,
        registers=_registers(LONG_TITLES, number=lambda place: _number(place % 5)) | _savings(LONG_TITLES),
    ),
    "en-leverantor": Edge(_many(supplier="Nordbygg Entreprenad AB", number=_number(1)), kinds=(CATEGORY,)),
    "en-enhet": Edge(
        _many(unit="Tekniska nämnden"),
        kinds=(OVERVIEW,),
        style="style: {accent_colour: '#5b2a86', logo: bilder/logotyp.svg}\n",
    ),
    "utan-datum": Edge(_many(), without=("datum",)),
    "utan-enheter": Edge(_many(), without=("forvaltning",), kinds=(CATEGORY,)),
    "fientlig": Edge(
        _hostile(),
        names=lambda number: HOSTILE[number - 1],
        kinds=(*EVERY_KIND, "business-case"),
        changes_markup=(*EVERY_KIND, "business-case"),
        registers=_registers(HOSTILE, number=lambda place: _number(100 + place)) | _savings(HOSTILE),
        case=_case(HOSTILE),
    ),
}  # fmt: skip


def by_reports() -> dict[Sequence[str], list[str]]:
    """Group the organisations by the reports that they need, so that each group is run together."""
    groups: dict[Sequence[str], list[str]] = {}
    for slug, edge in EDGES.items():
        groups.setdefault(tuple(edge.kinds), []).append(slug)
    return groups


def changes_markup(page: Path) -> bool:
    """Tell whether a published page, or an index, is built in another way than the example's."""
    slug = page.parent.parent.name
    return slug not in EDGES or any(page.stem.startswith(kind) for kind in EDGES[slug].changes_markup)


def write_edges(root: Path) -> None:
    """Write every organisation into a project folder that has no others."""
    for folder in ("organisations", "taxonomies", "mappings", "business_cases"):
        (root / "params" / folder).mkdir(parents=True, exist_ok=True)
    for slug, edge in EDGES.items():
        _write_ledger(root / f"data/{slug}/reskontra-2025.csv", edge)
        _write_tree(root / f"params/taxonomies/{slug}.csv", edge)
        registers = _write_registers(root / f"data/{slug}", edge)
        if edge.case:
            case = yaml.safe_dump({**edge.case, "organisation": slug}, allow_unicode=True, sort_keys=False)
            (root / f"params/business_cases/{slug}.yml").write_text(case, encoding="utf-8")
        (root / f"params/organisations/{slug}.yml").write_text(
            f"name: Kommunen {slug}\nkind: municipality\nfictional: true\nperiod: '2025'\n"
            f"ledger:\n  files: ['../../data/{slug}/*.csv']\n"
            f"mapping:\n  taxonomy: ../taxonomies/{slug}.csv\n  rules: [../mappings/alla.csv]\n"
            f"reports:\n  {edge.reports}\n{edge.style}{registers}",
            encoding="utf-8",
        )
    logo = root / "params/organisations/bilder/logotyp.svg"
    logo.parent.mkdir()
    logo.write_text(LOGO, encoding="utf-8")
    _write_rules(root / "params/mappings/alla.csv")


def _write_ledger(path: Path, edge: Edge) -> None:
    path.parent.mkdir(parents=True)
    kept = [name for name in HEADER if name not in edge.without]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, kept, delimiter=";", extrasaction="ignore")
        writer.writeheader()
        for place, row in enumerate(edge.rows, start=1):
            account = f"40{row.account:02d}"
            writer.writerow({
                "kopare_id": "212000-0001", "kopare": "Kommunen", "verifikationsnummer": str(240000 + place),
                "leverantor": row.supplier, "leverantor_id": row.number, "konto_nr": account,
                "konto_text": row.account_text or f"Konto {row.account}", "belopp": row.amount, "datum": row.day,
                "forvaltning": row.unit, "fakturanummer": str(9000 + place // 2),
            })  # fmt: skip


def _write_registers(folder: Path, edge: Edge) -> str:
    """Write the registers, and return what the organisation file says of them."""
    said = savings = ""
    for part, rows in edge.registers.items():
        with (folder / f"register-{part}.txt").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        where = f"{part}: {{files: ['../../data/{folder.name}/register-{part}.txt']}}\n"
        if part in SAVINGS_PARTS:
            savings += f"  {where}"
        else:
            said += where
    return said + (f"savings:\n{savings}" if savings else "")


def _write_tree(path: Path, edge: Edge) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["category_code", "parent_code", "name", "description", "owner"])
        for number in range(1, 15):
            writer.writerow([f"{number:02d}", "", f"Huvudkategori {number}", "", ""])
            writer.writerow([f"{number:02d}.01", f"{number:02d}", edge.names(number), edge.names(number), ""])


def _write_rules(path: Path) -> None:
    columns = (
        "rule_id,tier,account,unit,supplier,project,text,valid_from,valid_to,category_code,spend_class,lou_covered"
    )
    lines = [f"{columns},author,decided_on,reason"]
    lines += [
        f"konto-{number},account,40{number:02d},,,,,,,{number:02d}.01,adresserbar,ja,Inköpschef,2025-01-02,Prov"
        for number in range(1, 15)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
