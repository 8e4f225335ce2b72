"""DuckDB by hand: the floor, a typed scan-and-aggregate of the CSV, and the same mapping and questions in SQL."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.project import Project
from benchmarks.questions import NAMES, QUESTIONS, Answers, keys_of, name_of
from benchmarks.work import Clock

_TYPES = {
    "Köpare_id": "VARCHAR", "Förvaltning": "VARCHAR", "Organisationsnummer": "VARCHAR", "Leverantör": "VARCHAR",
    "Konto": "VARCHAR", "Fakturanummer": "VARCHAR", "Bokföringsdatum": "DATE", "Belopp": "DECIMAL(18,2)",
}  # fmt: skip


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with all cores, held to the memory that procanalysis is held to, spilling into a folder."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET temp_directory = '{scratch / 'spill'}'")
    if memory := os.environ.get("PROCANALYSIS_MEMORY"):
        connection.execute(f"SET memory_limit = '{memory}'")
    return connection


def typed_csv(project: Project) -> str:
    """Return the SQL that scans the ledger with its types given, so that nothing is guessed."""
    files = ", ".join(f"'{path}'" for path in project.ledger())
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _TYPES.items())
    return (
        f"read_csv([{files}], delim=';', header=true, auto_detect=false, decimal_separator=',', "
        f"dateformat='%Y-%m-%d', quote='', escape='', columns={{{columns}}})"
    )


def floor(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Scan the ledger once, every column typed, and sum it by account: the least that anybody must do."""
    connection = connect(scratch)
    with clock.stage("scan"):
        summed = connection.execute(
            f"""
            SELECT Konto AS account, (sum(Belopp) * 100)::BIGINT AS amount_ore, count(*) AS lines_count,
                min(Bokföringsdatum), max(Bokföringsdatum), max(Fakturanummer), max(Leverantör),
                max(Organisationsnummer), max(Förvaltning), max(Köpare_id)
            FROM {typed_csv(project)} GROUP BY account
            """
        ).df()
    return Answers(summed={"account": summed})


