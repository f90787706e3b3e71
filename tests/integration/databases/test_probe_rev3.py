"""x"""
import threading, time
import pytest
from tests.integration.databases.conftest import Desk

def show(label, f):
    t = time.time()
    try:
        r = f()
        print(label, "->", str(r)[:400].replace("\n", " | "), f"{time.time()-t:.1f}s")
    except BaseException as e:
        print(label, "!!", type(e).__name__, getattr(e, "code", ""), str(e)[:400].replace("\n", " | "))

def test_probe(desk: Desk, postgres):
    postgres.rows("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    with postgres.connect("ascii") as c:
        c.execute("CREATE TABLE t (a text)"); c.execute(r"INSERT INTO t VALUES (E'\xff\xfe x')")
    asc = desk.address.replace("/postgres", "/ascii")
    show("ascii", lambda: desk.read(address=asc, table="t").to_pydict())
    show("ascii query err", lambda: desk.read(address=asc, query=r"SELECT E'\xff'::text::int"))
    show("dup cols", lambda: desk.read(address=desk.address, query="SELECT 1 AS a, 2 AS a").schema)
    show("no name", lambda: desk.read(address=desk.address, query="SELECT 1, 2").schema)
    show("infinity", lambda: desk.read(address=desk.address, query="SELECT 'infinity'::date d, '0044-03-15 BC'::date e, 'infinity'::timestamptz f, '0044-03-15 BC'::timestamp g").to_pydict())
    show("num100", lambda: desk.read(address=desk.address, query="SELECT (repeat('9',100))::numeric n, 'NaN'::numeric m").to_pydict())
    postgres.rows("CREATE TABLE empty0 ()")
    show("zero cols", lambda: desk.read(address=desk.address, table="empty0"))
    postgres.rows("CREATE TABLE gen (a int, b int GENERATED ALWAYS AS (a*2) STORED)")
    show("gen replace", lambda: desk.write("SELECT 1 AS a, 2 AS b", table="gen", mode="Replace"))
    show("gen append", lambda: desk.write("SELECT 1 AS a", table="gen", mode="Append"))
    postgres.rows("CREATE VIEW vw AS SELECT 1 AS a")
    show("view replace", lambda: desk.write("SELECT 1 AS a", table="vw", mode="Replace"))
    show("view error", lambda: desk.write("SELECT 1 AS a", table="vw"))
    show("long name", lambda: desk.write("SELECT 1 AS a", table="x" * 80))
    show("long name 2", lambda: desk.write("SELECT 1 AS a", table="x" * 80))
    show("long name append", lambda: desk.write("SELECT 1 AS a", table="x" * 80, mode="Append"))
    show("inject", lambda: desk.write("SELECT 1 AS a", table='t"; DROP TABLE gen; --'))
    show("inject2", lambda: desk.write("SELECT 1 AS a", table='"t""; DROP TABLE gen; --"'))
    print(postgres.rows("select relname from pg_class where relkind='r' and relname !~ '^(pg|sql)_'"))
    show("program", lambda: desk.read(address=desk.address, query="SELECT 1) TO PROGRAM 'touch /tmp/pwn' --"))
    show("two", lambda: desk.read(address=desk.address, query="SELECT 1; DROP TABLE gen"))
    show("setconf", lambda: desk.read(address=desk.address, query="SELECT set_config('transaction_read_only','off',false)"))
    show("dropfn", lambda: desk.read(address=desk.address, query="WITH x AS (DELETE FROM gen RETURNING *) SELECT * FROM x"))
    show("nul out", lambda: desk.write(r"SELECT E'a\tb\\c\n' AS a, '\N' AS b", table="esc"))
    print(postgres.rows("select * from esc"))
    show("quote col", lambda: desk.write('SELECT 1 AS "a""; drop", 2 AS "ü"', table="qc"))
    show("col 70", lambda: desk.write('SELECT 1 AS "a"', table="lc", table_columns="x"*70))
    show("col 70 again replace", lambda: desk.write('SELECT 1 AS "a"', table="lc", table_columns="x"*70, mode="Replace"))
    show("col 70 again append", lambda: desk.write('SELECT 1 AS "a"', table="lc", table_columns="x"*70, mode="Append"))
    show("empty rows", lambda: desk.write("SELECT 1 AS a WHERE false", table="er"))
    show("wide1700", lambda: desk.write("SELECT " + ",".join(f"{i} AS c{i}" for i in range(1601)), table="wide"))
    errs = []
    def one():
        try: desk.write("SELECT g AS a FROM generate_series(1,1000) g", table="both", mode="Replace")
        except Exception as e: errs.append(str(e)[:300])
    ts = [threading.Thread(target=one) for _ in range(2)]
    [t.start() for t in ts]; [t.join() for t in ts]
    print("both", postgres.rows("select count(*) from \"both\""), errs)
    from studiolo.connectors.tables import quoted_name
    t=time.time()
    try: quoted_name('"' + '""'*30 + 'x' * 50 + '.')
    except Exception as e: print(type(e), time.time()-t)
    t=time.time()
    try: quoted_name('a ' * 50000 + '"')
    except Exception as e: print(type(e), time.time()-t)
