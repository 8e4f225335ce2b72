"""The sources of articles in an organisation file: opened, reckoned up, kept, and read again when they change."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from procanalysis.cli import app
from procanalysis.errors import InputError, ParamsError
from procanalysis.organisation import Organisation, open_organisation, preparing
from procanalysis.organisation.article_sources import ARTICLE_PARTS, ARTICLE_SOURCE_NAMES, ARTICLE_TABLES
from procanalysis.params import load_organisation_params
from procanalysis.schema import names

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<Invoice>&c;</Invoice>"""
LEDGER = """leverantor;leverantor_id;konto_nr;belopp;datum;forvaltning;fakturanummer
Handskbolaget AB;556016-0680;6440;300,00;2025-03-10;Akutsjukvården;F1
Handskbolaget AB;556016-0680;6440;100,00;2025-04-10;Akutsjukvården;F2
Handskbolaget AB;556016-0680;6440;100,00;2025-04-10;Primärvården;F2
Anna Andersson;900101-0017;6440;50,00;2025-05-10;Primärvården;F3
"""
RULES = """rule_id,tier,account,unit,supplier,text,category_code,spend_class,lou_covered,author,decided_on,reason
mat,account,64*,,,,02.01,adresserbar,ja,kategoriledare,2025-01-01,Prov.
"""
TREE = "category_code,parent_code,name,description,owner\n02,,Sjukvårdsmaterial,,\n02.01,02,Handskar,,\n"
PARAMS = """name: Provregionen
period: "2025"
ledger: {files: ["../../data/reskontra.csv"]}
mapping: {taxonomy: ../tree.csv, rules: [../rules.csv]}
"""
PARTS = """orders:
  files: ["../../data/order-*.csv"]
  categories: {Handskar: "02.01"}
invoices:
  files: ["../../data/fakturor/*.xml"]
  cpv_categories: {"1842": "02.01"}
price_lists:
  files: ["../../data/prislista.csv"]
  columns: {price: Kr/st}
price_indexes: {files: ["../../data/index.csv"]}
article_tags: {files: ["../../data/markning.csv"]}
emission_factors: {files: ["../../data/faktorer.csv"]}
"""
ORDERS = """Ordernr;Radnr;Orderdatum;Beställarenhet;Leverantör;Orgnr;Artikelnr;Varugrupp;Antal;Enhet;Pris;Belopp
B0;1;2024-06-01;Akutsjukvården;Handskbolaget AB;556016-0680;H-M;Handskar;10;st;3,10;31,00
B1;1;2025-03-01;Akutsjukvården;Handskbolaget AB;556016-0680;H-M;Handskar;100;st;3,1275;312,75
B1;2;2025-03-01;Akutsjukvården;Handskbolaget AB;556016-0680;H-X;Vantar;10;st;5;49,00
B1;2;2025-03-01;Akutsjukvården;Handskbolaget AB;556016-0680;H-X;Vantar;10;st;5;49,00
B2;1;2026-01-01;Primärvården;Handskbolaget AB;556016-0680;H-M;Handskar;1;st;3,13;3,13
"""
FILES = {
    "data/reskontra.csv": LEDGER,
    "params/rules.csv": RULES,
    "params/tree.csv": TREE,
    "data/order-2025.csv": ORDERS,
    "data/prislista.csv": "Avtalsnummer;Organisationsnummer;Leverantör;Artikelnummer;Kr/st;Enhet\n"
    "A1;556016-0680;Handskbolaget AB;H-M;3,05;styck\nA1;556016-0680;Handskbolaget AB;H-L;-1;st\n",
    "data/index.csv": "Avtal;Gäller från;Indexandel;Basindex;Aktuellt index\nA1;2025-01-01;80;100;105,5\n"
    "A2;2025-01-01;80;100;\n",
    "data/markning.csv": "Leverantör;Organisationsnummer;Artikelnummer;Slag av märkning;Märkning\n"
    "Handskbolaget AB;556016-0680;H-M;miljömärke;Svanen\nHandskbolaget AB;556016-0680;H-L;färg;Blå\n",
    "data/faktorer.csv": "Kategori;Kg CO2e per krona;Prisår;Inklusive moms;Källa\n02;0,0312;2023;nej;Egen\n"
    "77;0,1;2023;nej;Egen\n",
    "data/fakturor/bomb.xml": BOMB,
}


