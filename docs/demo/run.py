"""`make demo`: a small scripted agent in a real project, inside `aigate run`. Nothing is mocked; everything is checked.

It builds a home directory and a project with secrets in a temporary place, writes the config with `aigate init`, runs
the agent, shows what it printed, and fails if anything denied was not denied or any secret was shown.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
AIGATE = pathlib.Path(sys.executable).parent / "aigate"
SECRET = "the-secret-that-must-not-appear"
START_FILE = "alias ll='ls -l'\n"  # of the user's own shell, which is no secret
DENIED, LAYERED = 11, 1
WORK = 3
HIDDEN_KEYS = 7
CALLED = f"""
To call it: {AIGATE} run -- COMMAND, after {AIGATE} init.
As `aigate`, from anywhere: pipx install . (or uv tool install .)"""


def build(root: pathlib.Path) -> tuple[pathlib.Path, dict[str, str]]:
    """Make a home with keys in it and a project with a git history; return the project and its environment."""
    home = root / "home"
    project = home / "shop"
    for path in (
        home / ".ssh/id_ed25519",
        home / ".aws/credentials",
        home / ".bashrc",
        project / ".env",
        project / "packages/api/.env",
        project / "secrets/stripe.txt",
        project / "server.pem",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(START_FILE if path.name == ".bashrc" else f"{SECRET}\n")
    (project / "src.py").write_text("def answer() -> int:\n    return 42\n\n\nprint(answer())\n")
    shutil.copy(HERE / "agent", project / "agent")
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "TERM": os.environ.get("TERM", "dumb"),
        "LANG": "C.UTF-8",
        "GIT_AUTHOR_NAME": "demo",
        "GIT_AUTHOR_EMAIL": "demo@localhost",
        "GIT_COMMITTER_NAME": "demo",
        "GIT_COMMITTER_EMAIL": "demo@localhost",
    }
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "add", "src.py"],
        ["git", "commit", "-q", "-m", "Answer the question"],
        [AIGATE, "init"],
        [AIGATE, "deny", "exec", "git push"],
    ):
        subprocess.run(command, cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    return project, environment


def verify(output: str, layer: str, project: pathlib.Path) -> list[str]:
    """Return what is wrong with what the run and `aigate layer diff` said; an empty list when nothing is."""
    wrong = []
    expectations = {
        "a secret was shown": SECRET not in output,
        "not every attempt was denied": output.count("mdenied ") == DENIED,
        "the home was not layered": output.count("mlayered ") == LAYERED and "M ~/.bashrc" in layer,
        "something was open": "OPEN" not in output and "FAILED" not in output,
        "honest work failed": output.count("mdone ") == WORK,
        "a key was shown": output.count("***") == HIDDEN_KEYS,
        "something was left behind": (project.parent / ".bashrc").read_text() == START_FILE
        and not (project / ".git/hooks/pre-commit").exists(),
        "the edit was lost": "answer() + 1" in (project / "src.py").read_text(),
    }
    wrong += [text for text, holds in expectations.items() if not holds]
    return wrong


def is_coloured() -> bool:
    """Tell whether colours are seen, on a terminal or by who records it, and nobody has asked for none."""
    return (sys.stdout.isatty() or "AIGATE_DEMO_COLOURS" in os.environ) and not os.environ.get("NO_COLOR")


def main() -> int:
    """Run the demo; 0 if everything held."""
    with tempfile.TemporaryDirectory(prefix="aigate-demo-") as root:
        project, environment = build(pathlib.Path(root))
        print("$ aigate run -- ./agent", flush=True)
        done = subprocess.run(
            [AIGATE, "run", "--", "./agent"], cwd=project, env=environment, stdout=subprocess.PIPE, check=False
        )
        output = done.stdout.decode()
        print(output if is_coloured() else re.sub(r"\x1b\[\d+m", "", output), end="")
        print("$ aigate layer diff", flush=True)
        layer = subprocess.run(
            [AIGATE, "layer", "diff"], cwd=project, env=environment, stdout=subprocess.PIPE, check=False, text=True
        ).stdout
        print(layer, end="")
        wrong = verify(output, layer, project)
        if done.returncode != 0:
            wrong.append(f"the agent ended with {done.returncode}")
    for text in wrong:
        print(f"demo failed: {text}", file=sys.stderr)
    if not wrong:
        print("Every attempt was denied or kept in the layer, no key was shown, and the honest work was done.")
        print(CALLED)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
