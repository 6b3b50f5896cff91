# Frigoris on a machine with ROS 2 Jazzy, or on a bare Debian or Ubuntu with Python 3.11 or 3.12.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
ENVIRONMENT := . ./env.sh &&
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup build landing test bench campaign lint clean

help:  ## show this list
	@echo 'make TARGET'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12
	@echo
	@echo 'A shell with everything: . ./env.sh, then frigoris --help'

setup:  ## fetch what is missing (nothing, on the second run)
	@docker/setup_wheels.sh

build: setup  ## build the packages (nothing, on the second run)
	@docker/build.sh

landing: build  ## fly; SCENARIO=mission2 VEHICLE= SITE= SEED=7 RATE=1 COMPOSE=1 RECORD=0 LOG_LEVEL=info
	@$(ENVIRONMENT) exec frigoris land \
	  $(if $(SCENARIO),--scenario '$(SCENARIO)') $(if $(VEHICLE),--vehicle '$(VEHICLE)') \
	  $(if $(SITE),--site '$(SITE)') $(if $(SEED),--seed '$(SEED)') $(if $(RATE),--rate '$(RATE)') \
	  $(if $(filter 1 true yes,$(COMPOSE)),--compose) $(if $(filter 0 false no,$(RECORD)),--no-record) \
	  $(if $(LOG_LEVEL),--log-level '$(LOG_LEVEL)')

test: build  ## run all tests; JOBS=2 at the same time, PYTEST='-k filter' for pytest
	@$(ENVIRONMENT) exec python3 -m pytest src -n $(JOBS) --dist worksteal -m 'not campaign' $(PYTEST)

bench: build  ## measure (minutes; LONG=1: campaigns too, hours); leave the machine alone
	@$(ENVIRONMENT) exec python3 benchmarks/run.py $(if $(LONG),--long)

campaign: build  ## run the long campaigns of flights
	@$(ENVIRONMENT) exec python3 -m pytest src -m campaign $(PYTEST)

lint: setup  ## check style with ruff
	@$(ENVIRONMENT) exec ruff check .

clean:  ## remove what setup, build and tests made; flights stay
	@rm -rf build install log .venv .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
