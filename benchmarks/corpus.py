"""What the masker is measured on: deterministic output of the kind that coding agents print.

Each corpus is a function of a size in bytes. Clean text mixes prose, code, listings, test and build output, in which
words such as "token" and "secret" stand as often as they do in real projects, and no secret ever does.
"""

from __future__ import annotations

import random

PROSE = """
I'll start by looking at how the session token is refreshed before changing anything.
The failing test expects the retry loop to give up after three attempts, but the client keeps asking.
Let me read the configuration loader first; the default for `timeout` seems to come from two places.
That means the password field is validated twice, once in the form and once in the service layer.
I have updated the three call sites and the documentation. Next I will run the whole test suite again.
The secret to a stable build here is the order of the imports, as the comment in the module says.
Bearer authentication is handled by the gateway, so nothing changes for the command line client.
There are still two warnings about unused variables, which were there before and are left alone.
""".strip().splitlines()

CODE = """
    def refresh(self, session: Session, *, attempts: int = 3) -> Token:
        for attempt in range(1, attempts + 1):
            response = self._client.post(f"{self.base_url}/oauth/token", data=payload, timeout=self.timeout)
            if response.status_code == 200:
                return Token.from_json(response.json(), expires=self._clock() + 3600)
            logger.warning("refresh failed with %d, attempt %d of %d", response.status_code, attempt, attempts)
        raise RefreshError(f"gave up after {attempts} attempts")
const handler = async (req: Request, res: Response): Promise<void> => {
  const { user, password } = await schema.parseAsync(req.body);
  if (!(await verify(password, user.hash))) return res.status(401).json({ error: "invalid credentials" });
impl<'a> Iterator for Lines<'a> { type Item = &'a str; fn next(&mut self) -> Option<Self::Item> { self.inner.next() } }
+    assert result.exit_code == 0, result.output
-    assert result.exit_code == 1
@@ -118,7 +118,9 @@ class TaskQueue(BaseQueue):
#include <vector>  // for std::vector, see also task-runner-configuration-for-slow-disks.md
SELECT id, name, created_at FROM accounts WHERE state = 'active' AND quota > 100 ORDER BY created_at DESC LIMIT 50;
""".strip("\n").splitlines()

OUTPUT = """
-rw-r--r-- 1 dev dev {n:8d} Mar {d:2d} 14:{m:02d} src/services/{w}_{v}.py
drwxr-xr-x 4 dev dev     4096 Mar {d:2d} 09:{m:02d} node_modules/@types/{w}
2026-03-{d:02d}T14:{m:02d}:{s:02d}.{n:06d}Z INFO  worker[{n}]: processed batch {v} of {w} in {m}.{s:02d} ms
2026-03-{d:02d}T14:{m:02d}:{s:02d}.{n:06d}Z DEBUG http: GET /api/v2/{w}/{n}?page={d} -> 200 ({s} kB)
tests/unit/test_{w}.py::test_{v}_is_kept[{n}] PASSED                                   [ {d:2d}%]
   Compiling {w}-{v} v0.{d}.{m} (/home/dev/project/crates/{w})
commit {h}
 src/{w}/{v}.ts | {d} ++++++----
npm notice {w}@{d}.{m}.{s} integrity sha512-{h}
Downloading {w}-{d}.{m}-py3-none-any.whl ({n} bytes) from the mirror https://example.org/simple/{w}/
{d}:{m}:{s} warning: unused variable `{v}` in {w}.rs:{n}
""".strip("\n").splitlines()

WORDS = (
    "session", "token_store", "parser", "render", "queue", "worker", "asset", "index", "cache", "schema", "router",
    "client", "metric", "report", "task", "basket", "search", "export", "import", "login", "account", "invoice",
    "upload", "preview", "stream", "buffer", "vector", "matrix", "socket", "kernel", "adapter",
)  # fmt: skip
SECRETS = (
    "OPENAI_API_KEY=sk-proj-{a}{b}",
    "x-api-key: sk-ant-api03-{a}-{b}",
    "aws_access_key_id = AKIA{u}",
    "git remote set-url origin https://oauth2:ghp_{a}{c}@example.org/x.git",
    "Authorization: Bearer {a}.{b}",
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def lines(seed: int, size: int) -> list[str]:
    """Return clean lines of about `size` bytes together."""
    dice = random.Random(seed)
    found: list[str] = []
    total = 0
    while total < size:
        kind = dice.random()
        if kind < 0.15:
            line = dice.choice(PROSE)
        elif kind < 0.45:
            line = dice.choice(CODE)
        else:
            line = dice.choice(OUTPUT).format(
                n=dice.randrange(1000000), d=dice.randrange(1, 29), m=dice.randrange(60), s=dice.randrange(60),
                w=dice.choice(WORDS), v=dice.choice(WORDS), h=f"{dice.getrandbits(160):040x}",
            )  # fmt: skip
        found.append(line)
        total += len(line) + 1
    return found


def secret(dice: random.Random) -> str:
    """Return text that holds a made-up secret of one of the first seven presets."""
    short = "".join(dice.choices(LETTERS, k=24))
    return dice.choice(SECRETS).format(
        a=short, b="".join(dice.choices(LETTERS, k=24)), c=short[:12], u="".join(dice.choices(LETTERS[26:], k=16))
    )


def clean(size: int) -> bytes:
    """Return an agent's log without secrets."""
    return _joined(lines(1, min(size, 1 << 22)), size)


def colours(size: int) -> bytes:
    """Return the same with colours, about three sequences a line."""
    dice = random.Random(2)
    coloured = []
    for line in lines(1, min(size, 1 << 22)):
        words = line.split(" ")
        at = dice.randrange(len(words))
        words[at] = f"\x1b[{dice.randrange(31, 38)}m{words[at]}\x1b[0m"
        coloured.append(" ".join(words) + ("\x1b[K" if dice.random() < 0.5 else "\x1b[0;1m"))
    return _joined(coloured, size)


def dense(size: int) -> bytes:
    """Return the clean log with a secret on every twentieth line."""
    dice = random.Random(3)
    mixed = lines(1, min(size, 1 << 22))
    for at in range(0, len(mixed), 20):
        mixed[at] += " " + secret(dice)
    return _joined(mixed, size)


def long_line(size: int) -> bytes:
    """Return one line, with a secret every 20,000 bytes or so."""
    dice = random.Random(4)
    mixed = lines(1, min(size, 1 << 22))
    for at in range(0, len(mixed), 250):
        mixed[at] += " " + secret(dice)
    return _joined(mixed, size).replace(b"\n", b" ")


def json_lines(size: int) -> bytes:
    """Return JSON lines as agents stream them, each with the word token, without secrets."""
    dice = random.Random(5)
    found = []
    for line in lines(1, min(size, 1 << 22)):
        text = line.replace("\\", "\\\\").replace('"', '\\"')
        found.append(
            f'{{"type":"content_block_delta","index":{dice.randrange(9)},"delta":{{"type":"text_delta","text":"{text}\\n"}},'
            f'"usage":{{"input_tokens":{dice.randrange(9999)},"output_tokens":{dice.randrange(999)}}}}}'
        )
    return _joined(found, size)


CORPORA = {"clean": clean, "colours": colours, "dense": dense, "long line": long_line, "json": json_lines}


def _joined(found: list[str], size: int) -> bytes:
    block = ("\n".join(found) + "\n").encode()
    return (block * (size // len(block) + 1))[:size]
