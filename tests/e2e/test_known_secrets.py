"""What the run's own hidden files and lost variables hold is hidden in the output, however it is written."""

import base64
import json

PASSWORD, PLAIN = "Tr0ub4dor3xyz", "shop"


def test_values_of_a_hidden_file_and_of_a_variable_left_out(sandbox) -> None:
    sandbox.write(".env", f"DB_PASSWORD={PASSWORD}\nAPP_NAME={PLAIN}\n")
    sandbox.extra["CI_TOKEN"] = "zz9PluralZAlpha8"
    encoded = base64.b64encode(f"u:{PASSWORD}".encode()).decode()
    done = sandbox.run("echo", f"{PASSWORD} {PLAIN} {encoded} zz9PluralZAlpha8", options=())
    first, plain, third, last = done.stdout.split()
    assert (first, plain, last) == ("***", PLAIN, "***")
    assert third.endswith("***")
    assert ", 2 known values" in done.stderr
    assert PASSWORD not in (sandbox.home / ".aigate/audit.jsonl").read_text()


def test_an_ordinary_file_and_a_hostile_one_leave_the_screen_readable(sandbox) -> None:
    sandbox.write(
        ".env", f"APP_NAME={sandbox.project.name}\nX_TOKEN={sandbox.project}\nB_SECRET=console.log(\nC_KEY=eu-west-1\n"
    )
    line = f"{sandbox.project.name} {sandbox.project} console.log(1) eu-west-1"
    done = sandbox.run("echo", line, options=())
    assert done.stdout == f"{line}\n"
    assert "known value" not in done.stderr


def test_values_of_a_file_that_is_named(sandbox) -> None:
    values = sandbox.home / "values.yaml"
    values.write_text(f"db:\n  password: {PASSWORD}\n  host: db.example.org\n")
    done = sandbox.run("echo", f"{PASSWORD} db.example.org", options=("--values", str(values)))
    assert done.stdout == "*** db.example.org\n"
    done = sandbox.run("echo", PASSWORD, options=("--values", "/dev/null"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "/dev/null: is not a regular file" in done.stderr


def test_values_that_the_config_names_and_none(sandbox) -> None:
    sandbox.write(".env", f"DB_PASSWORD={PASSWORD}\n")
    sandbox.extra["MY_PIN"] = "4711x"
    config = sandbox.home / ".aigate/config.yaml"
    whole = config.read_text()
    for values, shown in (
        ("[$MY_PIN]", f"{PASSWORD} ***"),
        ("[denied, $MY_PIN]", "*** ***"),
        ("[]", f"{PASSWORD} 4711x"),
    ):
        config.write_text(whole.replace("mask_stdout:\n", f"mask_stdout:\n  values: {values}\n"))
        assert sandbox.run("echo", f"{PASSWORD} 4711x", options=()).stdout == f"{shown}\n"


def test_values_of_a_file_in_a_hidden_directory(sandbox) -> None:
    folder = sandbox.home / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(f"[default]\naws_secret_access_key = {PASSWORD}\nregion = eu-west-1\n")
    done = sandbox.run("echo", f"{PASSWORD} eu-west-1", options=())
    assert done.stdout == "*** eu-west-1\n"
    assert ", 1 known value" in done.stderr


def test_explain_names_them_and_shows_none(sandbox) -> None:
    sandbox.write(".env", f"DB_PASSWORD={PASSWORD}\nAPP_NAME={PLAIN}\n")
    done = sandbox.aigate("explain", "--values")
    assert "  DB_PASSWORD\n" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    assert "APP_NAME" not in done.stdout
    assert json.loads(sandbox.aigate("explain", "--values", "--json").stdout) == [{"values": ["DB_PASSWORD"]}]
    sandbox.write(".env", "APP_NAME=x\n")
    assert "no value is known" in sandbox.aigate("explain", "--values").stdout


def test_nothing_is_known_where_nothing_is_masked(sandbox) -> None:
    sandbox.write(".env", f"DB_PASSWORD={PASSWORD}\n")
    config = sandbox.home / ".aigate/config.yaml"
    sandbox.outside("sh", "-c", 'sed -i "/^mask_stdout/,/patterns:/d" "$1"', "sh", str(config))
    done = sandbox.run("echo", PASSWORD, options=())
    assert done.stdout.split() == [PASSWORD]
    assert "not masked" in done.stderr
