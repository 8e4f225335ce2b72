"""The supplier ledger, its suppliers, its mapping to categories, and the rows of any input that were not accepted."""

from __future__ import annotations

from procanalysis.schema.columns import Column

LEDGER_LINES: tuple[Column, ...] = (
    Column("line_id", "integer", "running number over the accepted rows, in order of file and row", True),
    Column("file", "text", "input file, with the sheet after # for a workbook", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
    Column("buyer_id", "text", "the buyer's organisation number"),
    Column("buyer", "text", "the buyer's name"),
    Column("unit", "text", "the unit (förvaltning, nämnd) that bought"),
    Column("supplier_key", "text", "identity of the supplier: organisation number, masked code, or name", True),
    Column("supplier_name", "text", "one chosen name per supplier_key", True),
    Column("supplier_type", "text", "one of SUPPLIER_TYPES", True),
    Column("account", "text", "account code as booked"),
    Column("account_text", "text", "the account's text"),
    Column("project", "text", "project or activity code"),
    Column("text", "text", "free text of the row"),
    Column("invoice_key", "text", "supplier_key and invoice number (voucher number where there is none)"),
    Column("voucher_id", "text", "voucher number"),
    Column("booked_on", "date", "booking date; missing where the ledger has none"),
    Column("basis", "text", "grund: what the purchase rests on, as published"),
    Column("contract_reference", "text", "avtal: the contract, as published"),
    Column("amount_ore", "integer", "amount excluding VAT in hundredths; credit notes negative", True),
)
"""One row per posting (kontering) of the supplier ledger."""

MAPPED_COLUMNS: tuple[Column, ...] = (
    Column("rule_id", "text", "the rule that decided the row; missing when none did"),
    Column("tier", "text", "that rule's tier, one of TIERS"),
    Column("category_code", "text", "the category; missing when no rule decided the row"),
    Column("category_name", "text", "its name"),
    Column("category_path", "text", "codes from the main category down, joined by /: 05/05.02"),
    Column("main_category_code", "text", "the main category above it"),
    Column("main_category_name", "text", "that one's name"),
    Column("spend_class", "text", "one of SPEND_CLASSES; missing when no rule decided the row"),
    Column("lou_covered", "text", "one of LOU_COVERED; 'okänt' when no rule decided the row", True),
    Column("is_mapped", "integer", "1 when a rule above the default tier decided the row, else 0", True),
)
"""What `map_categories` adds to every ledger line."""

SUPPLIER_REGISTER: tuple[Column, ...] = (
    Column("supplier_key", "text", "identity of the supplier", True),
    Column("supplier_name", "text", "the chosen name", True),
    Column("supplier_type", "text", "one of SUPPLIER_TYPES", True),
    Column("number_as_written", "text", "the number as the ledger writes it, masked for sole traders"),
    Column("name_as_written", "text", "the name as the ledger writes it, masked for sole traders"),
    Column("number_status", "text", "one of NUMBER_STATUSES", True),
    Column("rows", "integer", "number of ledger lines", True),
    Column("amount_ore", "integer", "their sum", True),
)
"""One row per way in which the ledger writes a supplier (number and name together)."""

RULES: tuple[Column, ...] = (
    Column("rule_id", "text", "unique name of the rule", True),
    Column("tier", "text", "one of TIERS", True),
    Column("account", "text", "6440 (that account), 64* (accounts that begin so) or 6400-6499 (inclusive)"),
    Column("unit", "text", "the unit as the ledger names it"),
    Column("supplier", "text", "organisation number in any written form, or the name"),
    Column("project", "text", "the project code"),
    Column("text", "text", "words in account text, supplier name or row text; * stands for anything"),
    Column("valid_from", "date", "first day on which the rule holds"),
    Column("valid_to", "date", "last day on which the rule holds"),
    Column("category_code", "text", "a category of the tree", True),
    Column("spend_class", "text", "one of SPEND_CLASSES", True),
    Column("lou_covered", "text", "one of LOU_COVERED", True),
    Column("author", "text", "who decided, as a role", True),
    Column("decided_on", "date", "when", True),
    Column("reason", "text", "why", True),
)
"""One row per mapping rule. All conditions given must hold; none given means every row."""

TAXONOMY: tuple[Column, ...] = (
    Column("category_code", "text", "unique code", True),
    Column("parent_code", "text", "the category above; empty for a main category"),
    Column("name", "text", "name in Swedish", True),
    Column("description", "text", "what belongs here, and what does not"),
    Column("owner", "text", "the role that answers for the category (sakansvarig, strategiägare)"),
)
"""One row per category, of any depth."""

TIERS: dict[str, str] = {
    "override": "Undantag",
    "supplier": "Leverantör",
    "unit": "Enhet eller projekt",
    "account": "Konto",
    "text": "Text",
    "default": "Grundregel",
}
"""Tiers in the order in which they decide, with their Swedish names. The default tier does not count as mapped."""

SPEND_CLASSES: tuple[str, ...] = ("adresserbar", "ej adresserbar", "investering", "ej inköp")

LOU_COVERED: tuple[str, ...] = ("ja", "nej", "okänt")

SUPPLIER_TYPES: dict[str, str] = {
    "company": "Företag",
    "public": "Offentlig organisation",
    "association": "Förening eller stiftelse",
    "foreign": "Utländsk",
    "estate": "Dödsbo",
    "sole_trader": "Enskild firma eller privatperson",
    "unknown": "Okänd (utan giltigt organisationsnummer)",
}

NUMBER_STATUSES: dict[str, str] = {
    "valid": "Giltigt organisationsnummer",
    "personal": "Personnummer eller samordningsnummer",
    "checksum": "Fel kontrollsiffra",
    "malformed": "Felaktigt skrivet",
    "foreign": "Utländskt nummer",
    "internal": "Internt leverantörsnummer",
    "missing": "Nummer saknas",
}

REJECTED_ROWS: tuple[Column, ...] = (
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
    Column("column", "text", "the column at fault, as the file names it", True),
    Column("value", "text", "what stood there, masked where it is a personal number", True),
    Column("reason", "text", "one of REJECT_REASONS", True),
    Column("amount_ore", "integer", "the row's amount where it could be read"),
)
"""One row per row of an input file that was not accepted."""

REJECT_REASONS: dict[str, str] = {
    "amount_missing": "Belopp saknas",
    "amount_unreadable": "Beloppet kan inte läsas som ett tal",
    "amount_ambiguous": "Oklart om tecknet är decimaltecken eller tusentalsavgränsare",
    "amount_decimals": "Beloppet har fler än två decimaler",
    "amount_too_large": "Beloppet är större än vad ett belopp här kan vara",
    "account_missing": "Konto saknas",
    "date_missing": "Datum saknas",
    "date_unreadable": "Datumet kan inte läsas",
    "too_few_cells": "Raden har färre fält än rubrikraden",
    "too_many_cells": "Raden har fler fält än rubrikraden",
    "shifted": "Värdena är förskjutna mellan kolumnerna",
    "totals_row": "Summarad",
    "repeated_header": "Rubrikraden upprepas",
    "repeated_delivery": "Samma leverans lämnad två gånger",
    "id_missing": "Numret som raden känns igen på saknas",
    "id_repeated": "Samma nummer står på en tidigare rad",
    "rows_differ": "Raden säger något annat än en tidigare rad med samma avtalsnummer",
    "title_missing": "Benämning saknas",
    "suppliers_unpaired": "Olika många leverantörsnamn och organisationsnummer på raden",
    "supplier_missing": "Leverantören går inte att fastställa",
    "kind_unknown": "Slaget av uppföljning saknas eller är okänt",
    "status_unknown": "Läget i upphandlingen saknas eller är okänt",
    "count_unreadable": "Värdet kan inte läsas som ett heltal",
    "answer_unreadable": "Svaret är varken ja eller nej",
    "options_unreadable": "Optionerna kan inte läsas som månader",
    "options_too_many": "Fler utnyttjade optioner än avtalet har",
    "ends_before_start": "Slutdatum ligger före startdatum",
    "number_unreadable": "Värdet kan inte läsas som ett tal med högst sex decimaler",
    "number_not_positive": "Talet ska vara större än noll",
    "number_zero": "Talet ska vara något annat än noll",
    "share_outside": "Andelen ska vara större än 0 och högst 100 %",
    "shares_sum": "Andelarna för upphandlingen är tillsammans inte exakt 100 %",
    "receiver_unknown": "Mottagarens slag är varken organisation eller enhet",
    "receiver_missing": "Mottagaren saknas",
    "procurement_unknown": "Upphandlingen finns inte bland de tilldelade",
    "article_unknown": "Artikeln finns inte bland upphandlingens priser",
    "year_unreadable": "Räkenskapsårets nummer kan inte läsas",
    "objects_unreadable": "Objektlistan avslutas inte, så beloppet kan inte urskiljas",
    "outside_voucher": "Raden står utanför en verifikation",
    "balance_repeated": "Samma saldo är lämnat på en tidigare rad",
    "other_currency": "Beloppet är i en annan valuta än svenska kronor",
    "award_not_active": "Tilldelningen gäller inte",
    "file_compressed": "Filen är komprimerad; packa upp den först",
    "file_too_large": "Filen är större, djupare eller har fler delar än en e-faktura eller prislista kan ha",
    "encoding_unknown": "Filens teckenkodning är okänd eller säger emot sig själv",
    "xml_unreadable": "Filen är inte läsbar XML",
    "xml_unsafe": "Filen har en dokumenttyp (DTD) eller entiteter, som inte får stå i ett Peppoldokument",
    "document_unknown": "Filen är inte ett dokument i Peppol av det slag som läses här",
    "document_incomplete": "En uppgift som dokumentet måste ha saknas",
    "element_repeated": "En uppgift som bara får stå en gång står flera gånger",
    "type_contradicts": "Dokumentets typkod säger emot att det är en faktura eller kreditfaktura",
    "currencies_mixed": "Dokumentet har belopp i en annan valuta än sin egen",
    "figure_unreadable": "Värdet kan inte läsas som ett tal",
    "figure_negative": "Talet får inte vara negativt",
    "price_disagrees": "Nettopriset är inte bruttopriset minus prisrabatten",
    "totals_disagree": "Dokumentets summor stämmer inte",
    "document_differs": "Samma säljare, nummer och datum som ett tidigare dokument, men annat innehåll",
    "currency_unreadable": "Valutan är inte tre bokstäver, som i SEK",
    "line_repeated": "Samma orderrad står tidigare",
    "line_differs": "Samma ordernummer och radnummer står tidigare, med annat innehåll",
    "line_cancelled": "Orderraden är makulerad",
    "contract_missing": "Avtalet saknas",
    "index_missing": "Indextalet saknas",
    "periods_overlap": "Perioden överlappar en annan rad för samma avtal",
    "price_differs": "Artikeln har flera priser för samma enhet, mängd och tid",
    "category_unknown": "Kategorin saknas eller finns inte i kategoriträdet",
    "tag_kind_unknown": "Slaget av märkning saknas eller är okänt",
    "tag_missing": "Märkningen saknas",
    "tag_target_missing": "Raden säger varken vilken artikel eller vilken kategori som är märkt",
    "tags_contradict": "Raden och en annan rad om samma artikel eller kategori säger emot varandra",
    "source_missing": "Källan saknas",
    "factor_missing": "Utsläppsfaktorn saknas",
    "factor_differs": "Kategorin har flera faktorer för samma prisår",
    "price_year_missing": "Prisåret saknas eller är inget årtal",
}
