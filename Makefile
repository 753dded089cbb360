# Two commands matter: `make serve` starts everything from a fresh clone, `make test` proves it.
PYTHON := $(shell command -v python3 || command -v python3.11 || command -v python3.12 || command -v python3.13)
RUN := .venv/bin/

.PHONY: help setup serve train test test-unit check bench screenshots

help:  ## what can be asked for
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup:  ## both environments (.venv, .venv-rasa); does nothing when they are up to date
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) service/setup_environments.py

serve: setup  ## the whole desk: database, Rasa, service, demo shop
	@$(RUN)anxin serve

train: setup  ## refit what changed; a model that does worse is not installed
	@$(RUN)anxin train

test: setup  ## every check and every test, with the browser
	@$(PYTHON) service/setup_environments.py --tests
	@$(MAKE) --no-print-directory check
	@$(RUN)pytest --durations=15

test-unit: setup  ## the fast tests
	@$(RUN)pytest tests/unit -q

check: setup  ## style, types, import arrows
	@$(RUN)ruff check .
	@$(RUN)ruff format --check .
	@$(RUN)mypy
	@$(RUN)pytest tests/unit/test_arrows.py -q

bench: setup  ## measure a running desk
	@$(RUN)anxin bench chat --start --write

screenshots: setup  ## of a running demo desk: the README's two pictures, and every page in var/screenshots
	@$(RUN)python -m evaluation.picture_of_desk
	@$(RUN)python -m evaluation.screenshots
