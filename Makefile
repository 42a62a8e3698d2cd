# Every target works by itself on a fresh clone.
STACK ?= dev
export YES ARGS

.DEFAULT_GOAL := help
.PHONY: help up down preview refresh psql images test test-long test-kubernetes check bench bench-services

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  STACK=name   which stack (Pulumi.<name>.yaml): $(STACK)"
	@echo "  YES=1        don't ask (platform local never does)"
	@echo "  ARGS='...'   for psql, pytest and the benches"

up preview refresh down psql: .venv
	@.venv/bin/python -m tools.stack $@ "$(STACK)"

up: ## bring the stack up, as declared
preview: ## show what up would do, with its SQL
refresh: ## read what is there into the state
down: ## take the stack down, with its data unless citus:retainData
psql: ## open psql on the coordinator

images: .venv ## build the services' images of a stack on kubernetes, and push them
	@.venv/bin/python -m tools.images "$(STACK)"

test: .venv-tests ## run the tests
	@bin/pulumi version
	@.venv/bin/python -m pytest -n 3 --dist loadgroup $(ARGS)

test-long: .venv-tests ## run the drills that take long: cuts, faults, writers; counts at the end
	@bin/pulumi version
	@.venv/bin/python -m pytest -m long -n 2 --dist loadgroup $(ARGS)

test-kubernetes: .venv-tests ## test what platform kubernetes makes on a real control plane, built once
	@.venv/bin/python -m tools.kubernetes >/dev/null
	@.venv/bin/python -m pytest tests/kubernetes $(ARGS)

check: .venv-tests ## lint, format and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench: .venv ## measure: up, preview, create, unchanged (ARGS=--help)
	@.venv/bin/python -m bench $(ARGS)

bench-services: .venv ## measure the services against upstream's behaviour
	@.venv/bin/python -m bench.services $(ARGS)

.PHONY: .venv .venv-tests
.venv:
	@sh tools/venv/ensure.sh program
.venv-tests:
	@sh tools/venv/ensure.sh tests
