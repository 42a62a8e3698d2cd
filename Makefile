# Every target works by itself on a fresh clone.
STACK ?= dev
# Of the command line alone: some environments have a variable of this name for other ends.
PLATFORM =
export YES ARGS

.DEFAULT_GOAL := help
.PHONY: help up down preview preview-report refresh psql status map images
.PHONY: test test-long test-kubernetes check bench bench-services

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  STACK=name   which stack (Pulumi.<name>.yaml): $(STACK)"
	@echo "  PLATFORM=local  the stack on this machine, by a copy of its file that git ignores"
	@echo "  YES=1        don't ask (platform local never does)"
	@echo "  ARGS='...'   for psql, status, map, the report, pytest and the benches"

up preview refresh down psql: .venv
	@.venv/bin/python -m tools.stack $@ "$(STACK)" "$(PLATFORM)"

up: ## bring the stack up, as declared
preview: ## show what up would do, with its SQL
refresh: ## read what is there into the state
down: ## take the stack down, with its data unless citus:retainData
psql: ## open psql on the coordinator

preview-report: .venv ## tell what up would do in Markdown (LIVE=1: rows and shard moves, too)
	@.venv/bin/python -m tools.report "$(STACK)" --platform "$(PLATFORM)" $(if $(filter 1,$(LIVE)),--live) $(ARGS)

status: .venv ## show nodes, schemas, tables and moves of shards (ARGS=--help)
	@.venv/bin/python -m tools.status "$(STACK)" "$(PLATFORM)"

map: .venv ## draw where the shards are, and the moves of a rebalance (ARGS=--help)
	@.venv/bin/python -m tools.shard_map "$(STACK)" "$(PLATFORM)"

images: .venv ## build the services' images of a stack on kubernetes, and push them
	@.venv/bin/python -m tools.images "$(STACK)"

test: .venv-tests ## run the tests
	@bin/pulumi version
	@.venv/bin/python -m pytest -n 4 --dist loadgroup $(ARGS)

test-long: .venv-tests ## run what takes long: cuts, faults, writers, rare changes; counts at the end
	@bin/pulumi version
	@.venv/bin/python -m pytest -m long -n 2 --dist loadgroup $(ARGS)

test-kubernetes: .venv-tests ## test what platform kubernetes makes on a real control plane, built once
	@.venv/bin/python -m tools.kubernetes >/dev/null
	@.venv/bin/python -m pytest tests/kubernetes $(ARGS)

check: .venv-tests ## lint, format and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench: .venv ## measure: up, preview, create, unchanged, scale (ARGS=--help)
	@.venv/bin/python -m bench $(ARGS)

bench-services: .venv ## measure the services against upstream's behaviour
	@.venv/bin/python -m bench.services $(ARGS)

.PHONY: .venv .venv-tests
.venv:
	@sh tools/venv/ensure.sh program
.venv-tests:
	@sh tools/venv/ensure.sh tests
