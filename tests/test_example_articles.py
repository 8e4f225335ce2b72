"""The fictional article lines: their files hold together and tie to the ledger, and what is planted is found again.

The plain checks read the files with csv and xml alone. The others go through the real readers and measures, and ask
that every planted figure comes out to the öre.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pandas as pd
import pytest
import yaml

import procanalysis as proc
from procanalysis.example import generate_example
from procanalysis.example.account_plan import UNITS
from procanalysis.example.article_plans import (
    CPV_CATEGORIES,
    GROUP_WORDS,
    OUTSIDE_WORDS,
    SOLD,
    UNTRANSLATED,
    plans_of,
)
from procanalysis.example.article_tags import FICTIONAL_SOURCE
from procanalysis.example.article_truths import LARGE_ITEM_ORE
from procanalysis.example.articles import gtin_of
from procanalysis.example.shops import ROLES
from procanalysis.params.articles import ArticlePart
from procanalysis.params.organisation import load_params
from procanalysis.read.article_tags import read_article_tags
from procanalysis.read.contracts import read_contracts, read_supplier_groups
from procanalysis.read.emission_factors import read_emission_factors
from procanalysis.read.orders import read_orders
from procanalysis.read.peppol import article_lines_of, read_catalogues, read_invoices
from procanalysis.read.price_indexes import read_price_indexes
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import EVIDENCE, REJECT_REASONS

ROOT = Path(__file__).parents[1]
SIZE = 16_000
PERIOD = 2025
ENCODINGS = {"raindanceorder-2024.csv": "cp1252"}
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
# The two systems' headers, as what they mean.
MEANINGS = {
    "order": ("Ordernummer", "Beställningsnr"),
    "line": ("Orderradnummer", "Rad"),
    "day": ("Orderdatum", "Beställningsdatum"),
    "unit": ("Beställarenhet", "Förvaltning"),
    "supplier": ("Organisationsnummer", "Orgnr"),
    "group": ("Varugrupp", "Artikelgrupp"),
    "quantity": ("Antal", "Kvantitet"),
    "price": ("Nettopris", "À-pris"),
    "base": ("Pris per antal", "Prisbas"),
    "amount": ("Radbelopp", "Nettobelopp"),
    "invoice": ("Fakturanummer", "Fakturanr"),
}

Truths = dict[str, Any]
Cells = dict[str, str]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_example(tmp_path_factory.mktemp("articles"), lines=SIZE).parent


@pytest.fixture(scope="module")
def truths(directory: Path) -> Truths:
    content: Truths = json.loads((directory / "planted_truths.json").read_text(encoding="utf-8"))["articles"]
    return content


@pytest.fixture(scope="module")
def stated() -> Truths:
    content: Truths = yaml.safe_load((ROOT / "params/organisations/exempel.yml").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def rows(directory: Path, truths: Truths) -> list[Cells]:
    """The accepted order lines of all files under names of ours, read with nothing but the csv module."""
    rejected = {(one["file"], one["row_number"]) for one in truths["orders"]["rejected_rows"]}
    found = []
    for name, count in truths["orders"]["rows_in_file"].items():
        with (directory / name).open(encoding=ENCODINGS.get(name, "utf-8-sig"), newline="") as handle:
            header, *cells = csv.reader(handle, delimiter=";")
        assert len(cells) == count
        for number, row in enumerate(cells, start=2):
            if (name, number) not in rejected:
                under = dict(zip(header, row, strict=True))
                found.append(
                    {ours: next(under[one] for one in theirs if one in under) for ours, theirs in MEANINGS.items()}
                )
    return found


def _ore(written: str) -> int:
    return int(Decimal(written.replace(" ", "").replace(",", ".")) * 100)


def _number(written: str) -> Decimal:
    return Decimal(written.replace(",", ".") or "1")


def _ledger(directory: Path) -> dict[tuple[str, str], tuple[int, set[str]]]:
    """Sum the postings of 2024 and 2025 per supplier and invoice number, with the units that bought."""
    found: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for year, encoding, delimiter in ((2024, "utf-8-sig", ";"), (2025, "utf-16", ",")):
        with (directory / f"leverantorsreskontra-{year}.csv").open(encoding=encoding, newline="") as handle:
            for row in csv.DictReader(handle, delimiter=delimiter):
                digits = (row["leverantor_id"] or "").replace("-", "").replace(" ", "")
                digits = digits[2:12] if digits.startswith("SE") else digits[-10:]
                try:
                    amount = _ore(row["belopp"])
                except ArithmeticError:
                    continue
                total, units = found.get((digits, row["fakturanummer"]), (0, set()))
                found[digits, row["fakturanummer"]] = total + amount, {*units, row["forvaltning"]}
    return found


# --- the files themselves -------------------------------------------------------------------------


def test_every_role_is_played_and_nobody_has_the_standard_numbers(truths: Truths) -> None:
    played = [one["role"] for one in truths["suppliers"]]
    assert played[: len(ROLES)] == list(ROLES) and played.count("no_contract") == 2
    assert len(truths["suppliers"]) >= 9
    articles = sum(one["articles"] for one in truths["suppliers"])
    assert 150 <= articles <= 450 and sum(len(plans_of(code)) for code in SOLD) > 300
    for running in (1, 77, 4_321):
        gtin = gtin_of(running)
        assert len(gtin) == 13 and gtin.startswith("299")
        # From the right, the check digit counts once and its neighbour three times.
        assert sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(reversed(gtin))) % 10 == 0


def test_order_lines_add_up_to_the_ledgers_invoices(directory: Path, rows: list[Cells]) -> None:
    ledger = _ledger(directory)
    invoiced: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        amount = _number(row["quantity"]) * _number(row["price"]) / _number(row["base"]) * 100
        assert abs(amount - _ore(row["amount"])) <= Decimal("0.5"), row
        assert row["unit"] in UNITS
        if row["invoice"]:
            key = row["supplier"].replace("-", ""), row["invoice"]
            invoiced[key] += _ore(row["amount"])
            assert ledger[key][1] == {row["unit"]}
    assert len(invoiced) > 50
    for key, total in invoiced.items():
        assert ledger[key][0] == total, key
    assert len(invoiced) < len({(row["supplier"], row["order"]) for row in rows}), "some orders name no invoice"


def test_order_files_hold_the_lines_and_öre_that_the_truths_say(rows: list[Cells], truths: Truths) -> None:
    told = truths["orders"]
    assert {"lines": len(rows), "amount_ore": sum(_ore(row["amount"]) for row in rows)} == told["accepted"]
    ours = [row for row in rows if row["day"].startswith(str(PERIOD))]
    assert len(ours) == told["period"]["lines"]
    assert sum(_ore(row["amount"]) for row in ours) == told["period"]["amount_ore"]
    assert len({(row["order"], row["line"]) for row in rows}) == len(rows)
    assert {row["group"] for row in rows} <= {*GROUP_WORDS.values(), *OUTSIDE_WORDS, UNTRANSLATED}
    planted = {one["reason"] for one in told["rejected_rows"]}
    assert planted <= set(REJECT_REASONS) and len(planted) == 8


def test_e_invoices_are_well_formed_and_tie_to_the_ledger(directory: Path, truths: Truths) -> None:
    ledger, told = _ledger(directory), truths["invoices"]
    files = sorted((directory / "e-fakturor").glob("*.xml"))
    assert len(files) == told["accepted_documents"] + len(told["rejected_files"])
    tied = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        if told["rejected_files"].get(path.name) == "xml_unsafe":
            assert "<!ENTITY" in text and "file:///finns-inte" in text
            continue
        root = ElementTree.fromstring(text)
        supplier = root.findtext(f"{CAC}AccountingSupplierParty/{CAC}Party/{CBC}EndpointID")
        key = str(supplier), str(root.findtext(f"{CBC}ID"))
        if key in ledger:
            stated = root.findtext(f"{CAC}LegalMonetaryTotal/{CBC}TaxExclusiveAmount") or ""
            assert ledger[key][0] == _ore(stated), path.name
            tied += 1
    assert tied >= 24
    for path in (directory / "prislistor").glob("*.xml"):
        assert ElementTree.fromstring(path.read_text(encoding="utf-8")).findtext(f"{CBC}ID")


def test_ties_are_invoices_of_the_ledger(directory: Path, truths: Truths) -> None:
    ledger, told = _ledger(directory), truths["invoices"]["ledger"]
    assert told["invoices"] == len(told["ties"]) > 50
    for one in told["ties"]:
        assert ledger[one["supplier_number"], one["invoice_number"]][0] == one["net_ore"]
        assert one["booked_on"].startswith(str(PERIOD))


def test_factors_say_that_they_are_made_up(directory: Path) -> None:
    with (directory / "utslappsfaktorer.csv").open(encoding="utf-8-sig", newline="") as handle:
        sources = {row["Källa"] for row in csv.DictReader(handle, delimiter=";")}
    assert sources == {FICTIONAL_SOURCE} and "Påhittade" in FICTIONAL_SOURCE


def test_the_organisation_file_translates_every_group_and_code(stated: Truths) -> None:
    words = {word: code for code, word in GROUP_WORDS.items()} | OUTSIDE_WORDS
    assert stated["orders"]["categories"] == words and UNTRANSLATED not in words
    assert stated["invoices"]["cpv_categories"] == CPV_CATEGORIES
    assert stated["reports"]["articles"]["large_item_limit_sek"] * 100 == LARGE_ITEM_ORE
    params = load_params(ROOT / "params/organisations/exempel.yml")
    assert all(getattr(params, part) is not None for part in get_args(ArticlePart))


# --- through the readers and measures -------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """Hold what the real readers make of the files."""

    taxonomy: pd.DataFrame
    rules: pd.DataFrame
    contracts: Any
    orders: Any
    invoices: Any
    invoice_lines: pd.DataFrame
    prices: Any
    indexes: pd.DataFrame
    tags: Any
    factors: pd.DataFrame

    @property
    def lines(self) -> pd.DataFrame:
        return _of_period(self.orders.lines)

    @property
    def registers(self) -> dict[str, Any]:
        return {
            "contracts": self.contracts.contracts,
            "scopes": self.contracts.scopes,
            "price_lists": self.prices.prices,
            "taxonomy": self.taxonomy,
            "buyers": ["Region Exempel"],
        }


def _of_period(lines: pd.DataFrame, year: int = PERIOD) -> pd.DataFrame:
    found: pd.DataFrame = lines[lines["bought_on"].dt.year == year].reset_index(drop=True)
    return found


@pytest.fixture(scope="module")
def sources(directory: Path, stated: Truths) -> Sources:
    masker = Masker(b"made up for tests")
    taxonomy = read_taxonomy(ROOT / "params/taxonomies/procanalysis.csv")

    def found(part: str) -> list[Path]:
        folder = directory / {"invoices": "e-fakturor", "price_lists": "prislistor"}.get(part, ".")
        return sorted(path for pattern in stated[part]["files"] for path in folder.glob(Path(pattern).name))

    def form(part: str) -> RegisterFormat:
        kept = {name: value for name, value in stated[part].items() if name not in ("files", "supplier_groups")}
        return RegisterFormat(**kept)

    plain: dict[str, Any] = {"taxonomy": taxonomy, "masker": masker}
    invoices = read_invoices(found("invoices"), masker=masker)
    cpv_categories, units = stated["invoices"]["cpv_categories"], {unit: unit for unit in UNITS}
    groups_of_companies = read_supplier_groups(directory / "koncerner.csv", masker)
    return Sources(
        taxonomy=taxonomy,
        rules=read_rules([ROOT / "params/mappings/exempel.csv"], masker=masker),
        contracts=read_contracts(found("contracts"), form("contracts"), **plain, groups=groups_of_companies),
        orders=read_orders(found("orders"), form("orders"), **plain, units=UNITS),
        invoices=invoices,
        invoice_lines=article_lines_of(invoices, taxonomy=taxonomy, cpv_categories=cpv_categories, units=units).lines,
        prices=read_catalogues(found("price_lists"), form("price_lists"), masker=masker),
        indexes=read_price_indexes(found("price_indexes"), form("price_indexes"), masker=masker).price_indexes,
        tags=read_article_tags(found("article_tags"), form("article_tags"), **plain),
        factors=read_emission_factors(found("emission_factors"), **plain).emission_factors,
    )


@pytest.fixture(scope="module")
def all_evidence(sources: Sources) -> Any:
    return proc.contract_loyalty.line_evidence(sources.orders.lines, **sources.registers)


@pytest.fixture(scope="module")
def evidence(all_evidence: Any) -> Any:
    """What is told of the period's order lines: of each by itself, so that the others do not matter."""
    return replace(all_evidence, lines=_of_period(all_evidence.lines))


