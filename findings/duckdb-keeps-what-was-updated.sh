#!/usr/bin/env bash
# Belief: after UPDATE of every row, CHECKPOINT and VACUUM, a DuckDB file holds the new values: the engine writes whole row
#   groups anew, and drops the old ones.
# What happens (duckdb 2.0.1): the old row groups' blocks are marked free and stay as they are. All 20,000 old values can be
#   read in the file's bytes, after closing it too; new tables write over some of them. COPY FROM DATABASE into a new file
#   takes only what is there.
# Why it matters: masking a column in place leaves each secret in the file that is handed on.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet duckdb==2.0.1 2>/dev/null
cat >"$place/kept.py" <<'P'
import pathlib, sys
import duckdb

print("duckdb", duckdb.__version__)
old, new = (pathlib.Path(sys.argv[1]) / name for name in ("old.duckdb", "new.duckdb"))

def count(path):
    return path.read_bytes().count(b"original text")

with duckdb.connect(str(old)) as connection:
    connection.execute("SET force_compression = 'uncompressed'")  # so that the text can be found
    connection.execute("CREATE TABLE t AS SELECT 'original text of row ' || i AS x FROM range(20000) r(i)")
    connection.execute("CHECKPOINT")
    connection.execute("UPDATE t SET x = 'masked'")
    for statement in ("CHECKPOINT", "VACUUM", "CHECKPOINT"):
        connection.execute(statement)
    print("rows with it:", connection.execute("SELECT count(*) FROM t WHERE x LIKE 'original%'").fetchone()[0])
print("in the file, at least 20000:", count(old) >= 20_000)
with duckdb.connect() as connection:
    connection.execute(f"ATTACH '{old}' AS a; ATTACH '{new}' AS b; COPY FROM DATABASE a TO b")
print("in a copy:", count(new))
P
said=$("$place/venv/bin/python" "$place/kept.py" "$place")
echo "$said"
diff - <(echo "$said") <<'T'
duckdb 2.0.1
rows with it: 0
in the file, at least 20000: True
in a copy: 0
T
