"""What is tried about the network, and how long that is remembered. The namespaces are real, and nobody else's."""

import os
from errno import EPROTONOSUPPORT

import pytest

from aigate.errors import EnforcementError
from aigate.host.tools import find_tool
from aigate.network import namespace, trial
from aigate.network.plan import Machine, NetworkPlan, look_at_machine, plan_network
from aigate.policy.hosts import HostRule


@pytest.fixture
def counted(monkeypatch):
    """Count the trials; the list's last element is what the next one finds."""
    found: list[str] = []
    tried: list[Machine] = []

    def why_not_slirp(machine):
        tried.append(machine)
        return found[-1] if found else ""

    monkeypatch.setattr(trial, "why_not_slirp", why_not_slirp)
    return tried, found


@pytest.fixture
def machine(tmp_path):
    for name in ("slirp", "r4", "r6"):
        (tmp_path / name).write_text(name)
    paths = [str(tmp_path / name) for name in ("slirp", "r4", "r6")]
    return Machine(paths[0], tun=True, restore4=(paths[1],), restore6=(paths[2],), ipv6=True)


def test_what_works_is_tried_once(counted, machine, tmp_path):
    tried, _ = counted
    for _ in range(3):
        assert trial.remembering(str(tmp_path))(machine) == ""
    assert len(tried) == 1


def test_what_does_not_work_is_tried_again(counted, machine, tmp_path):
    tried, found = counted
    found.append("no packet queue")
    for _ in range(2):
        assert trial.remembering(str(tmp_path))(machine) == "no packet queue"
    assert len(tried) == 2
    assert not (tmp_path / "network").exists()


@pytest.mark.parametrize("name", ["slirp", "r4", "r6"])
def test_another_tool_or_boot_is_tried_anew(counted, machine, tmp_path, monkeypatch, name):
    tried, _ = counted
    remembering = trial.remembering(str(tmp_path))
    remembering(machine)
    (tmp_path / name).write_text("another one")
    remembering(machine)
    assert len(tried) == 2
    (tmp_path / "boot").write_text("another boot")
    monkeypatch.setattr(trial, "BOOT", str(tmp_path / "boot"))
    remembering(machine)
    assert len(tried) == 3


@pytest.mark.parametrize("planted", ["link", "directory", "half", "fifo"])
def test_what_stands_in_the_files_place_is_not_believed(counted, machine, tmp_path, planted):
    tried, _ = counted
    remembering = trial.remembering(str(tmp_path))
    remembering(machine)
    place = tmp_path / "network"
    key = place.read_bytes()
    place.unlink()
    if planted == "link":
        (tmp_path / "elsewhere").write_bytes(key)
        place.symlink_to(tmp_path / "elsewhere")
    elif planted == "directory":
        place.mkdir()
    elif planted == "fifo":
        os.mkfifo(place)
    else:
        place.write_bytes(key[:-5])
    remembering(machine)
    assert len(tried) == 2


def test_the_way_follows_what_was_found(machine):
    rules = (HostRule(None, name="example.com"),)  # type: ignore[arg-type]
    plan = plan_network(rules, "auto", lambda: machine, trial=lambda _: "no packet queue")
    assert (plan.way, plan.reason) == ("gateway", "no packet queue")
    assert plan_network(rules, "auto", lambda: machine, trial=lambda _: "").way == "slirp"
    for mode in ("slirp", "gateway"):
        plan = plan_network(rules, mode, lambda: machine, trial=lambda _: "never asked")
        assert (plan.way, plan.reason) == (mode, "")


def test_a_kernel_without_packet_queues_is_found_out(monkeypatch):
    """The gateway goes on without one, with rules that need none; slirp4netns' way says why it cannot be gone."""

    def fail():
        raise OSError(EPROTONOSUPPORT, "Protocol not supported")

    monkeypatch.setattr(namespace, "_listen_to_queue", fail)
    here = look_at_machine(find_tool)
    assert "4" in trial.attempt(NetworkPlan("gateway", (), here))
    with pytest.raises(EnforcementError, match="the kernel has no packet queue for aigate: Protocol not supported"):
        trial.attempt(NetworkPlan("slirp", (), here))
    assert "packet queue" in trial.why_not_slirp(here)