def hand_written(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Map the ledger, match it with the contracts, write it as Parquet and answer the questions, all in SQL."""
    connection = connect(scratch)
    mapped = scratch / "mapped.parquet"
    with clock.stage("registers"):
        _load_rules(connection, project)
        _load_contracts(connection, project)
    with clock.stage("map"):
        connection.execute(_DECIDED.format(csv=typed_csv(project)))
        connection.execute(f"COPY ({_MATCHED}) TO '{mapped}' (COMPRESSION zstd)")
        connection.execute("DROP TABLE decided")
    answers = Answers(mapped)
    for kind, given in (("summed", answers.summed), ("counted", answers.counted)):
        with clock.stage(kind):
            for words in QUESTIONS:
                given[name_of(words)] = connection.execute(_question(words, mapped, counted=kind == "counted")).df()
    return answers


def _load_rules(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Make one table per kind of rule, keyed by what it looks at; the row in the file is the rank."""
    connection.execute(
        f"""
        CREATE TABLE rules AS SELECT row_number() OVER () AS place, *,
            try_cast(split_part(account, '-', 1) AS INTEGER) AS first,
            try_cast(split_part(account, '-', 2) AS INTEGER) AS last
        FROM read_csv('{project.rules}', header=true, all_varchar=true);
        CREATE TABLE spread AS SELECT place, tier, unit, replace(supplier, '-', '') AS supplier_key,
            CAST(unnest(generate_series(first, last)) AS VARCHAR) AS account FROM rules WHERE first IS NOT NULL;
        CREATE TABLE by_both AS SELECT supplier_key, account, min(place) AS both_place
            FROM spread WHERE tier = 'override' GROUP BY ALL;
        CREATE TABLE by_unit AS SELECT unit, account, min(place) AS unit_place
            FROM spread WHERE tier = 'unit' GROUP BY ALL;
        CREATE TABLE by_account AS SELECT account, min(place) AS account_place
            FROM spread WHERE tier = 'account' GROUP BY ALL;
        CREATE TABLE by_supplier AS SELECT replace(supplier, '-', '') AS supplier_key, min(place) AS supplier_place
            FROM rules WHERE tier = 'supplier' GROUP BY ALL;
        CREATE TABLE outcomes AS SELECT r.place, r.rule_id, r.tier, r.category_code, c.name AS category_name,
            m.category_code || '/' || r.category_code AS category_path, m.category_code AS main_category_code,
            m.name AS main_category_name, r.spend_class, r.lou_covered, (r.tier <> 'default')::BIGINT AS is_mapped
        FROM rules r JOIN read_csv('{project.taxonomy}', header=true, all_varchar=true) c USING (category_code)
            JOIN read_csv('{project.taxonomy}', header=true, all_varchar=true) m ON m.category_code = c.parent_code
        """
    )


def _load_contracts(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Make one row per contract, numbered in the order of its name, with those who may buy on it as a list."""
    connection.execute(
        f"""
        CREATE TABLE contracts AS SELECT row_number() OVER (ORDER BY Avtalsnummer) AS place,
            Avtalsnummer AS contract_id, replace(Organisationsnummer, '-', '') AS supplier_key, Kategori AS code,
            Startdatum AS starts, Slutdatum AS ends, Registrerad AS registered, string_split(Deltagare, ';') AS who
        FROM {_contract_file(project)}
        """
    )


def _contract_file(project: Project) -> str:
    types = "{'Startdatum': 'DATE', 'Slutdatum': 'DATE', 'Registrerad': 'DATE', 'Kategori': 'VARCHAR'}"
    return f"read_csv('{project.contracts}', delim=';', header=true, types={types}, nullstr='')"


_DECIDED = """
CREATE TABLE decided AS
WITH ledger AS (
    SELECT row_number() OVER () AS line_id, Köpare_id AS buyer_id, Förvaltning AS unit,
        replace(Organisationsnummer, '-', '') AS supplier_key, Leverantör AS supplier_name, Konto AS account,
        supplier_key || '|' || Fakturanummer AS invoice_key, Bokföringsdatum AS booked_on,
        (Belopp * 100)::BIGINT AS amount_ore
    FROM {csv})
SELECT l.*, coalesce(least(both_place, supplier_place, unit_place, account_place), (SELECT max(place) FROM rules))
    AS place
FROM ledger l
LEFT JOIN by_both USING (supplier_key, account) LEFT JOIN by_supplier USING (supplier_key)
LEFT JOIN by_unit USING (unit, account) LEFT JOIN by_account USING (account)
"""

# The rung of a line by a contract: the supplier has it, it held that day, its category fits, the buyer may use it. One
# number then holds the highest rung and, among equals, the first contract.
_MATCHED = """
WITH met AS (
    SELECT line_id, c.place, registered <= booked_on AS was_registered, CASE
        WHEN booked_on NOT BETWEEN starts AND ends THEN 1
        WHEN code <> category_code AND code <> main_category_code THEN 2
        WHEN who IS NOT NULL AND NOT list_contains(who, unit) AND NOT list_contains(who, buyer_id) THEN 3
        ELSE 4 END AS rung
    FROM decided d JOIN outcomes USING (place) JOIN contracts c USING (supplier_key)),
best AS (
    SELECT line_id, max(rung * 1000000 + 999999 - place) AS best,
        max(CASE WHEN was_registered THEN rung ELSE 0 END)::BIGINT AS proven_rung_then
    FROM met GROUP BY line_id)
SELECT d.* EXCLUDE (place), o.* EXCLUDE (place), coalesce(best // 1000000, 0)::BIGINT AS proven_rung,
    proven_rung AS possible_rung, coalesce(b.proven_rung_then, 0) AS proven_rung_then,
    coalesce(b.proven_rung_then, 0) AS possible_rung_then, contract_id
FROM decided d JOIN outcomes o USING (place) LEFT JOIN best b USING (line_id)
LEFT JOIN contracts c ON c.place = 999999 - best % 1000000
"""


def _question(words: Sequence[str], mapped: Path, *, counted: bool) -> str:
    dated = {"month": "year(booked_on) * 100 + month(booked_on) AS month", "year": "year(booked_on) AS year"}
    keys = ", ".join(dated.get(word, key) for word, key in zip(words, keys_of(words), strict=True))
    names = "".join(f", min({NAMES[word]}) AS {NAMES[word]}" for word in words if word in NAMES)
    counts = (
        ", count(DISTINCT invoice_key) AS invoices_count, count(DISTINCT supplier_key) AS suppliers_count"
        if counted
        else ""
    )
    return (
        f"SELECT {keys}{names if counted else ''}, sum(amount_ore)::BIGINT AS amount_ore, count(*) AS lines_count"
        f"{counts} FROM read_parquet('{mapped}') GROUP BY {', '.join(keys_of(words))} "
        f"ORDER BY amount_ore DESC, {', '.join(keys_of(words))}"
    )
