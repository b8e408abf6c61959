# Needs Python 3.11 or later and git; every target does its own set-up (tools/setup).
# With Git for Windows: make BIN=.venv/Scripts …
.POSIX:
BIN = .venv/bin
.PHONY: help demo test lint format bench lock clean

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{printf "%-14s %s\n", $$1, $$2}'

demo: ## the whole loop on an embedded AWS and a local git remote
	@sh tools/setup
	$(BIN)/remediator demo

test: ## all tests; those with the real terraform too, where it is there
	@sh tools/test

lint: ## ruff (rules and layout) and mypy --strict
	@sh tools/setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy -p remediator -p benchmarks

format: ## lay the code out, and fix what ruff can fix
	@sh tools/setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: ## the speed promises, as tables (some minutes)
	@sh tools/setup
	$(BIN)/python -m benchmarks

lock: ## write requirements.lock anew; LOCK_FLAGS=--upgrade takes newer versions
	@sh tools/lock $(LOCK_FLAGS)

clean: ## remove the environment, caches, builds and the demo's output
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist demo-output
	find remediator tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