def _rejected(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    kept = table[["file", "row_number", "column", "reason"]].fillna("")
    return sorted(kept.itertuples(index=False, name=None))


def _planted(told: list[Truths]) -> list[tuple[Any, ...]]:
    return sorted((Path(one["file"]).name, one["row_number"], one["column"], one["reason"]) for one in told)


def test_rejected_rows_are_those_that_are_planted(sources: Sources, truths: Truths) -> None:
    assert _rejected(sources.orders.rejected) == _planted(truths["orders"]["rejected_rows"])
    assert _rejected(sources.prices.rejected) == _planted(truths["price_lists"]["rejected_rows"])
    assert _rejected(sources.tags.rejected) == _planted(truths["article_tags"]["rejected_rows"])
    amounts = {one["row_number"]: one["amount_ore"] for one in truths["orders"]["rejected_rows"]}
    for row in sources.orders.rejected.to_dict("records"):
        assert (None if pd.isna(row["amount_ore"]) else row["amount_ore"]) == amounts[row["row_number"]]
    refused = dict(zip(sources.invoices.rejected["file"], sources.invoices.rejected["reason"], strict=True))
    assert refused == truths["invoices"]["rejected_files"]


def test_all_lines_are_read_and_none_differs_from_its_price(sources: Sources, truths: Truths) -> None:
    assert len(sources.orders.lines) == truths["orders"]["accepted"]["lines"]
    assert int(sources.orders.lines["amount_ore"].sum()) == truths["orders"]["accepted"]["amount_ore"]
    assert sources.orders.differences.empty
    assert sources.orders.control.unknown_categories == (UNTRANSLATED,)
    assert sources.orders.control.unknown_kinds == ()
    assert len(sources.prices.prices) == sum(truths["price_lists"]["rows_in_file"].values()) - 4
    assert len(sources.tags.article_tags) == truths["article_tags"]["rows"]
    assert set(sources.factors["source"]) == {FICTIONAL_SOURCE}


def _evidence_of(lines: pd.DataFrame) -> Truths:
    """Count lines and öre by strength, as the truths do: 1 to 5, and 0 for none."""
    strengths = {name: str(place) for place, name in enumerate(EVIDENCE, start=1)}
    grouped = lines.assign(strength=lines["evidence"].map(strengths).fillna("0")).groupby("strength")["amount_ore"]
    return {str(key): {"lines": len(part), "amount_ore": int(part.sum())} for key, part in grouped}


def test_evidence_is_what_each_line_was_planted_with(evidence: Any, truths: Truths) -> None:
    assert set(truths["loyalty"]["evidence"]) == set("012345")
    assert _evidence_of(evidence.lines) == truths["loyalty"]["evidence"]


@pytest.mark.parametrize("lou", ["none", "numerator", "both"])
def test_contract_loyalty_is_known_to_the_öre_in_every_way(
    evidence: Any, sources: Sources, truths: Truths, lou: Any
) -> None:
    told = truths["loyalty"] if lou == "none" else truths["loyalty"]["lou"][lou]
    figure = proc.contract_loyalty.contract_loyalty(evidence, lou=lou, rules=sources.rules, taxonomy=sources.taxonomy)
    assert figure.numerator is not None and figure.denominator is not None and figure.value is not None
    assert (figure.numerator * 100, figure.denominator * 100) == (told["proven_ore"], told["denominator_ore"])
    high = figure.value if figure.high is None else figure.high
    assert round(high * figure.denominator) == told["possible_ore"]
    if lou == "both":
        left_out = {one.amount_ore for one in figure.excluded}
        assert left_out == {one["amount_ore"] for one in truths["loyalty"]["lou"]["excluded"].values()}


def test_loyalty_without_large_items(evidence: Any, truths: Truths) -> None:
    found = proc.contract_loyalty.contract_loyalty_without_large(evidence, large_item_limit_ore=LARGE_ITEM_ORE)
    told = truths["loyalty"]["without_large_items"]
    without = found.compared[found.compared["selection"] == "without_large"]
    for name in ("proven_ore", "possible_ore", "denominator_ore"):
        assert without[name].tolist() == [told[name]]
    ids = found.items["document_number"] + "/" + found.items["line_number"]
    assert sorted(ids) == truths["loyalty"]["large_items"] != []


@pytest.mark.parametrize(
    ("by", "group"), [("unit", "by_unit"), ("supplier_key", "by_supplier"), ("category_code", "by_category")]
)
def test_loyalty_by_group_agrees(evidence: Any, truths: Truths, by: str, group: str) -> None:
    lines = evidence.lines
    found = {}
    for key, part in lines.groupby(lines[by].fillna("")):
        amounts = part["amount_ore"]
        found[str(key)] = {
            "proven_ore": int(amounts[part["contracted"] == "yes"].sum()),
            "possible_ore": int(amounts[part["contracted"] != "no"].sum()),
            "denominator_ore": int(amounts.sum()),
            "lines": len(part),
            "proven_lines": int((part["contracted"] == "yes").sum()),
        }
    assert found == truths["loyalty"][group]


def test_invoice_lines_have_the_evidence_that_is_planted(all_evidence: Any, sources: Sources, truths: Truths) -> None:
    lines = _of_period(sources.invoice_lines)
    found = proc.contract_loyalty.line_evidence(lines, **sources.registers, order_lines=all_evidence)
    told = truths["invoices"]["period"]
    assert (len(lines), int(lines["amount_ore"].sum())) == (told["lines"], told["amount_ore"])
    assert _evidence_of(found.lines) == told["evidence"]
    grouped = found.lines.groupby("contracted")["amount_ore"]
    answers = {key: {"lines": len(part), "amount_ore": int(part.sum())} for key, part in grouped}
    assert answers == told["contracted"]


def test_documents_and_credit_chains(sources: Sources, truths: Truths) -> None:
    told, documents = truths["invoices"], sources.invoices.invoices
    assert len(documents) == told["accepted_documents"]
    assert documents.groupby("currency")["tax_exclusive_ore"].sum().to_dict() == told["net_ore"]
    chains = sources.invoices.chains
    columns = ["supplier_key", "invoiced_ore", "credited_ore", "net_ore", "status"]
    found = sorted(chains[columns].itertuples(index=False, name=None))
    planted = sorted(tuple(one[name] for name in ("supplier_number", *columns[1:])) for one in told["credit_chains"])
    assert found == planted
    assert Counter(chains["status"]) == {"whole": 3, "part": 1, "alone": 1}


@pytest.fixture(scope="module")
def deviations(sources: Sources) -> Any:
    before = _of_period(sources.orders.lines, PERIOD - 1)
    prices = proc.article_prices.contract_prices_on(
        sources.lines, sources.prices.prices, sources.indexes, earlier_lines=before
    )
    return proc.article_prices.price_deviations(prices)


def test_overcharges_are_found_line_by_line(deviations: Any, truths: Truths) -> None:
    told, lines = truths["prices"], deviations.lines
    assert {"lines": len(lines), "amount_ore": int(lines["amount_ore"].sum())} == told["compared"]
    ids = lines["document_number"] + "/" + lines["line_number"]
    for name, sign in (("over", 1), ("under", -1)):
        column = lines["overcharge_ore"] if sign > 0 else lines["undercharge_ore"]
        found = {key: sign * int(value) for key, value in zip(ids, column, strict=True) if value}
        assert found == told[name]["of_line"]
        assert sum(found.values()) == told[name]["difference_ore"]
    assert told["over"]["lines"] > 5 and told["under"]["lines"] > 2


def test_overcharges_per_supplier_and_claims(deviations: Any, truths: Truths) -> None:
    told = truths["prices"]["by_supplier"]
    sums = deviations.lines.groupby("supplier_key")[["overcharge_ore", "undercharge_ore"]].sum()
    assert {key: (int(row.iloc[0]), -int(row.iloc[1])) for key, row in sums.iterrows()} == {
        key: (one["over_ore"], one["under_ore"]) for key, one in told.items()
    }
    contracts = proc.article_prices.claims(deviations).contracts
    for row in contracts.to_dict("records"):
        assert row["price_list_contract"] == told[row["supplier_key"]]["contract_id"]
        assert row["overcharge_ore"] == told[row["supplier_key"]]["over_ore"]
    assert int(contracts["overcharge_ore"].sum()) == truths["prices"]["over"]["difference_ore"]


def test_other_assortment_and_equivalents(evidence: Any, sources: Sources, truths: Truths) -> None:
    marked = sources.lines[sources.lines["assortment"] == "other"]
    assert {"lines": len(marked), "amount_ore": int(marked["amount_ore"].sum())} == truths["other_assortment"]
    for name, answers in (("not_proven", ["no", "possible"]), ("outside", ["no"])):
        outside = evidence.lines.loc[evidence.lines["contracted"].isin(answers), "line_id"]
        found = proc.article_prices.contracted_equivalents(
            sources.lines, sources.prices.prices, sources.indexes, outside_lines=set(outside), by=["standard"]
        ).lines
        told = truths["equivalents"][name]
        priced = found[found["reason"] == ""]
        ids = priced["document_number"] + "/" + priced["line_number"]
        assert sorted(ids) == told["line_ids"] != []
        assert int(priced["amount_ore"].sum()) == told["amount_ore"]
        assert int(priced["at_contract_ore"].sum()) == told["contract_ore"]


def test_articles_at_several_prices(sources: Sources, truths: Truths) -> None:
    lines = sources.lines[sources.lines["article_id"].notna() & (sources.lines["quantity"] > 0)]
    unit_price = [price / base for price, base in zip(lines["price_sek"], lines["base_quantity"], strict=True)]
    keys = ["supplier_key", "article_id", "quantity_unit"]
    counted = lines.assign(unit_price=unit_price).groupby(keys)["unit_price"].nunique()
    assert int((counted > 1).sum()) == truths["several_prices"]["articles"] > 5
    found = proc.article_prices.same_article_prices(sources.lines, between="month").articles
    assert len(found) > 0


def test_tags_are_met_on_their_days(evidence: Any, sources: Sources, truths: Truths) -> None:
    tagged = proc.environment.tagged_purchases(evidence.lines, sources.tags.article_tags, taxonomy=sources.taxonomy)
    kinds = proc.environment.tag_kinds(tagged).set_index("tag_kind")
    assert set(truths["tags"]) >= {"label", "climate_class"}
    for kind, told in truths["tags"].items():
        assert int(kinds.loc[kind, "judged_ore"]) == told["judged"]["amount_ore"]
        assert int(kinds.loc[kind, "tagged_ore"]) == told["tagged"]["amount_ore"]
        assert int(kinds.loc[kind, "lines_count"]) == told["tagged"]["lines"]
        if kind in set(tagged.tags["tag_kind"]):
            bought = proc.environment.tags_bought(tagged, kind=kind)
            assert dict(zip(bought["tag"], bought["tagged_ore"], strict=True)) == {
                tag: one["amount_ore"] for tag, one in told["by_tag"].items()
            }
        by_unit = proc.environment.tag_shares(tagged, "unit", kind=kind)
        of_unit = by_unit[by_unit["tagged_ore"] != 0]
        assert {row["unit"]: row["tagged_ore"] for row in of_unit.to_dict("records")} == {
            unit: one["amount_ore"] for unit, one in told["tagged_by_unit"].items()
        }


# --- through an opened organisation ---------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(example_project: Any, session_environment: None) -> Any:
    return proc.open_organisation("exempel")


@pytest.fixture(scope="module")
def of_project(example_project: Any) -> Truths:
    planted: Truths = example_project.truths["articles"]
    return planted


def test_an_opened_organisation_has_every_source(opened: Any, of_project: Truths) -> None:
    assert len(opened.all_order_lines) == of_project["orders"]["accepted"]["lines"]
    assert len(opened.order_lines) == of_project["orders"]["period"]["lines"]
    assert len(opened.invoices) == of_project["invoices"]["accepted_documents"]
    assert len(opened.all_invoice_lines) == of_project["invoices"]["lines"]["lines"]
    assert len(opened.credit_chains) == len(of_project["invoices"]["credit_chains"])
    assert len(opened.article_tags) == of_project["article_tags"]["rows"]
    assert opened.price_lists["contract_reference"].nunique() >= 4 and len(opened.price_indexes) == 2
    assert len(opened.emission_factors) == 5


def test_the_evidence_of_lines_is_found_once_and_kept(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    registers = {name: getattr(opened, name) for name in ("contracts", "scopes", "price_lists", "taxonomy")}
    ordered = proc.contract_loyalty.line_evidence(opened.all_order_lines, **registers)
    invoiced = proc.contract_loyalty.line_evidence(opened.all_invoice_lines, **registers, order_lines=ordered)
    assert opened.order_evidence.unknown_because == opened.invoice_evidence.unknown_because == ""

    def nobody_asks(*given: Any, **named: Any) -> None:
        raise AssertionError("what is kept was sought again")

    monkeypatch.setattr("procanalysis.organisation.articles.line_evidence", nobody_asks)
    for each in (opened, proc.open_organisation("exempel", "2024")):
        pd.testing.assert_frame_equal(each.order_evidence.lines, ordered.lines)
        pd.testing.assert_frame_equal(each.invoice_evidence.lines, invoiced.lines)


def test_without_lines_there_is_no_evidence_to_keep(without_registers: Any) -> None:
    for found in (without_registers.order_evidence, without_registers.invoice_evidence):
        assert found.lines.empty and found.unknown_because == proc.contract_loyalty.NO_LINES
    assert not list(without_registers.folder.glob("*_evidence*"))


def test_the_fifth_rung_is_what_the_lines_of_the_ledgers_invoices_prove(opened: Any, of_project: Truths) -> None:
    registers = {
        "contracts": opened.contracts,
        "scopes": opened.scopes,
        "price_lists": opened.price_lists,
        "taxonomy": opened.taxonomy,
        "buyers": ["Region Exempel"],
    }
    ordered = proc.contract_loyalty.line_evidence(opened.all_order_lines, **registers)
    invoiced = proc.contract_loyalty.line_evidence(opened.all_invoice_lines, **registers, order_lines=ordered)
    lines = proc.contract_loyalty.evidence_by_invoice(invoiced, ordered)
    planted = {
        f"{one['supplier_number']}|{one['invoice_number']}": one for one in of_project["invoices"]["ledger"]["ties"]
    }
    assert len(planted) > 20 and set(planted) <= set(lines["invoice_key"])
    proven = lines[lines["contracted"] == "yes"].groupby("invoice_key")["amount_ore"].sum()
    assert {key: int(proven.get(key, 0)) for key in planted} == {key: one["proven_ore"] for key, one in planted.items()}
    base = proc.loyalty.covered_purchases(opened.lines)
    rung = proc.loyalty.article_rung(base, lines)
    reached = base.on_highest_rung(as_then=False).set_index("invoice_key")
    met = reached[reached.index.isin(planted)]
    # Where no credit note has taken from the invoice, the parts are the lines' own sums.
    whole = met[[met.at[key, "proven_ore"] == planted[key]["net_ore"] for key in met.index]]
    known = sum(planted[key]["proven_ore"] for key in whole.index)
    rest = int(met["proven_ore"].sum() - whole["proven_ore"].sum())
    assert len(whole) > 5
    assert known <= rung.proven_ore <= known + rest
    assert rung.covered_ore == int(met["proven_ore"].sum())


def test_e_commerce_share_has_all_purchases_beside_it(opened: Any, of_project: Truths) -> None:
    ordered = proc.contract_loyalty.line_evidence(
        opened.order_lines, contracts=opened.contracts, scopes=opened.scopes, price_lists=opened.price_lists
    )
    figure = proc.contract_loyalty.e_commerce_share(ordered, opened.lines, include_investments=True)
    told = of_project["e_commerce"]
    assert figure.numerator is not None and figure.denominator is not None
    assert (figure.numerator * 100, figure.denominator * 100) == (told["ordered_ore"], told["bought_ore"])
