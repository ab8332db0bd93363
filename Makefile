# Two commands for a newcomer: `make demo` and `make test`. Both install what is missing first.

# What is compiled is kept, whatever the shell says: each of pytest's processes compiled every test anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(wildcard aigate/*.pyx aigate/*.pxi aigate/*.pxd aigate/native/*.[ch] aigate/native/masker/* aigate/native/screen/* aigate/native/walk/* aigate/native/filter/* aigate/__init__.py aigate/cli/mask_kept.py aigate/masking/presets/*.py aigate/masking/rule*.py aigate/scripts/*)

# What never runs on macOS, where `session/macos.py` takes the place of `session/linux.py`; the rest is type-checked for it too.
LINUX_ONLY := aigate/(session/(linux|guard|life|machine)|host/(agent|cgroup|confine|gitbits|handover|namespaces|nesting)|launch/.*|layers/.*|watch/.*|cli/(comparison|explain|layer|learn|quarantine)|hook/service|watch/(arrival|clerk|directories|link|nested|sockets|watcher)|network/(firewall|inside|interfaces|link|loading|namespace|nfqueue|probe|queue|slirp|telling|trial|warden)|doctor/.*)\.py

# Two workers more than there are cores: many tests wait for something most of their time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS)

# What tests need besides: asked for by itself, for `pip install '.[dev]'` would build everything a second time.
define PACKAGES
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]], sep="\n")
endef
export PACKAGES

# $(call packages,EXTRA): install what an extra of pyproject.toml names.
packages = $(BIN)/python -c "$$PACKAGES" $(1) >$(VENV)/$(1).txt && $(BIN)/pip install --quiet --requirement $(VENV)/$(1).txt

.PHONY: docs diagrams demo test test-pairs test-all test-vm test-vm-escape test-clients test-frames test-browser sanitize wheel wheels lint lint-packaging setup clean

demo: $(VENV)/ready
	$(BIN)/python docs/demo/run.py

# Each promise and attack once; AIGATE_SEED=2 and so on run them in other combinations of user, backend and network.
test: $(VENV)/ready-for-tests
	$(PYTEST)

# Each with every user, every backend and every network, which is what CI does; the seed is printed, and random cases
# follow it.
test-pairs: $(VENV)/ready-for-tests
	AIGATE_TESTS=pairs $(PYTEST) --durations=8 --hypothesis-seed=$(or $(AIGATE_SEED),1)

# The whole product, before a release: takes long. Writes tests/last-full-run.txt, to be committed.
test-all: $(VENV)/ready-for-tests
	.ci/test-all $(WORKERS)

VM_ATTACKS := $(addprefix tests/escape/test_,control_groups_of_ones_own.py devices.py no_new_privileges.py \
    nothing_lives_on.py processes_of_the_host.py refused_system_calls.py sockets_of_the_host.py the_machines_switches.py)

# Needs root: a Debian system is installed into a file and booted under QEMU, for control groups of version 2 and another
# kernel.
test-vm: $(VENV)/ready-for-tests
	.ci/bootstrap vm
	$(BIN)/python tests/vm/boot.py tests/vm/guest_machine.py tests/vm/guest_limits.py $(VM_ATTACKS) \
	    -k 'guest or user and not unshare'

# Every attack, as an ordinary user, on that kernel: eleven minutes, since each one starts a sandbox without hardware's help.
test-vm-escape: $(VENV)/ready-for-tests
	.ci/bootstrap vm
	$(BIN)/python tests/vm/boot.py tests/escape -k 'user and not unshare'

# Real coding agents from npm and PyPI, inside and outside. One that does not install is named and left out.
test-clients: $(VENV)/ready-for-tests
	AIGATE_CLIENTS=.clients $(BIN)/python -m pytest tests/clients

# Columns of data on the real engines: Arrow, Polars, DuckDB, and Spark with two workers.
test-frames: $(VENV)/ready-for-tests
	.ci/bootstrap frames
	$(call packages,frames)
	$(BIN)/python -m pytest tests/frames

# The log's page in Debian's Chromium.
test-browser: $(VENV)/ready-for-tests
	.ci/bootstrap browser
	$(call packages,browser)
	$(BIN)/python -m pytest tests/browser

lint: $(VENV)/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin --follow-imports silent --exclude '$(LINUX_ONLY)'
	MYPYPATH=benchmarks $(BIN)/mypy --config-file= --ignore-missing-imports --explicit-package-bases --check-untyped-defs \
		--disable-error-code call-overload --disable-error-code misc benchmarks/*.py
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint aigate

# The manual as a site, in build/site. A warning is an error.
docs: $(VENV)/ready-for-tests
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The pictures in docs/diagrams from their sources.
diagrams:
	.ci/bootstrap diagrams
	for source in docs/diagrams/*.dot; do dot -Tsvg "$$source" -o "$${source%.dot}.svg"; done

# The masker's and the walk's tests with AddressSanitizer and UndefinedBehaviorSanitizer built in.
sanitize: $(VENV)/ready-for-tests
	.ci/sanitize

# The workflows and what is in packaging/, each file by the tool of those who read it.
lint-packaging: $(VENV)/ready-for-tests
	.ci/bootstrap packaging
	.ci/lint-packaging

# A wheel with RE2 inside, for CI images, in dist/.
wheel: $(VENV)/ready-for-tests
	.ci/wheel

# Every wheel that one machine can build, each tried in an empty Debian as far as there is one for it; as root, and for long.
wheels: $(VENV)/ready-for-tests
	.ci/bootstrap wheels
	$(BIN)/python packaging/wheels.py

setup: $(VENV)/ready-for-tests

$(VENV)/ready: $(SOURCES)
	.ci/bootstrap
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --config-settings editable_mode=compat --editable .
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready
	.ci/bootstrap tests
	$(call packages,dev)
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info aigate/*.so aigate/_masker.cpp aigate/_walk.cpp aigate/_linux.c aigate/_events.c aigate/native/init aigate/native/guard aigate/native/waiter aigate/native/clerk aigate/native/hook aigate/native/shell
