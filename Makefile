# Needs only Python 3.11 or newer and make. Everything is installed into .venv, once;
# a change of pyproject.toml installs again.
#   make PYTHON=/path/to/python3.12 test    choose the Python
#   make test ARGS='-k conv -x'             hand arguments to pytest

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -qq
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format bench parity traces clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: $(VENV)/demo.stamp ## train a small network on handwritten digits
	$(PY) examples/digits_cnn.py

test: $(VENV)/dev.stamp ## run the tests
	$(PY) -m pytest $(ARGS)

lint: $(VENV)/dev.stamp ## check style, format and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(VENV)/dev.stamp ## put the code into the house format
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

bench: $(VENV)/dev.stamp ## measure the speed
	$(PY) benchmarks/run.py $(ARGS)

parity: $(VENV)/oracle.stamp ## compare every operation with PyTorch, write docs/parity.md
	$(PY) tools/parity.py $(ARGS)

traces: $(VENV)/dev.stamp ## record the examples: what happens behind their lines
	$(PY) tools/traces.py $(ARGS)

clean: ## remove .venv and everything else that was made
	rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/demo.stamp: pyproject.toml $(VENV)/made.stamp
	@echo "Installing Tadori and what the examples need into $(VENV) ..."
	@$(PIP) --editable '.[examples]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml $(VENV)/made.stamp
	@echo "Installing Tadori and what tests and examples need into $(VENV) (a minute or two) ..."
	@$(PIP) --editable '.[dev,examples,fast]'
	@touch $@ $(VENV)/demo.stamp

# The first Python that is new enough and can make environments; else say what is missing.
$(VENV)/made.stamp:
	@rm -rf $(VENV); old=; bare=; \
	for python in $(PYTHONS); do \
	    $$python -c '' 2>/dev/null || continue; \
	    if ! $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	        old="$$old $$($$python --version 2>&1) ($$python)"; \
	    elif ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	        bare="$$bare $$python"; \
	    else \
	        echo "Making $(VENV) with $$python"; \
	        $$python -m venv $(VENV) && touch $@ && exit; exit 1; \
	    fi; \
	done; \
	if [ -n "$$bare" ]; then \
	    echo "Tadori: the module venv is missing from:$$bare. On Debian or Ubuntu: apt install python3-venv" >&2; \
	else \
	    echo "Tadori needs Python 3.11 or newer. Found:$${old:- no Python at all}." >&2; \
	    echo "Install one, or name one: make PYTHON=/path/to/python3.12 ..." >&2; \
	fi; exit 1

# PyTorch's own package index has its CPU build; expecttest is what PyTorch's databases import.
$(VENV)/oracle.stamp: $(VENV)/dev.stamp
	@echo "Installing PyTorch (CPU, 190 MB) into $(VENV) ..."
	@$(PIP) --extra-index-url https://download.pytorch.org/whl/cpu --editable '.[oracle]'
	@touch $@
