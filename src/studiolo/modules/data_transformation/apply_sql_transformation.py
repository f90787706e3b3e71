"""Apply SQL Transformation: a query over up to three datasets, in DuckDB or with SQLite's exact semantics."""

import pyarrow as pa

from studiolo.formats.reading import with_receipt
from studiolo.sdk import Choice, Code, DatasetPort, ModuleError, module

DIALECTS = ("duckdb", "sqlite")


@module(
    id="apply-sql-transformation",
    name="Apply SQL Transformation",
    category="Data Transformation",
    inputs=[
        DatasetPort("table1", label="t1", aliases=("t1", "Table1")),
        DatasetPort("table2", optional=True, label="t2", aliases=("t2", "Table2")),
        DatasetPort("table3", optional=True, label="t3", aliases=("t3", "Table3")),
    ],
    outputs=[
        DatasetPort("result_dataset", label="Result dataset", aliases=("Results dataset", "Result_dataset"))
    ],
    parameters=[
        Code(
            "query",
            language="sql",
            default="select * from t1",
            label="SQL query script",
            help="Statements over t1, t2 and t3; the table of the last one is the result.",
            aliases=("sqlquery", "SQL Query Script"),
        ),
        Choice(
            "dialect",
            DIALECTS,
            label="Dialect",
            help="duckdb is fast and keeps types; sqlite gives exactly what the retired products gave.",
        ),
    ],
    preload=(
        "pyarrow",
        "pyarrow.compute",
        "duckdb",
        "sqlite3",
        "studiolo.modules.data_transformation.sql.duckdb_engine",
    ),
    aliases=("90381e80-67c3-4d99-8754-1db785b7ea37",),
)
def apply_sql_transformation(
    table1: pa.Table,
    table2: pa.Table = None,
    table3: pa.Table = None,
    *,
    query: str = "select * from t1",
    dialect: str = "duckdb",
) -> pa.Table:
    """Run a SQL query over up to three datasets.

    The datasets are the tables t1, t2 and t3. There may be several statements, separated by semicolons; the
    last one must give a table, which is the result. Equal column names in the result become `name (2)`.

    duckdb reads the datasets where they lie, keeps their types and is many times faster. sqlite has the retired
    products' semantics: integer division, type affinity, booleans as 0 and 1, DateTime as text
    `%Y-%m-%d %H:%M:%S.%f`, turned back in the result where every value of a column has that form.

    A query sees nothing but its tables: no files, no network, no settings.

    Example:
        customers:
          module: enter-data-manually
          parameters:
            data: |
              customer,region,churned
              1,north,0
              2,south,1
              3,north,1
        by_region:
          module: apply-sql-transformation
          parameters: {query: "select region, avg(churned) as rate from t1 group by region order by region"}
          inputs: {table1: customers}
    """
    given = {"t1": table1, "t2": table2, "t3": table3}
    tables = {name: table for name, table in given.items() if table is not None}
    receipt: list[dict[str, object]] = []
    if dialect == "duckdb":
        from studiolo.modules.data_transformation.sql import duckdb_engine

        result = duckdb_engine.run(tables, query, receipt)
    elif dialect == "sqlite":
        from studiolo.modules.data_transformation.sql import sqlite_engine

        result = sqlite_engine.run(tables, query, receipt)
    else:
        raise ModuleError(
            f'There is no SQL dialect "{dialect}".',
            f"Choose one of {', '.join(DIALECTS)}.",
            code="bad-parameter",
            parameter="dialect",
        )
    return with_receipt(result, receipt)
