# Everything from a fresh clone: `make run` and `make test` do their own set-up.
#
#   PYTHON=/path/to/python3   interpreter to build the environment from (default: the first that runs)
#   VENV=.venv                where the environment goes
#   JOBS=2                    processes for runs and tests

VENV ?= .venv
JOBS ?= 2
UV   ?= uv

CRATE ?= .venv-crate

BIN   := $(VENV)/bin
PY    := $(BIN)/python
STAMP := $(VENV)/.installed

.PHONY: help setup run test test-slow verification faults mutation portable slurm crate lint lock bench bench-engine clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

setup: $(STAMP) ## make the environment: pinned, hashed packages and the command `sim`

# The stamp is written last: an interrupted set-up is taken up again, a finished one is not redone.
$(STAMP): requirements.txt pyproject.toml
	@$(PY) -c '' 2>/dev/null || { \
	  python=$$(PYTHON="$(PYTHON)" sh .ci/find-python 3.11) || exit 1; \
	  echo "setup: $(VENV) from $$python"; \
	  "$$python" -m venv --clear "$(VENV)" && echo '*' > "$(VENV)/.gitignore"; }
	@echo "setup: installing the pinned packages, about two minutes"
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## the main experiment: tables, effects.csv and figures in results/headline_levers
	$(BIN)/sim experiment experiments/headline_levers.yaml --out results/headline_levers --jobs $(JOBS)

test: setup ## the test suite without the slow tests; ARGS='-k market' narrows it
	$(PY) -m sim.portable -m pytest -n $(JOBS) $(ARGS)

test-slow: setup ## the slow tests alone, most of an hour; they use two processes themselves
	$(PY) -m sim.portable -m pytest -n 0 -m slow --ignore=tests/test_portable_processors.py $(ARGS)

verification: setup ## docs/verification.md: the model against theory, with figures
	$(BIN)/sim limits --page docs

faults: setup ## plant each fault of tests/faults and report the test that catches it
	$(PY) tests/faults/run.py --jobs $(JOBS) $(ARGS)

mutation: setup ## mutation score of mechanisms and metrics; judges what has changed, ARGS=--fresh all
	$(PY) -m tests.mutation.run --jobs $(JOBS) $(ARGS)

portable: setup ## the same bytes on other processors, emulated; installs qemu-user where root on Debian
	@command -v qemu-x86_64 >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  apt-get install -y -qq qemu-user; } || { \
	  echo "portable: qemu-x86_64 is missing: install qemu-user" >&2; exit 1; }
	$(PY) -m pytest -n 0 -m slow tests/test_portable_processors.py $(ARGS)

slurm: setup ## a SLURM of one node on loopback, and the tests on it; installs it where root on Debian
	@PATH="$$PATH:/usr/sbin"; command -v slurmctld >/dev/null && command -v munged >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge; } || { \
	  echo "slurm: NOT RUN: install slurm-wlm and munge" >&2; exit 1; }
	$(PY) tests/slurm/run.py $(PY) -m sim.portable -m pytest -n 0 -m slow tests/test_slurm.py $(ARGS)

# roc-validator needs an older rich than the model's environment, so it has one of its own.
$(CRATE)/.installed: .ci/crate.txt
	@$(CRATE)/bin/python -c '' 2>/dev/null || { \
	  python=$$(PYTHON="$(PYTHON)" sh .ci/find-python 3.11) || exit 1; \
	  "$$python" -m venv --clear "$(CRATE)" && echo '*' > "$(CRATE)/.gitignore"; }
	$(CRATE)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r .ci/crate.txt
	@touch $@

crate: setup $(CRATE)/.installed ## export a toy run and validate it as an RO-Crate, offline
	$(BIN)/sim run configs/toy.yaml --out $(CRATE)/toy --quiet
	$(BIN)/sim export $(CRATE)/toy --out $(CRATE)/export --zip
	$(CRATE)/bin/python tests/crate_validation.py $(CRATE)/export
	$(CRATE)/bin/python tests/crate_validation.py $(CRATE)/export/archive.zip

lint: setup ## style, formatting and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# The lock names no index, so that it installs from any mirror. uv is fetched where it does not run.
lock: ## write requirements.txt anew from the bounds in pyproject.toml
	@uv="$(UV)"; "$$uv" --version >/dev/null 2>&1 || { \
	  python=$$(PYTHON="$(PYTHON)" sh .ci/find-python 3.11) || exit 1; \
	  "$$python" -m venv .venv-lock && echo '*' > .venv-lock/.gitignore || exit 1; \
	  .venv-lock/bin/pip install -qq --disable-pip-version-check uv || exit 1; \
	  uv=.venv-lock/bin/uv; }; \
	"$$uv" pip compile pyproject.toml --all-extras --universal --generate-hashes \
	  --no-emit-index-url --python-version 3.11 --fork-strategy fewest --upgrade \
	  --custom-compile-command "make lock" --output-file requirements.txt --quiet

bench: setup ## time and memory of 96 quarters at default scale, and what the same bytes cost
	$(PY) -m sim.portable benchmarks/bench_step.py
	$(PY) benchmarks/bench_portable.py

bench-engine: setup ## overhead, speed-up and memory of the experiments engine; on an idle machine
	$(PY) -m sim.portable benchmarks/bench_engine.py

clean: ## remove environments and caches; results stay
	rm -rf .venv .venv-next .venv-lock .venv-crate .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
