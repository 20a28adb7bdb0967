# The only thing needed before `make` is Python 3.11 or newer. `make help` explains every target.

.DEFAULT_GOAL := help
.PHONY: help run demo test test-on-broker check bench evaluate trees train soak kafka kafka-stop lock clean check-types check-structure venv-run venv-dev

PYTHON_IN_VENV := .venv/bin/python
# Several processes, each with a database server of its own; what a file's tests share is made once. They wait nearly as
# much as they work, so there are more of them than cores. A whole hotline is eight processes already: two stand side by
# side, no more.
SIDE_BY_SIDE := -n 4 --dist loadfile
TWO_HOTLINES := -n 2 --dist loadfile --no-loadscope-reorder

help: ## explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: venv-run ## start the whole hotline on this machine and print where to find it (Ctrl-C stops it)
	@.venv/bin/hotline up

demo: venv-run ## play three reports from first word to acknowledgement and print the timeline
	@.venv/bin/hotline demo

test: venv-dev ## run every test that needs nothing but this machine
	@$(PYTHON_IN_VENV) -m pytest $(SIDE_BY_SIDE) -m "not kills" tests/architecture tests/unit tests/integration
	@$(PYTHON_IN_VENV) -m pytest $(TWO_HOTLINES) tests/acceptance

test-on-broker: venv-dev ## repeat what touches a broker, on the Apache Kafka that HOTLINE_TEST_KAFKA=host:port names
	@$(PYTHON_IN_VENV) -m pytest -m broker tests/integration
	@$(PYTHON_IN_VENV) -m pytest -m broker tests/acceptance

check: venv-dev ## lint, formatting, types, layers between modules, and the rules of CONTRIBUTING.md
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m ruff format --check .
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-structure

check-types: venv-dev
	@$(PYTHON_IN_VENV) -m mypy

check-structure: venv-dev
	@.venv/bin/lint-imports
	@$(PYTHON_IN_VENV) -m pytest -q tests/architecture

bench: venv-dev ## measure speed and memory; prints one JSON object and a table
	@$(PYTHON_IN_VENV) -m tests.bench

evaluate: venv-dev ## judge the test part of the evaluation set, print the figures, and log the look
	@$(PYTHON_IN_VENV) -m tests.evaluation

trees: venv-dev ## draw the decision trees of the packs anew into docs/trees
	@$(PYTHON_IN_VENV) -m triage packs draw docs/trees

train: venv-dev ## fit the reading of meanings on its exemplars anew, and write triage/semantics/weights.npz
	@PY=$$(infra/deploy/find-python) && $$PY -m venv .venv/train && .venv/train/bin/python -m pip install --quiet ".[train]"
	@mkdir -p build && $(PYTHON_IN_VENV) -m tests.evaluation --part development --lines build/beside.jsonl
	@.venv/train/bin/python -m triage.semantics.train --beside build/beside.jsonl --kept build/sentences.npz

soak: venv-dev ## the long kill and crash tests (two hours or more)
	@$(PYTHON_IN_VENV) -m tests.soak

kafka: venv-dev ## fetch and start one Apache Kafka node for tests; prints HOTLINE_TEST_KAFKA=...
	@$(PYTHON_IN_VENV) -m infra.deploy.kafka.kafka start

kafka-stop: venv-dev ## stop that node
	@$(PYTHON_IN_VENV) -m infra.deploy.kafka.kafka stop

lock: ## write both requirements files from pyproject.toml (UPGRADE=--upgrade takes newer versions)
	@PY=$$(infra/deploy/find-python) && $$PY -m venv .venv/lock && .venv/lock/bin/python -m pip install --quiet uv
	@for lock in requirements.txt "requirements-dev.txt --extra dev"; do \
		set -- $$lock; \
		.venv/lock/bin/uv pip compile pyproject.toml --quiet --python-version 3.11 --universal --generate-hashes \
			--no-emit-index-url --no-header $(UPGRADE) --output-file "$$@" || exit 1; \
		echo "wrote $$1"; \
	done

clean: ## remove .venv, .kafka, caches and build leftovers; keeps .hotline, where your reports are
	@if [ -f .kafka/pid ] && [ -x $(PYTHON_IN_VENV) ]; then $(PYTHON_IN_VENV) -m infra.deploy.kafka.kafka stop; fi
	@rm -rf .venv .kafka build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv-run: ## make .venv with the command .venv/bin/hotline
	@PY=$$(infra/deploy/find-python) && $$PY infra/deploy/bootstrap.py run

venv-dev:
	@PY=$$(infra/deploy/find-python) && $$PY infra/deploy/bootstrap.py dev