def invoice(
    number: str, *, price: str = "3", quantity: str = "100", amount: str = "300.00", currency: str = "SEK",
    allowance: str = "0.00", issued: str = "2025-03-04", kind: str = "Invoice", earlier: str = "",
) -> str:  # fmt: skip
    """Write a document of one line without VAT."""
    money = f'currencyID="{currency}"'
    vat = "<cbc:ID>E</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    of, counted = ("CreditNote", "CreditedQuantity") if kind == "CreditNote" else ("Invoice", "InvoicedQuantity")
    total = Decimal(amount) - Decimal(allowance)
    taken_off = (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
        f"<cbc:Amount {money}>{allowance}</cbc:Amount><cac:TaxCategory>{vat}</cac:TaxCategory></cac:AllowanceCharge>"
    )
    reference = (
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{earlier}</cbc:ID>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{UBL}{kind}-2" xmlns:cac="{UBL}CommonAggregateComponents-2" xmlns:cbc="{UBL}CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate>
<cbc:{of}TypeCode>{381 if kind == "CreditNote" else 380}</cbc:{of}TypeCode>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>{reference if earlier else ""}
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity>
<cbc:RegistrationName>Handskbolaget AB</cbc:RegistrationName><cbc:CompanyID>5560160680</cbc:CompanyID>
</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Regionen</cbc:RegistrationName>
</cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>{taken_off if allowance != "0.00" else ""}
<cac:TaxTotal><cbc:TaxAmount {money}>0.00</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount {money}>{total}</cbc:TaxableAmount><cbc:TaxAmount {money}>0.00</cbc:TaxAmount>
<cac:TaxCategory>{vat}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount {money}>{amount}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount {money}>{total}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount {money}>{total}</cbc:TaxInclusiveAmount>
<cbc:AllowanceTotalAmount {money}>{allowance}</cbc:AllowanceTotalAmount>
<cbc:PayableAmount {money}>{total}</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:{of}Line><cbc:ID>1</cbc:ID><cbc:{counted} unitCode="C62">{quantity}</cbc:{counted}>
<cbc:LineExtensionAmount {money}>{amount}</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Handske</cbc:Name><cac:CommodityClassification>
<cbc:ItemClassificationCode listID="STI">18424300</cbc:ItemClassificationCode></cac:CommodityClassification>
<cac:ClassifiedTaxCategory>{vat}</cac:ClassifiedTaxCategory></cac:Item>
<cac:Price><cbc:PriceAmount {money}>{price}</cbc:PriceAmount></cac:Price></cac:{of}Line></{kind}>"""


DOCUMENTS = {
    "f1.xml": invoice("F1", price="3.000000000001", allowance="10.00"),
    "f2.xml": invoice("F2", quantity="40", amount="120.00"),
    "f2k.xml": invoice("K2", quantity="40", amount="120.00", kind="CreditNote", earlier="F2"),
    "f3.xml": invoice("F3", currency="EUR"),
    "f4.xml": invoice("F4", amount="301.00"),
    "f0.xml": invoice("F0", issued="2024-03-04"),
    "trasig.xml": invoice("F9")[:900],
}


@dataclass(frozen=True)
class Project:
    root: Path

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with every source, prepared once."""
    root = tmp_path_factory.mktemp("projekt")
    project = Project(root)
    for name, text in FILES.items():
        project.write(name, text)
    for name, text in DOCUMENTS.items():
        project.write(f"data/fakturor/{name}", text)
    project.write("params/organisations/prov.yml", PARAMS + PARTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(root))
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        patch.setenv("PROCANALYSIS_MASK_KEY", "prov")
        open_organisation("prov")
    return root


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of it, to be changed."""
    shutil.copytree(made, tmp_path / "projekt")
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path / "projekt"))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    monkeypatch.setenv("PROCANALYSIS_MASK_KEY", "prov")
    return Project(tmp_path / "projekt")


@pytest.fixture
def org(project: Project) -> Organisation:
    return open_organisation("prov")


def test_lines_are_those_of_the_period_and_of_the_one_before(org: Organisation) -> None:
    assert org.order_lines["document_number"].tolist() == ["B1", "B1"]
    assert org.order_lines_before["document_number"].tolist() == ["B0"]
    assert org.all_order_lines["document_number"].tolist() == ["B0", "B1", "B1", "B2"]
    assert org.order_lines["category_code"].fillna("").tolist() == ["02.01", ""]
    assert org.invoice_lines["document_number"].tolist() == ["F1", "F2", "K2"]
    assert org.invoice_lines_before["document_number"].tolist() == ["F0"]
    assert org.article_lines_before(org.invoice_lines).equals(org.invoice_lines_before)
    assert org.article_lines_before(org.order_lines).equals(org.order_lines_before)
    assert len(org.all_invoice_lines) == 4
    assert set(org.invoice_lines["category_code"]) == {"02.01"}


def test_decimals_come_back_exactly_as_they_were_written(org: Organisation) -> None:
    assert org.invoice_lines["price_sek"][0] == Decimal("3.000000000001")
    assert str(org.order_lines["price_sek"][0]) == "3.1275"
    assert str(org.order_lines["quantity"][0]) == "100"
    assert [str(value) for value in org.price_indexes.loc[0, ["indexed_share_pct", "index_now"]]] == ["80", "105.5"]
    for name in ("order_lines", "invoice_lines", "price_lists", "emission_factors"):
        frame, table = getattr(org, name), ARTICLE_TABLES[name]
        assert list(frame.columns) == names(table)
        for column in table:
            kinds = {"text": "str", "date": "datetime64[us]", "decimal": "object"}
            kind = kinds.get(column.type) or ("int64" if column.required else "Int64")
            assert str(frame[column.name].dtype) == kind, column.name
            if column.type == "decimal":
                assert {type(value) for value in frame[column.name]} <= {Decimal, type(None)}, column.name


def test_the_unit_of_an_invoice_is_the_one_that_the_ledger_books_it_on(org: Organisation) -> None:
    units = dict(zip(org.invoice_lines["document_number"], org.invoice_lines["unit"].fillna(""), strict=True))
    assert units == {"F1": "Akutsjukvården", "F2": "", "K2": ""}


def test_units_and_articles_are_written_alike_in_all_sources(org: Organisation) -> None:
    assert set(org.order_lines["quantity_unit"]) == set(org.invoice_lines["quantity_unit"]) == {"EA"}
    assert org.price_lists["unit_code"].tolist() == ["EA"]
    keys = {frame["supplier_key"][0] for frame in (org.order_lines, org.invoice_lines, org.price_lists)}
    assert keys == {org.article_tags["supplier_key"][0]} == {"5560160680"}


def test_every_source_is_reckoned_up_and_its_rejected_rows_told(org: Organisation) -> None:
    registers = org.registers.set_index("register")
    columns = ["rows_read_count", "rows_accepted_count", "rows_rejected_count"]
    assert registers[columns].apply(tuple, axis=1).to_dict() == {
        "Orderrader": (5, 4, 1),
        "E-fakturor": (8, 5, 3),
        "Avtalsprislistor": (2, 1, 1),
        "Prisindex": (2, 1, 1),
        "Märkning av artiklar": (2, 1, 1),
        "Utsläppsfaktorer": (2, 1, 1),
    }
    told = dict(zip(org.rejected_in_registers["file"], org.rejected_in_registers["reason"], strict=True))
    assert told == {
        "order-2025.csv": "line_repeated", "bomb.xml": "xml_unsafe", "trasig.xml": "xml_unreadable",
        "f4.xml": "totals_disagree", "prislista.csv": "figure_negative", "index.csv": "index_missing",
        "markning.csv": "tag_kind_unknown", "faktorer.csv": "category_unknown",
    }  # fmt: skip
    assert org.rejected_in_registers["reason_name"].notna().all()
    assert {item["path"] for item in org.inputs} >= {"order-2025.csv", "bomb.xml", "f1.xml", "index.csv"}
    assert registers["unknown_words"]["Orderrader"] == "Vantar"


def test_what_a_controller_should_know_is_noted(org: Organisation) -> None:
    notes = org.registers.set_index("register")["note"]
    assert notes["Orderrader"].startswith("1 av 4 orderrader")
    assert org.order_differences[["stated_ore", "reckoned_ore"]].values.tolist() == [[4_900, 5_000]]
    assert notes["E-fakturor"] == (
        "E-fakturor i annan valuta (EUR): 1, vars rader (1) inte ingår i fakturaraderna. "
        "Rabatter (10,00 kr) och avgifter (0,00 kr) på hela fakturor hör inte till någon rad och är inte fördelade."
    )


def test_öre_add_up_per_source(org: Organisation) -> None:
    orders, invoices = (org.facts["registers"][part] for part in ("orders", "invoices"))
    for control in (orders, invoices):
        assert control["amount_read_ore"] == control["amount_accepted_ore"] + control["amount_rejected_ore"]
    assert orders["amount_accepted_ore"] == org.all_order_lines["amount_ore"].sum()
    in_kronor = org.invoices[org.invoices["currency"] == "SEK"]
    assert invoices["amount_accepted_ore"] == in_kronor["tax_exclusive_ore"].sum()
    assert org.all_invoice_lines["amount_ore"].sum() == in_kronor["tax_exclusive_ore"].sum() + 1_000
    assert org.credit_chains[["net_ore", "status"]].values.tolist() == [[0, "whole"]]


def test_an_organisation_without_sources_has_no_rows(project: Project) -> None:
    project.write("params/organisations/prov.yml", PARAMS)
    org = open_organisation("prov")
    for name, table in ARTICLE_TABLES.items():
        frame = getattr(org, {"invoice_lines": "all_invoice_lines"}.get(name, name))
        assert len(frame) == 0 and list(frame.columns) == names(table)
    assert len(org.order_lines_before) == 0 and str(org.order_lines["bought_on"].dtype) == "datetime64[us]"
    assert org.registers.empty
    assert "saknas" in org.article_source.text


def test_check_tells_of_every_source(project: Project) -> None:
    found = CliRunner().invoke(app, ["check", "prov"])
    assert found.exit_code == 0, found.output
    for name in ARTICLE_SOURCE_NAMES.values():
        assert name in found.output
    assert "8 rejected rows" in found.output
    assert "395.88 accepted + 49.00 rejected" in " ".join(found.output.split())
    problems = (project.root / "reports" / "prov" / "problems.csv").read_text(encoding="utf-8-sig")
    assert "bomb.xml" in problems and "Samma orderrad står tidigare" in problems


def test_check_keeps_no_list_of_what_is_mended(project: Project) -> None:
    project.write("params/organisations/prov.yml", PARAMS)  # without the sources whose rows are rejected
    listed = project.root / "reports" / "prov" / "problems.csv"
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text("fil;rad\n", encoding="utf-8")
    found = CliRunner().invoke(app, ["check", "prov"])
    assert found.exit_code == 0 and "rejected rows" not in found.output, found.output
    assert not listed.exists()


CHANGES = {
    "a file": lambda project: project.write("data/fakturor/f5.xml", invoice("F5")),
    "a row": lambda project: project.write("data/order-2025.csv", ORDERS.replace("312,75", "312,76")),
    "a setting": lambda project: project.write(
        "params/organisations/prov.yml", PARAMS + PARTS.replace('{Handskar: "02.01"}', '{Vantar: "02.01"}')
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_source_is_prepared_anew(project: Project, change: str) -> None:
    before = preparing._preparation_key(load_organisation_params("prov"))
    CHANGES[change](project)
    assert preparing._preparation_key(load_organisation_params("prov")) != before


def test_whom_the_ledger_hides_is_hidden_where_no_number_tells(project: Project) -> None:
    project.write("params/organisations/prov.yml", PARAMS + 'orders: {files: ["../../data/utan-nummer.csv"]}\n')
    rows = ("Anna Andersson;Tavla", "Handskbolaget AB;Arbete av ANDERSSON ANNA", "Anna Anderssons Bygg AB;Spik")
    listed = (f"B1;{row};2025-03-04;{seller};10,00" for row, seller in enumerate(rows, start=1))
    project.write(
        "data/utan-nummer.csv", "\n".join(("Ordernummer;Radnr;Orderdatum;Leverantör;Artikelnamn;Belopp", *listed))
    )
    lines = open_organisation("prov").all_order_lines
    assert lines["supplier_key"].str.startswith("dold:").tolist() == [True, False, False]
    assert lines["article_name"].tolist() == ["Tavla", "Arbete av [namn dolt]", "Spik"]
    kept = lines.drop(index=2).to_csv().casefold()
    assert "anna" not in kept and "andersson" not in kept


def test_a_file_that_is_moved_to_another_part_is_prepared_anew(project: Project) -> None:
    keys = []
    for name in ("a", "b", "c"):
        project.write(f"data/{name}.csv", name)
    for orders, prices in ((["a", "b"], ["c"]), (["a"], ["b", "c"])):
        listed = ({"files": [f"../../data/{name}.csv" for name in each]} for each in (orders, prices))
        parts = yaml.safe_dump(dict(zip(("orders", "price_lists"), listed, strict=True)))
        project.write("params/organisations/prov.yml", PARAMS + parts)
        keys.append(preparing._preparation_key(load_organisation_params("prov")))
    assert keys[0] != keys[1]


def test_an_unchanged_one_is_not_read_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(preparing, "prepare_registers", refuse)
    assert len(open_organisation("prov").order_lines) == 2


def test_only_bad_invoices_stop_with_their_reason(project: Project) -> None:
    for name in DOCUMENTS.keys() - {"trasig.xml"}:
        (project.root / "data" / "fakturor" / name).unlink()
    with pytest.raises(InputError, match=r"not one of 2 document\(s\)"):
        open_organisation("prov")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("price: Kr/st", "pris: Kr/st", "unknown column 'pris'. Did you mean 'price'"),
        ("orders:", "order:", "unknown key 'order'"),
        ("../../data/index.csv", "../../data/saknas.csv", "price_indexes.files: there is no file"),
        ('{"1842": "02.01"}', '{"1842": "99"}', "invoices.cpv_categories: '1842' is said to be '99'"),
    ],
)
def test_a_mistake_in_the_file_is_told(project: Project, old: str, new: str, words: str) -> None:
    assert PARTS.count(old) == 1
    project.write("params/organisations/prov.yml", PARAMS + PARTS.replace(old, new))
    with pytest.raises((ParamsError, InputError)) as found:
        open_organisation("prov")
    assert words in str(found.value)


def test_parameters_of_the_reports(project: Project) -> None:
    defaults = load_organisation_params("prov").reports.articles
    assert (defaults.price_tolerance_pct, defaults.large_item_limit_ore) == (0, 500_000_000)
    assert defaults.e_commerce_target_pct is None
    more = "reports:\n  articles: {price_tolerance_pct: 0.5, large_item_limit_sek: 1000, e_commerce_target_pct: 70}\n"
    project.write("params/organisations/prov.yml", PARAMS + more)
    chosen = load_organisation_params("prov").reports.articles
    assert (chosen.price_tolerance_pct, chosen.large_item_limit_ore, chosen.e_commerce_target_pct) == (
        Decimal("0.5"), 100_000, Decimal(70))  # fmt: skip


def test_every_part_has_a_name_and_a_table() -> None:
    assert set(ARTICLE_PARTS) == set(ARTICLE_SOURCE_NAMES)
    assert all(isinstance(table, tuple) for table in ARTICLE_TABLES.values())


@pytest.mark.real_data
def test_the_real_documents_open_with_an_organisation(project: Project, real_data: Path) -> None:
    folder = project.root / "data" / "riktiga"
    folder.mkdir()
    for path in (real_data / "e-invoices").glob("*.xml"):
        shutil.copy(path, folder / path.name)
    parts = (
        'invoices: {files: ["../../data/riktiga/[IM]*.xml"]}\nprice_lists: {files: ["../../data/riktiga/Cat*.xml"]}\n'
    )
    project.write("params/organisations/prov.yml", PARAMS + parts)
    org = open_organisation("prov")
    assert len(org.invoices) == org.facts["registers"]["invoices"]["rows_accepted"] >= 4
    assert org.price_lists["article_id"].tolist() == ["MNTR011", "MNTR012"]
    assert isinstance(org.invoices["issued_on"].min(), pd.Timestamp)


def test_a_general_ledger_is_a_ledger_of_an_organisation(project: Project) -> None:
    project.write(
        "data/bok.se",
        "#FLAGGA 0\n#SIETYP 4\n#FNAMN Bolaget\n#RAR 0 20250101 20251231\n#KONTO 6440 Handskar\n"
        "#OBJEKT 9 5560160680 Handskbolaget\n#VER A 7 20250304 Handskar\n{\n"
        "#TRANS 6440 {9 5560160680} 300.00\n#TRANS 2440 {} -299.00\n}\n",
    )
    text = PARAMS.replace('{files: ["../../data/reskontra.csv"]}', '{files: [../../data/bok.se], accounts: ["6"]}')
    project.write("params/organisations/prov.yml", text)
    org = open_organisation("prov")
    assert org.reconciliation["lines_count"].tolist()[:3] == [1, 0, 1]
    assert org.reconciliation["amount_exact_ore"].tolist()[:3] == [30_000, 0, 30_000]
    assert org.files["note"].tolist() == [
        "Verifikationer som inte går ihop: A 7 (1,00 kr). "
        "1 rader (−299,00 kr) på andra konton än de som börjar på 6 ingår inte."
    ]
    assert "A 7 (1,00 kr)" in " ".join(CliRunner().invoke(app, ["check", "prov"]).output.split())
    before = org.folder
    project.write("params/organisations/prov.yml", text.replace('["6"]', '["2", "6"]'))
    changed = open_organisation("prov")
    assert changed.folder != before
    assert changed.reconciliation["lines_count"][0] == 2
