PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := xlsx,parquet,anki,html,images

.PHONY: help demo test coverage test-slow lint format bench clean

help:  ## show what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "mianjing needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "This Python lacks venv. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS),dev]'
	@touch $@

$(VENV)/.installed-slow: $(VENV)/.installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS),dev,ocr,prices,ray,tiny,train]'
	@touch $@

demo: $(VENV)/.installed  ## extract data/posts with no key and no network
	@$(BIN)/mianjing extract data/posts --offline --quiet --format json

test: $(VENV)/.installed-dev  ## the tests, under 5 minutes
	$(BIN)/python -m pytest -n 2 -m "not slow"

# What is measured is slow: tests that bound time or memory may fail, and the report comes all the same.
coverage: $(VENV)/.installed-dev  ## which branches the quick tests take
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest -n 2 -m "not slow"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-slow: $(VENV)/.installed-slow  ## what takes long or needs more installed
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.installed-dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-slow  ## the benchmarks beside their peers
	$(BIN)/python -m benchmarks

clean:  ## remove what make made
	rm -rf $(VENV) build dist *.egg-info
