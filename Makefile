# make demo: the whole site of the bundled topic, offline. make test: all tests. Both make their own environment in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# compiled modules are kept: without them every command waits seconds for its own source
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test check clean

demo: $(VENV)/installed
	$(BIN)/evidence-kb demo

test: $(VENV)/tested
	$(BIN)/python -m pytest -n auto

check: $(VENV)/checked
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(VENV)-lint/bin/lint-imports --no-cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Evidence KB needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

# import-linter wants other versions of some packages than we do, so it lives apart
$(VENV)/checked: $(VENV)/tested
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	$(PYTHON) -m venv $(VENV)-lint
	$(VENV)-lint/bin/python -m pip install --quiet --disable-pip-version-check import-linter
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-lint demo build

# the peers that we are measured beside live in an environment of their own
# we are compiled there if there is a C compiler, and so installed anew (minutes) when a source changes
$(VENV)-bench/installed: pyproject.toml setup.py $(shell find ingest kb analysis -type f -not -name '*.pyc')
	$(PYTHON) -m venv $(VENV)-bench
	rm -rf build/lib* build/bdist.* build/temp.*
	EVIDENCE_KB_COMPILED=$(if $(shell command -v cc),1) $(VENV)-bench/bin/python -m pip install --quiet \
	  --disable-pip-version-check '.[cluster]' pymare statsmodels pubmed_parser
	@touch $@

.PHONY: benchmark
benchmark: $(VENV)-bench/installed
	$(VENV)-bench/bin/python benchmarks/built.py
	$(VENV)-bench/bin/python benchmarks/accuracy.py
	$(VENV)-bench/bin/python benchmarks/reading.py
	$(VENV)-bench/bin/python benchmarks/pooling.py
	$(VENV)-bench/bin/python benchmarks/bulk.py
	$(VENV)-bench/bin/python benchmarks/line.py
	$(VENV)-bench/bin/python benchmarks/cluster.py
	$(VENV)-bench/bin/python benchmarks/matching.py --keep build/benchmark/site.db
	$(VENV)-bench/bin/python benchmarks/site.py --rounds 3 build/benchmark/site.db
