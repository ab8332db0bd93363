// See sample.h.
#include "sample.h"

#include <cstring>

namespace aigate {

namespace {

// Written for this, in the manner of what programs print.
constexpr char kText[] = R"~(I read the configuration first, because two of the values seem to come from somewhere else. The function is called once
for each entry, and what it returns is kept until the next request; that explains why the second run is so much faster
than the first. I'll change the three call sites, run the tests again, and then update the documentation as well.
There were two warnings about unused variables before, which I leave alone. "Not found" is what the server answers when
the session has expired, so the client should ask for a new one instead of giving up after (at most) five attempts.
Would you like me to continue with the migration? It's about 40% done: src/components/Button.tsx and its stories are next.
    def _resolve(self, name: str, *, default: object | None = None) -> Path:
        """Return the directory that belongs to this name, created where it is missing."""
        for candidate in self._search_paths(name):
            if candidate.is_dir() and not candidate.name.startswith("."):
                return candidate.resolve(strict=True)
        raise LookupError(f"{name!r} was not found in {len(self._roots)} places")

    @pytest.mark.parametrize(("given", "expected"), [("a-b", 1), ("x_y.z", 2), ("", 0)])
    def test_counts_words(given, expected):
        assert count(given) == expected, f"{given!r}: {expected}"
export async function load(id: string, options?: Partial<Options>): Promise<Result[]> {
  const response = await fetch(`${base}/items/${encodeURIComponent(id)}?limit=${options?.limit ?? 50}`, { headers });
  if (!response.ok) throw new Error(`unexpected status ${response.status}`);
  return (await response.json()).items.filter((item) => item != null && item.size > 0);
}
static inline size_t next_power(size_t value) { return value < 2 ? 1 : (size_t)1 << (64 - __builtin_clzll(value - 1)); }
#define MIN(a, b) ((a) < (b) ? (a) : (b))
    if (err := json.NewDecoder(r.Body).Decode(&input); err != nil) { http.Error(w, err.Error(), 400); return }
<div class="col-md-6 text-center"><a href="/docs/index.html#install" target="_blank">Getting started</a></div>
SELECT u.id, u.name, COUNT(o.id) AS orders FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id HAVING 1 < 2;
2025-11-03T08:14:27.318204Z  INFO http.server: GET /api/v1/projects/1847/builds?page=3 200 14.2ms request_id=7f3a9c2e
2025-11-03 08:14:27,902 [worker-4] DEBUG com.example.queue.Dispatcher - polled 12 messages from partition 7 (lag=0)
Nov 03 08:15:01 build01 systemd[1]: Started Daily apt download activities.
127.0.0.1 - - [03/Nov/2025:08:15:02 +0000] "POST /graphql HTTP/1.1" 201 5316 "-" "Mozilla/5.0 (X11; Linux x86_64)"
level=warn ts=1762157702.551 caller=retry.go:88 msg="retrying in 2.5s" attempt=2 err="connection refused: 10.0.3.17:9092"
{"level":"info","time":1762157703,"logger":"sync","msg":"finished","items":418,"bytes":1048576,"elapsed_ms":352.91}
{"type":"message_delta","index":2,"delta":{"text":"the next step is to look at"},"usage":{"input":2113,"output":57}}
total 96
drwxr-xr-x  7 user staff    4096 Nov  3 08:02 .git
-rw-r--r--  1 user staff   18233 Oct 28 17:45 package-lock.json
-rwxr-xr-x  1 user staff     902 Sep 14 11:20 run-tests.sh
tests/unit/test_parser.py::TestLexer::test_nested_comments[4-True] PASSED          [ 37%]
FAILED tests/integration/test_sync.py::test_two_clients_agree - AssertionError: assert 3 == 4
================== 1 failed, 482 passed, 3 skipped in 61.07s (0:01:01) ==================
   Compiling serde_json v1.0.117
    Finished `release` profile [optimized] target(s) in 42.18s
npm warn deprecated inflight@1.0.6: this module is not supported
added 214 packages, and audited 215 packages in 6s
Collecting urllib3<3,>=1.21.1 (from requests==2.32.3)
  Downloading urllib3-2.2.2-py3-none-any.whl.metadata (6.4 kB)
[ 61%] Building CXX object src/CMakeFiles/core.dir/engine/buffer.cpp.o
src/engine/buffer.cpp:118:23: warning: comparison of integer expressions of different signedness: 'int' and 'size_t'
commit 3b1c5e0f9d2a47788c6e41d05ab9f3e27c8d6105 (HEAD -> main, origin/main)
Author: A Developer <dev@example.org>
diff --git a/lib/http/client.rb b/lib/http/client.rb
index 8f2d1c4..e07b9a3 100644
--- a/lib/http/client.rb
+++ b/lib/http/client.rb
@@ -41,7 +41,9 @@ module Http
-      @timeout = options.fetch(:timeout, 30)
+      @timeout = Float(options.fetch(:timeout) { DEFAULTS[:timeout] })
 4 files changed, 37 insertions(+), 12 deletions(-)
name: build
on: { push: { branches: [main] } }
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: make -j4 check VERBOSE=1
[package]
edition = "2021"
default-features = false
HOME=/home/user
LANG=en_US.UTF-8
PATH=/usr/local/bin:/usr/bin:/bin
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/urllib3/connectionpool.py", line 715, in urlopen
    httplib_response = self._make_request(conn, method, url, timeout=timeout_obj, body=body)
    at Module._compile (node:internal/modules/cjs/loader:1256:14)
integrity sha512-9mU1c0Yx0t7lqA3hJm+R2vKZqkq8eTwbnS4xQd5o6FzPyGuhCjVEL/BsDaHgNfWi
sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
id,first_name,city,amount,created_at
10482,Maria,Lisbon,129.90,2025-10-30 09:12:44
10483,Jonas,Aarhus,17.05,2025-10-30 09:13:02
)~";

}  // namespace

const Sample& Sample::text() {
    static const Sample sample;
    return sample;
}

// The text begins anew where it ends.
Sample::Sample() : of_(256) {
    constexpr size_t kSize = sizeof kText - 1;
    for (size_t at = 0; at < 64 * (kWords + 1); ++at)
        of_[static_cast<unsigned char>(kText[at % kSize])][at >> 6] |= uint64_t{1} << (at & 63);
}

Sample::Places Sample::places(const ByteSet& set, size_t behind) const {
    std::array<uint64_t, kWords + 1> all{};
    set.each([&](unsigned byte) {
        for (size_t word = 0; word <= kWords; ++word) all[word] |= of_[byte][word];
    });
    Places found;
    for (size_t word = 0; word < kWords; ++word)
        found[word] = behind ? all[word] >> behind | all[word + 1] << (64 - behind) : all[word];
    return found;
}

}  // namespace aigate
