"""A general ledger read from SIE 4: transactions, vouchers, accounts, dimensions, balances, faults."""

from __future__ import annotations

from procanalysis.schema.columns import Column

_PLACE: tuple[Column, ...] = (
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file, from 1", True),
)

SIE_TRANSACTIONS: tuple[Column, ...] = (
    Column("line_id", "integer", "running number over the accepted rows, in the order of the file", True),
    *_PLACE,
    Column("series", "text", "the voucher's series; missing when the file has none"),
    Column("voucher_number", "text", "the voucher's number in its series; missing when the file has none"),
    Column("voucher_on", "date", "the voucher's date", True),
    Column("transaction_on", "date", "the row's own date, where it has one"),
    Column("account", "text", "account code as booked", True),
    Column("account_name", "text", "the account's name, where the file declares it"),
    Column("amount_ore", "integer", "amount in hundredths; debit positive, credit negative", True),
    Column("quantity", "decimal", "quantity, where the row has one"),
    Column("text", "text", "the row's text; missing when it has none"),
    Column("voucher_text", "text", "the voucher's text; missing when it has none"),
    Column("is_added", "integer", "1 when the row was added after the voucher was booked (#RTRANS), else 0", True),
    Column("unit", "text", "code in dimension 1: cost centre, kostnadsställe or resultatenhet"),
    Column("unit_name", "text", "its name, where the file declares it"),
    Column("project", "text", "code in dimension 6"),
    Column("project_name", "text", "its name, where the file declares it"),
)
"""One row per accepted #TRANS. Dimension n other than 1 and 6 follows as dimension_n and dimension_n_name when used."""

SIE_VOUCHERS: tuple[Column, ...] = (
    *_PLACE,
    Column("series", "text", "its series; missing when the file has none"),
    Column("voucher_number", "text", "its number in the series; missing when the file has none"),
    Column("voucher_on", "date", "its date; missing when it cannot be read"),
    Column("registered_on", "date", "the day it was registered, where the file says"),
    Column("text", "text", "its text; missing when it has none"),
    Column("rows", "integer", "accepted rows", True),
    Column("rows_rejected", "integer", "rejected rows", True),
    Column("rows_added", "integer", "those of the rows that were added afterwards (#RTRANS)", True),
    Column("rows_removed", "integer", "rows that were struck out afterwards (#BTRANS), in no sum", True),
    Column("debit_ore", "integer", "sum of the accepted debit rows", True),
    Column("credit_ore", "integer", "sum of the accepted credit rows, negative", True),
    Column("balance_ore", "integer", "debit and credit together: 0 when the voucher balances", True),
    Column("is_balanced", "integer", "1 when the balance is 0 and no row is rejected, else 0", True),
)
"""One row per #VER."""

SIE_ACCOUNTS: tuple[Column, ...] = (
    Column("account", "text", "account code", True),
    Column("account_name", "text", "its name"),
    Column("account_type", "text", "one of SIE_ACCOUNT_TYPES, where the file says"),
    Column("quantity_unit", "text", "the unit that quantities on it are in, where the file says"),
)
"""One row per account that the file declares."""

SIE_ACCOUNT_TYPES: dict[str, str] = {"T": "Tillgång", "S": "Skuld", "K": "Kostnad", "I": "Intäkt"}

SIE_DIMENSIONS: tuple[Column, ...] = (
    Column("dimension", "integer", "its number", True),
    Column("dimension_name", "text", "its name: the file's, else the standard's; missing when there is neither"),
    Column("parent_dimension", "integer", "the dimension that it is a part of (#UNDERDIM)"),
    Column("objects", "integer", "objects that the file declares in it", True),
    Column("rows", "integer", "accepted rows that name an object in it", True),
)
"""One row per dimension that the file declares or uses."""

SIE_OBJECTS: tuple[Column, ...] = (
    Column("dimension", "integer", "the dimension's number", True),
    Column("object", "text", "the object's code", True),
    Column("object_name", "text", "its name"),
)
"""One row per object that the file declares."""

SIE_STANDARD_DIMENSIONS: dict[int, str] = {
    1: "Kostnadsställe eller resultatenhet",
    2: "Kostnadsbärare",
    6: "Projekt",
    7: "Anställd",
    8: "Kund",
    9: "Leverantör",
    10: "Faktura",
}
"""The dimensions that the standard reserves, which a file need not declare."""

SIE_BALANCES: tuple[Column, ...] = (
    *_PLACE,
    Column("kind", "text", "one of SIE_BALANCE_KINDS", True),
    Column("year_number", "integer", "0 for the financial year of the file, -1 for the one before, and so on", True),
    Column("period", "text", "the month, as 201509, where the row has one"),
    Column("account", "text", "account code", True),
    Column("account_name", "text", "the account's name, where the file declares it"),
    Column("objects", "text", "dimension and object, as 1:Nord 6:0001, where the row has any"),
    Column("amount_ore", "integer", "the balance in hundredths; debit positive, credit negative", True),
    Column("quantity", "decimal", "quantity, where the row has one"),
)
"""One row per balance, result or budget that the file gives, as given."""

