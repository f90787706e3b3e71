# The tasks of this repository. `make check` is what CI runs; `make help` lists them all.

SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
STUDIOLO := $(VENV)/bin/studiolo
DEMO := examples/diabetes

# Without written bytecode every start of an interpreter compiles pandas anew, more than a second each time.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup start page demo test pagetest environments check lint types imports bench catalogue clean

help:  ## list the tasks
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 21

setup: $(VENV)/.stamp  ## make .venv with everything that the other tasks need
	@$(PY) -m compileall -q src

$(VENV)/.stamp: pyproject.toml
	@test -x $(PY) || { python="$$(./.ci/find-python)" && "$$python" -m venv --clear $(VENV); }
	@echo "Installing studiolo and its libraries into $(VENV) (once, a minute or two) ..."
	@$(PY) -m pip install --quiet --editable '.[dev]'
	@touch $@

start: setup page  ## open the studio in the browser, with the diabetes example; WORKSPACE=DIR for another
	@exec $(STUDIOLO) --workspace $(or $(WORKSPACE),$(DEMO)) start

page: setup  ## build the page of the studio, if what it is made of has changed
	@./.ci/page build

demo: setup  ## run the diabetes example twice: the second run reuses the first
	@echo "== First run: every node in its own jailed job ==" && echo
	$(STUDIOLO) --workspace $(DEMO) run diabetes --force
	@echo && echo "== The ranking ==" && echo
	$(STUDIOLO) --workspace $(DEMO) show diabetes:ranking.result_dataset
	@echo && echo "== The picture ==" && echo
	$(STUDIOLO) --workspace $(DEMO) show diabetes:picture
	@echo && echo "== Second run: nothing changed ==" && echo
	$(STUDIOLO) --workspace $(DEMO) run diabetes

test: setup  ## run all tests; builds the ready-made environments meanwhile, ten minutes the first time
	@./.ci/page --optional
	@./.ci/test

pagetest: setup  ## types and unit tests of the page's code
	@./.ci/page test

environments: setup  ## build the ready-made environments and PyTorch for the tests, as far as their Pythons are here
	@./.ci/environments

check: lint types imports page pagetest test  ## what CI runs: lint, format, types, import rules, the page, all tests

lint: setup  ## ruff: lint rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: setup  ## mypy, strict
	$(PY) -m mypy

imports: setup  ## import rules of the layers
	$(VENV)/bin/lint-imports --no-logo

bench: setup  ## measure, and print the figures beside their goals
	$(PY) -m benchmarks

catalogue: setup  ## rewrite the declarations of the built-in modules after one of them changed
	$(PY) -m studiolo.registry.generate

clean:  ## remove .venv, the page, caches and what the examples produced
	rm -rf $(VENV) .bench-venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf examples/*/.studiolo frontend/node_modules src/studiolo/webapp .node
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
