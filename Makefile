# Everything from a fresh clone: `make run` and `make test` do their own set-up.
#
#   PYTHON=/path/to/python3   interpreter to build the environment from (default: the first that runs)
#   VENV=.venv                where the environment goes
#   JOBS=2                    processes for runs and tests

VENV ?= .venv
JOBS ?= 2
UV   ?= uv

BIN   := $(VENV)/bin
PY    := $(BIN)/python
STAMP := $(VENV)/.installed

.PHONY: help setup run test test-slow verification faults mutation lint lock bench clean
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
	$(PY) -m pytest -n $(JOBS) $(ARGS)

test-slow: setup ## the slow tests alone, about ten minutes; they use two processes themselves
	$(PY) -m pytest -n 0 -m slow $(ARGS)

verification: setup ## docs/verification.md: the model against theory, with figures
	$(BIN)/sim limits --page docs

faults: setup ## plant each fault of tests/faults and report the test that catches it
	$(PY) tests/faults/run.py --jobs $(JOBS) $(ARGS)

mutation: setup ## mutation score of mechanisms and metrics; judges what has changed, ARGS=--fresh all
	$(PY) -m tests.mutation.run --jobs $(JOBS) $(ARGS)

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

bench: setup ## time and memory of 96 quarters at default scale
	$(PY) benchmarks/bench_step.py

clean: ## remove environments and caches; results stay
	rm -rf .venv .venv-next .venv-lock .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
