#!/usr/bin/env bash
# Belief: what reads .zst in Python reads it as zstd(1) does, to the end, also when frames were appended (`zstd >> log.zst`, pzstd,
#   logrotate); or it says that something is left.
# What happens (zstandard 0.25.0): four ways, two answers. stream_reader() and open() go on from frame to frame;
#   decompress() and read_to_iter() end with the first one and say nothing. decompressobj() has the rest in unused_data.
# Why it matters: whoever searches or masks a log by the wrong one of them has seen its first frame, and reports success.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet zstandard==0.25.0 2>/dev/null
said=$("$place/venv/bin/python" - <<'P'
import io
import zstandard

print("zstandard", zstandard.__version__)
data = b"".join(zstandard.ZstdCompressor().compress(line) for line in (b"one\n", b"two\n"))
reader = zstandard.ZstdDecompressor()
print("stream_reader", reader.stream_reader(io.BytesIO(data)).read())
print("open", zstandard.open(io.BytesIO(data)).read())
print("read_to_iter", b"".join(reader.read_to_iter(io.BytesIO(data))))
print("decompress", reader.decompress(data))
P
)
echo "$said"
diff - <(echo "$said") <<'T'
zstandard 0.25.0
stream_reader b'one\ntwo\n'
open b'one\ntwo\n'
read_to_iter b'one\n'
decompress b'one\n'
T
