"""Cast a ledger's text to amounts in hundredths and dates, with a reason for every value that cannot be cast.

The work is done in SQL over whole columns. A value is never guessed: where a sign can be a decimal sign or a thousands
separator, the other values of the same file decide, and when they cannot, the row is rejected and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

_SPACES = r"[\s\p{Zs}\x{200b}\x{feff}]"
_CURRENCY = r"(?i)(kr|sek|gbp|eur|£|€|:-)"

MACROS = rf"""
CREATE OR REPLACE MACRO trimmed(v) AS regexp_replace(coalesce(v, ''), '^{_SPACES}+|{_SPACES}+$', '', 'g');
CREATE OR REPLACE MACRO blank(v) AS NOT regexp_matches(coalesce(v, ''), '[^\s\p{{Zs}}\x{{200b}}\x{{feff}}]');
CREATE OR REPLACE MACRO filled(v) AS CASE
    WHEN regexp_full_match(v, '[!-,.-~À-ÿ][!-~À-ÿ]*( [!-~À-ÿ]+)*') THEN v
    WHEN trimmed(v) IN ('', '-', '–') THEN NULL
    ELSE regexp_replace(trimmed(v), '{_SPACES}+', ' ', 'g') END;
-- Most amounts are plain already, and need none of the work below.
CREATE OR REPLACE MACRO is_plain(v) AS regexp_full_match(v, '-?[0-9]+([.,][0-9]{{1,2}})?');
CREATE OR REPLACE MACRO plain_signs(v) AS regexp_replace(trimmed(v), '[−–‐‑]', '-', 'g');
CREATE OR REPLACE MACRO without_currency(v) AS
    trimmed(regexp_replace(regexp_replace(plain_signs(v), '^{_CURRENCY}', ''), '{_CURRENCY}$', ''));
-- A bracketed amount and a trailing minus are both ways to write a negative one.
CREATE OR REPLACE MACRO leading_minus(v) AS CASE
    WHEN regexp_full_match(v, '\(.+\)') THEN '-' || trimmed(v[2:-2])
    WHEN regexp_full_match(v, '[^-]+-') THEN '-' || trimmed(v[1:-2])
    ELSE regexp_replace(v, '^([+-]){_SPACES}+', '\1') END;
-- Spaces and apostrophes are taken away only where they stand between groups of three digits.
CREATE OR REPLACE MACRO ungrouped(v) AS CASE
    WHEN regexp_full_match(v, '[+-]?[0-9]{{1,3}}((?:{_SPACES}|[''’])[0-9]{{3}})+([.,][0-9]+)?')
    THEN regexp_replace(v, '{_SPACES}|[''’]', '', 'g') ELSE v END;
CREATE OR REPLACE MACRO is_ambiguous(v) AS regexp_full_match(v, '[+-]?[1-9][0-9]{{0,2}}[.,][0-9]{{3}}');
CREATE OR REPLACE MACRO decimal_sign(v) AS CASE
    WHEN is_ambiguous(v) THEN NULL
    WHEN regexp_full_match(v, '[+-]?[0-9]{{1,3}}(\.[0-9]{{3}})+,[0-9]+|[+-]?[0-9]*,[0-9]+') THEN ','
    WHEN regexp_full_match(v, '[+-]?[0-9]{{1,3}}(,[0-9]{{3}})+\.[0-9]+|[+-]?[0-9]*\.[0-9]+') THEN '.'
    WHEN regexp_full_match(v, '[+-]?[1-9][0-9]{{0,2}}(\.[0-9]{{3}}){{2,}}') THEN ','
    WHEN regexp_full_match(v, '[+-]?[1-9][0-9]{{0,2}}(,[0-9]{{3}}){{2,}}') THEN '.' END;
-- The number with a point and no separators; NULL when it is not a number in this file's way of writing.
CREATE OR REPLACE MACRO point_number(v, sign) AS CASE
    WHEN is_plain(v) THEN replace(v, ',', '.')
    WHEN regexp_full_match(v, '[+-][0-9]+') THEN v
    WHEN is_ambiguous(v) AND sign IS NULL THEN NULL
    WHEN is_ambiguous(v) AND v LIKE '%' || sign || '%' THEN replace(v, sign, '.')
    WHEN is_ambiguous(v) THEN regexp_replace(v, '[.,]', '', 'g')
    WHEN decimal_sign(v) = ',' THEN replace(replace(v, '.', ''), ',', '.')
    WHEN decimal_sign(v) = '.' THEN replace(v, ',', '') END;
