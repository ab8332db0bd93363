#!/usr/bin/env bash
# Belief: what Arrow's IPC writes of a slice is the slice: for strings the writer cuts the buffers, so a batch of one row of
#   ten thousand is a few hundred bytes; string_view, of the same interface, is no different. And what parquet and IPC hand
#   out as string_view can be filtered and taken from like any column.
# What happens (pyarrow 26.0.1): the writer sends a view's data buffers whole. One row of 10,000 takes a megabyte, and the text
#   of all other rows is in it, readable for whoever gets the stream. `filter`, `take` and sorting have no kernel
#   for string_view (ArrowNotImplementedError); concat, slice, cast and dictionary_encode do.
# Why it matters: rows that were left out, or replaced elsewhere, travel on. Cast to string, or dictionary_encode, before a
#   part of a column leaves the process.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet pyarrow==26.0.1 2>/dev/null
cat >"$place/views.py" <<'P'
import pyarrow as pa
import pyarrow.compute as pc

print("pyarrow", pa.__version__)

def written(kind):
    """Return the stream of a table's first row."""
    rows = pa.array([f"row {number:05} " + "x" * 90 for number in range(10_000)], kind)
    table = pa.table({"text": rows}).slice(0, 1)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()

for kind in (pa.string(), pa.string_view()):
    data = written(kind)
    print(f"{kind}: {len(data)} bytes, the last row's text in it: {b'row 09999' in data}")
views = pa.array(["one", "two"], pa.string_view())
for name, call in (
    ("filter", lambda: views.filter(pa.array([True, False]))),
    ("take", lambda: views.take(pa.array([0]))),
    ("sort", lambda: pc.sort_indices(views)),
    ("cast", lambda: views.cast(pa.string())),
):
    try:
        call()
        print(f"{name}: done")
    except pa.ArrowNotImplementedError:
        print(f"{name}: not implemented")
P
said=$("$place/venv/bin/python" "$place/views.py")
echo "$said"
diff - <(echo "$said") <<'T'
pyarrow 26.0.1
string: 424 bytes, the last row's text in it: False
string_view: 1000928 bytes, the last row's text in it: True
filter: not implemented
take: not implemented
sort: not implemented
cast: done
T
