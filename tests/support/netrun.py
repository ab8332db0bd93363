"""Runs a command in a bare sandbox with aigate's network, as the runner does: netrun.py OPTIONS(JSON) COMMAND..."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from aigate.config.model import Entry
from aigate.errors import AigateError
from aigate.network import hostfiles
from aigate.network.link import Network
from aigate.network.plan import look_at_machine, plan_network
from aigate.network.refusals import learned_text, summary
from aigate.policy.hosts import parse_hosts


def find(name: str) -> str | None:
    for directory in ("/usr/sbin", "/usr/bin"):
        if os.access(f"{directory}/{name}", os.X_OK):
            return f"{directory}/{name}"
    return None


def inherited(data: bytes) -> str:
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    os.set_inheritable(reader, True)
    return str(reader)


def bwrap(network: Network, identity: tuple[int, int], command: list[str]) -> list[str]:
    argv = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--unshare-pid"]
    argv += ["--unshare-ipc", "--uid", str(identity[0]), "--gid", str(identity[1]), "--cap-drop", "ALL"]
    argv += ["--die-with-parent"]
    for path, data in hostfiles.inner_files():
        argv += ["--ro-bind-data", inherited(data), path]
    for name, value in hostfiles.proxy_variables() if network.plan.way == "gateway" else ():
        argv += ["--setenv", name, value]
    if network.plan.way == "none":
        argv.append("--unshare-net")
    if network.block >= 0:
        argv += ["--block-fd", str(network.block)]
    return [*argv, "--", *command]


def main(options: dict[str, object], command: list[str]) -> int:
    entries = options["allow"]
    rules = None
    if isinstance(entries, list):
        rules = parse_hosts(tuple(Entry(text, "config.yaml", line) for line, text in enumerate(entries, 1)))
    plan = plan_network(rules, str(options["mode"]), lambda: look_at_machine(find), learning=bool(options["learn"]))

    def on_event(kind: str, fields: object) -> None:
        with Path(str(options["log"])).open("a") as log:
            log.write(json.dumps([kind, fields]) + "\n")

    identity = os.getuid(), os.getgid()
    network = Network(plan, on_event)
    child = os.fork()
    if child == 0:
        try:
            network.enter()
            os.execv("/usr/bin/bwrap", bwrap(network, identity, command))
        finally:
            os._exit(1)
    try:
        network.attach()
    except AigateError as error:
        os.kill(child, 9)
        sys.exit(f"aigate: {error.message}\n  hint: {error.hint}")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    report = network.close()
    line = summary(report)
    if line:
        sys.stderr.write(f"aigate: {line}\n")
    if plan.learning:
        sys.stderr.write(learned_text(report.learned))
    return status


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))
