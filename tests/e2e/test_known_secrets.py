"""What the run's own hidden files and lost variables hold is hidden in the output, however it is written."""

import base64

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


def test_nothing_is_known_where_nothing_is_masked(sandbox) -> None:
    sandbox.write(".env", f"DB_PASSWORD={PASSWORD}\n")
    config = sandbox.home / ".aigate/config.yaml"
    sandbox.outside("sh", "-c", 'sed -i "/^mask_stdout/,/patterns:/d" "$1"', "sh", str(config))
    done = sandbox.run("echo", PASSWORD, options=())
    assert done.stdout.split() == [PASSWORD]
    assert "not masked" in done.stderr
