"""What rules cost, measured here and now. Owns a sample of output without secrets, and prints nothing."""

from __future__ import annotations

import time

from aigate._masker import Masker
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.masking.rule import Rule

SAMPLE_BYTES = 1 << 20
ROUNDS = 3
SLOW = 100e6  # bytes a second, below which a rule holds up what programs print fast
LINES = (
    "2026-03-14T09:26:53.{0:03d}Z INFO  [worker-{0}] request GET /api/v1/items/{1}?page={0}&sort=name took {1} ms",
    '  File "/opt/shop/src/orders/views.py", line {1}, in get_queryset',
    "src/components/Table{0}.tsx:{1}:17 - warning TS6133: 'index' is declared but its value is never read.",
    '{{"level": "debug", "id": {1}, "path": "build/{0}/index.js", "cached": false}}',
    "drwxr-xr-x 2 builder builder {1} Mar 14 09:26 node_modules/package-{0}/dist",
    "\x1b[32mPASS\x1b[0m tests/unit/test_{0}.py::test_case[{1}] (0.{0:03d} s)",
)


@record
class Cost:
    """Of one rule, or all together. preparing: seconds, once. rate: bytes of ordinary output a second, by itself."""

    name: str
    source: str | None
    preparing: float
    rate: float

    @property
    def slow(self) -> bool:
        """Tell whether output that comes fast would wait for it."""
        return self.rate < SLOW


def costs(rules: tuple[Rule, ...]) -> tuple[list[Cost], Cost]:
    """Return what each rule costs by itself, the costliest first, and all together.

    Times are this process's own (CPU time), the rate the best of a few rounds. Takes some milliseconds a rule.
    """
    text = sample()
    each = [_cost(rule.name, rule.source, (rule,), text) for rule in rules]
    return sorted(each, key=lambda cost: cost.rate), _cost("all together", None, rules, text)


def sample() -> bytes:
    """Return lines as programs print them, without a secret."""
    lines: list[str] = []
    size = number = 0
    while size < SAMPLE_BYTES:
        number += 1
        line = LINES[number % len(LINES)].format(number % 997, number * 7919 % 65521)
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines).encode("ascii")[:SAMPLE_BYTES]


def _cost(name: str, source: str | None, rules: Iterable[Rule], text: bytes) -> Cost:
    began = time.process_time()
    masker = Masker(rules)
    masker.mask(text)
    first = time.process_time() - began
    best = min(_seconds(masker, text) for _ in range(ROUNDS))
    return Cost(name, source, max(first - best, 0.0), len(text) / max(best, 1e-9))


def _seconds(masker: Masker, text: bytes) -> float:
    began = time.process_time()
    masker.mask(text)
    return time.process_time() - began