SIE_BALANCE_KINDS: dict[str, str] = {
    "IB": "Ingående balans",
    "UB": "Utgående balans",
    "RES": "Resultat",
    "OIB": "Ingående balans per objekt",
    "OUB": "Utgående balans per objekt",
    "PSALDO": "Periodens saldo",
    "PBUDGET": "Periodens budget",
}

SIE_ACCOUNT_CHECKS: tuple[Column, ...] = (
    Column("account", "text", "account code", True),
    Column("account_name", "text", "the account's name, where the file declares it"),
    Column("kind", "text", "UB or RES: which closing amount it is held against; missing when the file gives neither"),
    Column("opening_ore", "integer", "#IB of the file's financial year, 0 when the file gives none", True),
    Column("transactions_ore", "integer", "sum of the accepted rows dated in that year", True),
    Column("closing_ore", "integer", "#UB or #RES of that year; missing when the file gives neither"),
    Column("difference_ore", "integer", "opening and transactions less closing (0 when none is given)", True),
)
"""One row per account and closing amount, for a file that gives closing amounts of its financial year."""

SIE_FAULTS: tuple[Column, ...] = (
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "the row, from 1; missing when the fault is that of the whole file"),
    Column("fault", "text", "one of SIE_FAULT_KINDS", True),
    Column("meaning", "text", "what it means, in Swedish", True),
    Column("series", "text", "the voucher's series"),
    Column("voucher_number", "text", "the voucher's number"),
    Column("account", "text", "the account"),
    Column("amount_ore", "integer", "by how much, where it is a question of an amount"),
    Column("value", "text", "what stands there, masked where it is a personal number"),
)
"""One row per thing that a controller should know about the file, although it could be read."""

SIE_FAULT_KINDS: dict[str, str] = {
    "voucher_unbalanced": "Debet och kredit i verifikationen går inte jämnt ut",
    "voucher_row_rejected": "En rad i verifikationen är avvisad, så den är inte hel",
    "voucher_repeated": "Samma serie och nummer finns på en tidigare verifikation",
    "voucher_empty": "Verifikationen har inga rader",
    "voucher_outside_year": "Verifikationens datum ligger utanför räkenskapsåret",
    "voucher_without_brace": "Verifikationens rader börjar utan klammer",
    "added_row_alone": "Tillagd rad (#RTRANS) utan en likadan #TRANS, räknad en gång",
    "transaction_date_unreadable": "Radens datum kan inte läsas, så verifikationens gäller",
    "registered_date_unreadable": "Registreringsdatumet kan inte läsas",
    "quantity_unreadable": "Kvantiteten kan inte läsas och är utelämnad",
    "decimal_comma": "Decimalkomma i stället för decimalpunkt",
    "objects_unreadable": "Objektlistan kan inte läsas, så radens objekt är okända",
    "dimension_repeated": "Samma dimension två gånger på raden, så dess objekt är okänt",
    "account_undeclared": "Kontot används men finns inte i filens kontoplan",
    "account_differs": "Ingående balans och transaktioner stämmer inte med utgående balans eller resultat",
    "opening_sum": "Årets ingående balanser går inte jämnt ut",
    "closing_sum": "Årets utgående balanser och resultat går inte jämnt ut",
    "opening_differs": "Ingående balans skiljer sig från föregående års utgående balans",
    "year_unreadable": "Räkenskapsåret kan inte läsas",
    "declaration_unreadable": "Uppgiften om konto, dimension eller objekt kan inte läsas",
    "vouchers_missing": "Filen har inga verifikationer",
    "type_untrue": "Filen säger sig inte vara typ 4 men har verifikationer",
    "format_untrue": "Filen är inte skriven med den teckenkod som den säger",
    "characters_lost": "Tecken gick förlorade innan filen lämnades (första raden, och antalet rader)",
    "control_characters": "Styrtecken är borttagna (första raden, och antalet rader)",
    "quote_unclosed": "Ett citattecken avslutas inte på raden",
    "row_without_label": "Raden börjar varken med en etikett eller en klammer",
    "brace_alone": "Klammern hör inte till någon verifikation",
    "checksum_wrong": "Kontrollsumman stämmer inte med innehållet",
    "checksum_unreadable": "Kontrollsumman kan inte läsas",
    "already_read": "Filen är märkt som redan inläst i ett annat system (#FLAGGA 1)",
    "other_currency": "Beloppen är i en annan valuta än svenska kronor",
}
