"""The tests of the tests: with any protection taken out, one of them fails. A line for each protection."""

from __future__ import annotations

import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from mutation import CONTROL, Mutation, without

RUN = "tests/e2e/test_run.py::"
READING = ("tests/escape/test_reading_a_denied_file.py",)
SYSTEM_CALLS = ("tests/escape/test_refused_system_calls.py",)
REACH = tuple(
    f"tests/network/test_{name}"
    for name in (
        "a_denied_host.py::test_a_denied_host_is_refused_at_once_and_told",
        "a_denied_host.py::test_a_raw_address_is_refused_at_once_and_told",
        "names_that_lead_inwards.py::test_a_name_that_leads_into_the_private_network_is_refused",
    )
)
# What the watcher would find as well, so that one of the two alone is not missed.
WATCHED_SOCKETS = (("watch.sockets:Sockets.foreign", "lambda self: iter(self._doubtful.clear() or ())"),)
PROTECTIONS = {
    "what programs draw": Mutation(
        "streams.terminal:Terminal.size", "lambda self: (0, 0)", ("tests/e2e/test_secrets_on_a_screen.py",)
    ),
    "what reaches past the screen": Mutation(
        "session.using:permits_of", "lambda *words: Permits()", ("tests/e2e/test_what_the_terminal_gets.py",)
    ),
    "answers that are no key": Mutation(
        "streams.keys:STRINGS", "b''", ("tests/e2e/test_seeing_once_what_is_masked.py",)
    ),
    "what links lead to during a run": Mutation(
        "watch.led:Led.matters",
        "lambda self, path: False",
        ("tests/escape/test_replaced_by_a_link.py::test_a_link_that_comes_to_match",),
    ),
    "links that were there and lead elsewhere": Mutation(
        "watch.led:Led._add_link", "lambda *words: None", ("tests/escape/test_links_led_elsewhere.py",)
    ),
    "what read-only places lead to": Mutation(
        "watch.places:Places.guards", "lambda self, path: False", ("tests/escape/test_read_only_led_elsewhere.py",)
    ),
    "what is renamed below a layer": Mutation(
        "watch.spliced:Spliced.due",
        "lambda self: []",
        ("tests/escape/test_hidden_directories_of_the_home_renamed.py",),
    ),
    "shared directories": Mutation(
        "policy.roots:_in_shared", "lambda *words: []", ("tests/escape/test_shared_directories.py",)
    ),
    "what is renamed before it is covered": Mutation(
        "watch.places:Places.gone",
        "lambda self: set()",
        ("tests/escape/test_what_is_gone_before_the_mounts.py",),
        tries=8,
    ),
    "what is hidden": Mutation("backends.layout:_hide", "lambda policy: []", READING),
    "what is protected": Mutation(
        "backends.layout:_protect",
        "lambda policy, real=_protect: [step for step in real(policy) if getattr(step, 'writable', True)]",
        ("tests/escape/test_git_runs_nothing_of_the_agents.py",),
    ),
    "directories above": Mutation(
        "backends.layout:_pin_above", "lambda *words: None", ("tests/escape/test_renamed_directories.py",)
    ),
    "denied programs": Mutation(
        "backends.layout:_deny_programs",
        "lambda *words: []",
        (
            "tests/e2e/test_run.py::test_denied_commands_do_not_run",
            "tests/e2e/test_run.py::test_busybox_loses_only_its_denied_applets",
        ),
    ),
    "the kernel's switches": Mutation(
        "backends.layout:KERNEL_SWITCHES", "()", ("tests/escape/test_the_machines_switches.py",)
    ),
    "devices": Mutation(
        "backends.layout:_base",
        "lambda policy, real=_base: [step for step in real(policy) if not isinstance(step, Devices)]",
        ("tests/escape/test_devices.py",),
    ),
    "system calls, by number": Mutation("backends.seccomp:IO_URING", "()", SYSTEM_CALLS),
    "system calls, by argument": Mutation("backends.seccomp:_one_of", "lambda *words, **named: b''", SYSTEM_CALLS),
    "set-id bits": Mutation("backends.seccomp:_set_id", "lambda calls: b''", ("tests/escape/test_set_id.py",)),
    "the group's set-id bit": Mutation(
        "watch.setgroup:clear", "lambda places, since: iter(())", ("tests/escape/test_set_id.py",)
    ),
    "Landlock": Mutation(
        "launch.child:scope_with_landlock", "lambda: None", ("tests/escape/test_sockets_of_the_host.py",)
    ),
    "masks without an owner": Mutation(
        "launch.masks:_disown", "lambda folder, namespace: True", ("tests/escape/test_closed_masks.py",)
    ),
    "calls that change mounts": Mutation(
        "launch.child:_let_mounts_be_judged",
        "lambda around: None",
        ("tests/escape/test_sealing.py::test_a_kernel_that_lets_nobody_judge_mounts",),
    ),
    "steps that fail": Mutation("launch.child:_sealed", "lambda problem, act: None", ("tests/escape/test_sealing.py",)),
    "links": Mutation("policy.resolve:fixed", "lambda paths: []", ("tests/escape/test_links_that_lead_nowhere.py",)),
    "places that variables have moved": Mutation(
        "policy.resolve:followed",
        "lambda patterns, *words: tuple(patterns)",
        ("tests/e2e/test_where_credentials_lie.py",),
    ),
    "what git's settings lead to": Mutation(
        "policy.protect:_git_settings", "lambda *words: []", ("tests/escape/test_what_gits_settings_lead_to.py",)
    ),
    "which of git's settings leave": Mutation(
        "watch.settings:may_leave", "lambda *words: True", ("tests/escape/test_git_settings_that_leave.py",)
    ),
    "directories that cannot be watched": Mutation(
        "watch.directories:Directories.miss", "lambda self, path: None", ("tests/e2e/test_too_few_watches.py",)
    ),
    "repositories that were there": Mutation(
        "watch.brief:git_directories", "lambda job: ()", ("tests/escape/test_bare_repositories_that_were_there.py",)
    ),
    "an empty layer above a home that is read-only": Mutation(
        "policy.home:view_of",
        "lambda *words, real=view_of: (lambda at: HomeView(at.kind, at.reason, at.layered, at.caches))(real(*words))",
        ("tests/escape/test_sockets_in_a_home_that_is_read_only.py",),
    ),
    "a project that is moved away": Mutation(
        "watch.whereabouts:Whereabouts.lose",
        "lambda self, path: False",
        ("tests/escape/test_a_project_that_is_moved_away.py",),
    ),
    "who is in what is moved away": Mutation(
        "watch.brief:is_seen", "lambda job: False", ("tests/escape/test_moved_away_with_somebody_in_it.py",)
    ),
    "what a run leaves in repositories that were there": Mutation(
        "watch.repositories:Repositories.is_as_it_was",
        "property(lambda self: True)",
        ("tests/escape/test_what_is_left_in_gits_directories.py",),
    ),
    "repositories that a file leads to": Mutation(
        "watch.repositories:git_directory",
        "lambda top: ''",
        ("tests/escape/test_repositories_where_nobody_looks.py",),
    ),
    "links in git's directories": Mutation(
        "watch.repositories:_of_links",
        "lambda directory: iter(())",
        ("tests/escape/test_repositories_where_nobody_looks.py",),
    ),
    "where a repository writes": Mutation(
        "watch.repositories:Repositories._stays",
        "lambda *words: True",
        ("tests/escape/test_repositories_where_nobody_looks.py",),
    ),
    "namespaces of single threads": Mutation(
        "watch.gate:threads",
        "lambda processes: iter(processes) if not processes else iter([*processes, *children(processes[0])])",
        ("tests/escape/test_mount_namespaces_that_are_hard_to_find.py",),
    ),
    "overlays that are made later": Mutation(
        "backends.seccomp:MOUNTING",
        "(428, 429, 442, 467)",
        ("tests/escape/test_overlays_of_what_is_covered_later.py",),
    ),
    "overlays that were made before": Mutation(
        "launch.renewing:_ends",
        "lambda path: iter(())",
        ("tests/escape/test_overlays_of_what_is_covered_later.py",),
    ),
    "set-id bits in closed directories": Mutation(
        "watch.setgroup:_open_up", "lambda *words: None", ("tests/escape/test_set_id.py",)
    ),
    "samples of everybody": Mutation("backends.seccomp:EVERYBODY", "0x7FFFFFFF", SYSTEM_CALLS),
    "roots": Mutation("policy.roots:_copies", "lambda *words: []", ("tests/escape/test_roots_of_patterns.py",)),
    "other names of what is hidden": Mutation(
        "watch.names:OtherNames.noticed", "lambda self, watch: None", ("tests/escape/test_other_names_that_appear.py",)
    ),
    "sockets in the project": Mutation(
        "policy.sockets:_answers",
        "lambda path: False",
        ("tests/escape/test_sockets_in_the_project.py",),
        also=WATCHED_SOCKETS,
    ),
    "sockets where no layer is": Mutation(
        "policy.resolve:bare",
        "lambda *words: ()",
        ("tests/escape/test_sockets_where_no_layer_is.py::test_one_that_was_there",),
        also=WATCHED_SOCKETS,
    ),
    "sockets of the host": Mutation(
        "policy.sockets:find_sockets",
        "lambda *words: ()",
        ("tests/escape/test_sockets_in_the_project.py",),
        also=WATCHED_SOCKETS,
    ),
    "sockets that appear": Mutation(*WATCHED_SOCKETS[0], ("tests/escape/test_sockets_that_appear_during_a_run.py",)),
    "capabilities": Mutation(
        "launch.child:_linux", without("drop_capabilities"), (f"{RUN}test_no_capability_is_left",)
    ),
    "descriptors": Mutation(
        "launch.child:_inherit",
        "lambda at: [os.dup2(*pair) for pair in at.redirections] + [os.set_inheritable(n, True) for n in at.kept]",
        (f"{RUN}test_descriptors_of_the_caller_stay_outside",),
    ),
    "the standard input": Mutation("launch.child:_take_input", "lambda *words: None", ("tests/escape/test_input.py",)),
    "control groups": Mutation(
        "launch.child:enter_control_group_namespace",
        "lambda *, last: None",
        ("tests/escape/test_control_groups_of_ones_own.py",),
    ),
    "who may divide control groups": Mutation(
        "session.machine:divides_groups",
        "lambda *words: True",
        ("tests/escape/test_control_groups_of_ones_own.py",),
    ),
    "empty files that may not appear": Mutation(
        "watch.unwritten:Unwritten.written",
        "lambda self, *, over=False: iter(())",
        ("tests/escape/test_places_for_mounts_of_sandboxes_within.py::test_what_stays_empty_goes_at_the_end",),
    ),
    "variables": Mutation(
        "policy.resolve:removed_variables",
        "lambda *words: ()",
        (f"{RUN}test_credentials_do_not_reach_the_environment",),
    ),
    "aigate's own state": Mutation("policy.resolve:_own_state", "lambda home: ()", (f"{RUN}test_own_state_is_hidden",)),
    "secrets": Mutation(
        "masking.rules:rules_from",
        "lambda *words: ()",
        (f"{RUN}test_secrets_are_taken_out_of_both_streams",),
    ),
    "known values": Mutation(
        "session.known:_denied",
        "lambda *words: []",
        ("tests/e2e/test_known_secrets.py::test_values_of_a_hidden_file_and_of_a_variable_left_out",),
    ),
    "which programs have a profile": Mutation(
        "profiles.choice:_inside",
        "lambda path, directory: False",
        ("tests/e2e/test_what_a_profile_brings.py::test_a_program_of_the_projects_gets_none",),
    ),
    "trust": Mutation("config.trust:is_trusted", "lambda *words, **named: True", ("tests/e2e/test_trust.py",)),
    "packets to hosts that are not allowed": Mutation("network.judge:Judge.allows", "lambda *words: True", REACH),
    "endpoints that are not allowed": Mutation("network.judge:Judge.allows_endpoint", "lambda *words: True", REACH),
    "names that are not allowed": Mutation(
        "network.judge:Judge.ports_of", "lambda self, name: Ports(every=True)", REACH
    ),
    "private addresses": Mutation("network.judge:Judge.may_lead_to", "lambda *words, **named: True", REACH),
    "loopback": Mutation(
        "policy.hosts:is_here", "lambda address: False", ("tests/network/test_loopback_by_way_of_a_device.py",)
    ),
    "what a connection shows": Mutation(
        "network.inspection:Opening.feed",
        "lambda self, data: data",
        ("tests/network/test_the_host_that_http_names.py",),
    ),
    "strict reading of requests": Mutation(
        "network.http1:_check_lines",
        "lambda data: None",
        ("tests/network/test_requests_that_are_read_in_two_ways.py",),
    ),
}


@pytest.fixture
def place() -> Iterator[pathlib.Path]:
    place = pathlib.Path(tempfile.mkdtemp(prefix="aigate-mutation-", dir="/opt"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", PROTECTIONS)
def test_a_protection_taken_out_is_missed(name: str, place: pathlib.Path, readable_install: list[str]) -> None:
    mutation = PROTECTIONS[name]
    prefix = mutation.install(readable_install, place)
    for _ in range(mutation.tries):
        said = mutation.verdicts(prefix)
        assert any(passed.startswith(CONTROL) for passed in said["PASSED"]), f"the copy does not work at all: {said}"
        if said["FAILED"]:
            return
    pytest.fail("no test saw that it is missing")