-- Trailing zeros beyond two decimals are no decimals: 12.500 is 12.50.
CREATE OR REPLACE MACRO without_zeros(n) AS CASE
    WHEN is_plain(n) OR NOT contains(n, '.') THEN n
    ELSE regexp_replace(n, '(\.[0-9]{{2}}[0-9]*?)0*$', '\1') END;
CREATE OR REPLACE MACRO has_two_decimals(n) AS regexp_full_match(n, '[+-]?([0-9]+(\.[0-9]{{0,2}})?|\.[0-9]{{1,2}})');
-- Below a hundred billion: nobody books more in one posting, and the sum of a million rows stays within 64 bits.
CREATE OR REPLACE MACRO in_hundredths(n) AS
    CAST(100 * CASE WHEN has_two_decimals(n) THEN TRY_CAST(n AS DECIMAL(13, 2)) END AS BIGINT);
CREATE OR REPLACE MACRO iso_date(y, m, d) AS
    TRY_CAST(y || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') AS DATE);
-- A month without a day (YYYYMM) stands for its first day.
CREATE OR REPLACE MACRO day_of(v, date_order) AS CASE
    WHEN regexp_full_match(v, '[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}([T ].*)?')
        THEN iso_date(regexp_extract(v, '^([0-9]+)', 1), regexp_extract(v, '^[0-9]+[-/.]([0-9]+)', 1),
                      regexp_extract(v, '^[0-9]+[-/.][0-9]+[-/.]([0-9]+)', 1))
    WHEN regexp_full_match(v, '(19|20)[0-9]{{6}}') THEN iso_date(v[1:4], v[5:6], v[7:8])
    WHEN regexp_full_match(v, '(19|20)[0-9]{{4}}') THEN iso_date(v[1:4], v[5:6], '1')
    WHEN regexp_full_match(v, '(19|20)[0-9]{{2}}-[0-9]{{2}}') THEN iso_date(v[1:4], v[6:7], '1')
    WHEN regexp_full_match(v, '[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{4}}([T ].*)?') THEN
        CASE WHEN date_order = 'month-day-year'
        THEN iso_date(regexp_extract(v, '[-/.]([0-9]{{4}})', 1), regexp_extract(v, '^([0-9]+)', 1),
                      regexp_extract(v, '^[0-9]+[-/.]([0-9]+)', 1))
        ELSE iso_date(regexp_extract(v, '[-/.]([0-9]{{4}})', 1), regexp_extract(v, '^[0-9]+[-/.]([0-9]+)', 1),
                      regexp_extract(v, '^([0-9]+)', 1)) END END;
CREATE OR REPLACE MACRO is_day(v) AS regexp_full_match(v, '(19|20)[0-9]{{2}}[01][0-9][0-3][0-9]');
CREATE OR REPLACE MACRO plausible_day(d) AS CASE WHEN d BETWEEN DATE '1980-01-01' AND DATE '2099-12-31' THEN d END;
-- '46362 Köp av vård', '(81200) Equipment' and '46362' alike: the code first, then the text.
-- A sign between digits only (5012-1) is part of the code, and .0 is what a workbook adds to a number.
CREATE OR REPLACE MACRO has_account_text(v) AS
    regexp_full_match(v, '(?s)\(?[0-9]{{2,10}}\)?({_SPACES}+.*|[:–-]+{_SPACES}*[^0-9\s].*)');
CREATE OR REPLACE MACRO account_code(v) AS CASE
    WHEN has_account_text(v) THEN regexp_extract(v, '^\(?([0-9]+)', 1)
    ELSE nullif(regexp_replace(v, '^([0-9]{{3,}})\.0$|^\(([0-9]+)\)$', '\1\2'), '') END;
CREATE OR REPLACE MACRO account_rest(v) AS CASE WHEN has_account_text(v)
    THEN nullif(trimmed(regexp_extract(v, '(?s)^\(?[0-9]+\)?(?:{_SPACES}|[:–-])+(.*)$', 1)), '') END;
CREATE OR REPLACE MACRO says_total(v) AS
    regexp_matches(lower(trimmed(v)), '^((del|slut|total|mellan)?summa|(grand |sub)?total(t|s|summa)?|sum)(\b|$)');
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Teach a connection the casts, unless it knows them from an earlier file."""
    try:
        connection.execute("SELECT is_plain('')").fetchall()
    except duckdb.CatalogException:
        connection.execute(MACROS)


def clean_amounts(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make the temporary table `amounts`: each `amount` of a raw table, and as `clean` the same without its dress."""
    # One step at a time: a macro repeats its argument, so nested ones would do the work many times over.
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE amounts AS
        WITH written AS (SELECT DISTINCT amount FROM {table}),
        bare AS MATERIALIZED (
            SELECT amount, CASE WHEN is_plain(amount) THEN amount ELSE without_currency(amount) END AS bare
            FROM written),
        signed AS MATERIALIZED (
            SELECT amount, CASE WHEN is_plain(bare) THEN bare ELSE leading_minus(bare) END AS signed FROM bare)
        SELECT amount, CASE WHEN is_plain(signed) THEN signed ELSE ungrouped(signed) END AS clean FROM signed
        """
    )


def decimal_sign_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Tell which decimal sign the `amounts` of a file use; None when they disagree or none tells."""
    signs = connection.execute(
        "SELECT DISTINCT decimal_sign(clean) AS sign FROM amounts WHERE sign IS NOT NULL"
    ).fetchall()
    return str(signs[0][0]) if len(signs) == 1 else None


def date_order_of(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Tell whether dates with the year last put the month first: only when more of a file's dates can be read so."""
    counts = connection.execute(
        f"""
        WITH days AS MATERIALIZED (SELECT trimmed(booked_on) AS day FROM (SELECT DISTINCT booked_on FROM {table}))
        SELECT count(day_of(day, 'day-month-year')), count(day_of(day, 'month-day-year')) FROM days
        """
    ).fetchall()
    day_first, month_first = counts[0]
    return "month-day-year" if month_first > day_first else "day-month-year"


_DAYS = "(SELECT booked_on FROM written_forms WHERE is_day)"


@dataclass(frozen=True)
class ValueForms:
    """Say how the values of a whole file are written, and how many rows hold them.

    decimal: ',' or '.', or None when the amounts disagree or none tells; has_dates: False without any date;
    all_plain: whether every amount is plain, so that none of them need be undressed.
    """

    rows: int
    decimal: str | None
    date_order: str
    has_dates: bool
    # Rows of separators alone are not plain, and not every way to lay out a file has left them out when this is asked.
    all_plain: bool = field(compare=False)


def gather_forms(
    connection: duckdb.DuckDBPyConnection, table: str, *, decimal: str = "auto", date_order: str = "auto"
) -> ValueForms:
    """Go through a raw table once for what `cast_query` must know of all its values.

    Makes the temporary tables `written_forms`, from which what has few distinct values is cast once for each, and,
    unless all amounts are plain, `amounts` (as `clean_amounts`, but of the plain amounts one only for each decimal
    sign).
    Parameters: table; decimal and date_order, as in the organisation file, or 'auto'.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE written_forms AS
        SELECT GROUPING(amount) = 0 AS is_amount, GROUPING(booked_on) = 0 AS is_day,
            GROUPING(account) = 0 AS is_account,
            amount, booked_on, account, account_text, count(*) AS times
        FROM (
            SELECT CASE WHEN NOT is_plain(amount) THEN amount WHEN contains(amount, ',') THEN '0,00'
                WHEN contains(amount, '.') THEN '0.00' ELSE '0' END AS amount, booked_on, account, account_text
            FROM {table})
        GROUP BY GROUPING SETS ((amount), (booked_on), (account, account_text), ())
        """
    )
    ((rows, has_dates, some_end_with_year, some_dressed, signs),) = connection.execute(
        """
        SELECT max(times) FILTER (NOT (is_amount OR is_day OR is_account)),
            bool_or(is_day AND NOT blank(booked_on)), bool_or(regexp_matches(booked_on, '[-/.][0-9]{4}')),
            bool_or(NOT is_plain(amount)), list(amount[2]) FILTER (amount IN ('0,00', '0.00'))
        FROM written_forms
        """
    ).fetchall()
    if date_order == "auto":
        # Only days that end with the year can be read in two orders, and each of these has in it what is sought above.
        date_order = date_order_of(connection, _DAYS) if some_end_with_year else "day-month-year"
    if some_dressed:
        clean_amounts(connection, "(SELECT amount FROM written_forms WHERE is_amount)")
    else:
        connection.execute("DROP TABLE IF EXISTS amounts")  # an earlier file's
    if decimal != "auto":
        sign: str | None = decimal
    elif some_dressed:
        sign = decimal_sign_of(connection)
    else:
        sign = signs[0] if signs and len(signs) == 1 else None
    return ValueForms(int(rows), sign, date_order, bool(has_dates), not some_dressed)


def cast_query(table: str, forms: ValueForms) -> str:
    """Return the query that casts one raw table as a stream, each row with `reason` NULL or why it is rejected.

    Parameters: table; forms, as `gather_forms` has found them in it.
    Plain amounts are cast where they stand; other forms, and each day and account, once.
    """
    dressed = joined = ""
    clean, fault, ore = "NULL", "NULL::VARCHAR", "NULL"
    if not forms.all_plain:
        dressed = _read_amounts(forms.decimal)
        joined = "LEFT JOIN read_amounts m ON m.form = CASE WHEN NOT r.amount_is_plain THEN r.amount END"
        clean, fault, ore = "m.clean", "m.fault", "m.ore"
    return f"""
        WITH trimmed_days AS MATERIALIZED (SELECT booked_on AS date_written, trimmed(booked_on) AS day FROM {_DAYS}),
        read_days AS MATERIALIZED (SELECT date_written, day_of(day, '{forms.date_order}') AS day FROM trimmed_days),
        days AS MATERIALIZED (SELECT date_written, plausible_day(day) AS booked_on FROM read_days),
        trimmed_accounts AS MATERIALIZED (
            SELECT account AS account_written, account_text AS text_written, trimmed(account) AS code
            FROM written_forms WHERE is_account),
        accounts AS MATERIALIZED (
            SELECT account_written, text_written, account_code(code) AS account,
                coalesce(filled(text_written), account_rest(code)) AS account_text
            FROM trimmed_accounts),
        {dressed}
        marked AS (SELECT *, is_plain(amount) AS amount_is_plain FROM {table}),
        read_all AS (
            SELECT r.* EXCLUDE (amount, booked_on, account, account_text, amount_is_plain), r.amount AS amount_written,
                r.booked_on AS date_written, d.booked_on, a.account, a.account_text, r.amount_is_plain,
                CASE WHEN r.amount_is_plain THEN r.amount ELSE {clean} END AS clean, {fault} AS fault,
                CASE WHEN r.amount_is_plain
                    THEN CAST(100 * TRY_CAST(replace(r.amount, ',', '.') AS DECIMAL(13, 2)) AS BIGINT)
                    ELSE {ore} END AS ore
            FROM marked r
            {joined}
            LEFT JOIN days d ON d.date_written IS NOT DISTINCT FROM r.booked_on
            LEFT JOIN accounts a ON a.account_written IS NOT DISTINCT FROM r.account
                AND a.text_written IS NOT DISTINCT FROM r.account_text),
        cast_all AS (
            SELECT * EXCLUDE (raw_reason, clean, fault, amount_is_plain), CASE
                WHEN raw_reason IS NOT NULL THEN raw_reason
                WHEN account IS NULL AND account_text IS NULL AND blank(date_written) AND (
                    (blank(supplier_name) AND blank(supplier_number)) OR says_total(supplier_name)
                    OR says_total(supplier_number) OR says_total(buyer) OR says_total(buyer_id) OR says_total(unit))
                    THEN 'totals_row'
                WHEN {forms.has_dates} AND booked_on IS NULL AND NOT blank(date_written)
                    AND (fault = 'amount_unreadable' OR is_day(clean)) THEN 'shifted'
                WHEN fault IS NOT NULL THEN fault
                WHEN amount_is_plain AND ore IS NULL THEN 'amount_too_large'
                WHEN ore IS NULL THEN 'amount_unreadable'
                WHEN {forms.has_dates} AND blank(date_written) THEN 'date_missing'
                WHEN {forms.has_dates} AND booked_on IS NULL THEN 'date_unreadable'
                END AS reason
            FROM read_all)
        SELECT * EXCLUDE (ore, reason), reason,
            -- A number in a row whose cells have moved may be anything, so it is no amount.
            CASE WHEN reason IS NULL OR reason NOT IN ('shifted', 'too_many_cells', 'too_few_cells') THEN ore END
            AS amount_ore
        FROM cast_all
        """


def _read_amounts(decimal: str | None) -> str:
    """Write the tables of a query in which each form of the table `amounts` is cast once."""
    sign = "NULL" if decimal is None else f"'{decimal}'"
    return f"""
        pointed AS MATERIALIZED (SELECT *, point_number(clean, {sign}) AS pointed FROM amounts),
        numbers AS MATERIALIZED (SELECT *, without_zeros(pointed) AS number FROM pointed),
        read_amounts AS MATERIALIZED (
            SELECT amount AS form, clean, in_hundredths(number) AS ore, CASE
                WHEN clean IN ('', '-') THEN 'amount_missing'
                WHEN number IS NULL AND is_ambiguous(clean) THEN 'amount_ambiguous'
                WHEN number IS NULL THEN 'amount_unreadable'
                WHEN NOT has_two_decimals(number) THEN 'amount_decimals'
                WHEN ore IS NULL THEN 'amount_too_large' END AS fault
            FROM numbers),
        """
