"""Each command on the pages for CI, agents and data does what the page says, with the exit status that it names."""

from __future__ import annotations

import gzip
import pathlib
import re
import sys

import pytest
import yaml
from hook_service import end
from sandbox import Sandbox

ROOT = pathlib.Path(__file__).parents[2]
KEY = "sk-ant-api03-abcdefghij0123456789"
STATUS = re.compile(r"\s+# status (\d)$")
REAL = tuple(f"aigate hook install {agent}" for agent in ("codex", "gemini", "opencode", "copilot"))  # tests/clients
RULES = "[[rules]]\nid = 'own'\nregex = '''own-[0-9]{8}'''\n"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[str]:
    return [line for block in blocks(page, "sh") for line in block.splitlines()]


@pytest.fixture
def place(sandbox: Sandbox) -> Sandbox:
    """What the pages take for granted: logs, rules, a repository with something staged, old transcripts."""
    for name in ("logs/build.log", "logs/test.log", "kept/a.log", "~/.claude/file-history/a"):
        sandbox.write(name, f"the key {KEY} of\n")
    for name in ("~/.claude/projects/p/a.jsonl", "~/.codex/sessions/a.jsonl", "~/.gemini/tmp/p/chats/a.json"):
        sandbox.write(name, f'{{"text": "{KEY}"}}\n', 0o600)
    sandbox.write("clean/a.log", "nothing\n")
    sandbox.write("ci.env", "DEPLOY_TOKEN=quahogRaccoon4711Umbrella\n")
    sandbox.write("gitleaks.toml", RULES)
    sandbox.write("app.log.gz", "")
    (sandbox.project / "app.log.gz").write_bytes(gzip.compress(f"{KEY}\n".encode()))
    sandbox.outside("git", "init", "-q")
    sandbox.outside("git", "add", "-N", "logs")
    sandbox.outside("git", "add", "logs")
    runtime = sandbox.write("~/run/x", "").parent
    runtime.chmod(0o700)
    programs = pathlib.Path(sys.executable).parent
    sandbox.extra |= {"XDG_RUNTIME_DIR": str(runtime), "PATH": f"{programs}:/usr/bin:/bin"}
    return sandbox


@pytest.mark.only("own")
@pytest.mark.parametrize("page", ["ci.md", "agents.md", "data.md"])
def test_the_commands_of_a_page(place: Sandbox, page: str) -> None:
    (place.home / ".aigate/config.yaml").unlink(missing_ok=True)
    try:
        for line in commands(page):
            if line not in REAL:
                done = place.execute(["bash", "-o", "pipefail", "-c", line])
                wanted = STATUS.search(line)
                assert done.returncode == (int(wanted[1]) if wanted else 0), (line, done.stdout, done.stderr)
                assert KEY not in done.stdout + done.stderr, line
    finally:
        end(place)
    kept = [path for path in place.home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    changed = {"ci.md": ("logs", "kept"), "agents.md": (".claude", ".codex", ".gemini"), "data.md": ("logs",)}[page]
    assert not [
        path for path in kept if path.parent.name in changed or path.relative_to(place.home).parts[0] in changed
    ]


def test_what_a_page_names_for_pre_commit_is_in_the_manifest(place: Sandbox) -> None:
    (hook,) = (block for block in map(yaml.safe_load, blocks("ci.md", "yaml")) if "repos" in block)
    wanted = [one["id"] for repository in hook["repos"] for one in repository["hooks"]]
    manifest = {one["id"]: one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    for name in wanted:
        words = manifest[name]["entry"].split() + manifest[name].get("args", [])
        assert place.execute([*words, "logs/build.log"]).returncode == 3
        assert place.execute([*words, "clean/a.log"]).returncode == 0


def test_the_step_that_uploads_a_report(place: Sandbox) -> None:
    (steps,) = (block for block in map(yaml.safe_load, blocks("ci.md", "yaml")) if isinstance(block, list))
    done = place.execute(["bash", "-c", steps[0]["run"]])
    assert (done.returncode, (place.project / steps[1]["with"]["sarif_file"]).exists()) == (3, True)
