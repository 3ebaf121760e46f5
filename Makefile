# What can be done here. Each target does its own set-up; none needs more than git, make and
# Python 3.13. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo check test bench proof up down logs invoke key ceiling replay bizfly-webhook new-provider deploy format lint openapi mutation sbom audit lock setup setup-tests

VENV := .venv/bin
CLOUD := .venv-cloud/bin
AUDIT := .venv-audit/bin
# Programs of either environment must not pick up what the caller has on PYTHONPATH. Bytecode is
# kept whatever the caller says: without it, hundreds of processes compile the same files anew.
unexport PYTHONPATH
unexport PYTHONDONTWRITEBYTECODE

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## the main job from end to end, on a local stack of its own
	@$(VENV)/python -m local demo

test: setup-tests ## the whole gate: format, lint, types, template, imports, all tests
	@$(VENV)/python -m local gate

bench: setup-tests ## what requests and cold starts cost, beside their budgets
	@PYTHONPATH=layers/ringpass $(VENV)/python -m tests.load.bench

proof: setup-tests ## PROOF_ROUNDS=10 rounds of races, storms, deaths; PROOF_VERIFICATIONS=2000 recounted; races of 40
	@$(VENV)/python -m pytest -s tests/proof
	@RACERS=40 $(VENV)/python -m pytest -m "race or proof" tests/e2e tests/local tests/load

up: setup ## start a local stack in the background (RINGPASS_PORT=... for a fixed port)
	@$(VENV)/python -m local up

down: setup ## stop it
	@$(VENV)/python -m local down

logs: setup ## what its functions log
	@$(VENV)/python -m local logs

invoke: setup ## one event into one function: FUNCTION=send_zns EVENT=post (or a file)
	@$(VENV)/python -m local invoke -- "$$FUNCTION" "$$EVENT"

key: setup ## an API key, printed once: CLIENT=acme SCOPES=send,read TABLE=...
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.clients.api_keys create "$$CLIENT" \
		--scopes "$${SCOPES:-send,read}" --table "$$TABLE" $${LABEL:+--label "$$LABEL"}

ceiling: setup ## what a client is allowed at most: CLIENT=acme SET='{"limits": {...}}' TABLE=...
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.clients.ceilings set "$$CLIENT" "$$SET" \
		--table "$$TABLE"

replay: setup ## what webhooks brought and nobody could use: DO=list TABLE=... (or DO=one ID=..., DO=all)
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.wiring.replay "$${DO:-list}" \
		--table "$$TABLE" $${ID:+"$$ID"} $${PROVIDER:+--provider "$$PROVIDER"} $${WHY:+--why "$$WHY"}

bizfly-webhook: setup ## where Bizfly sends call results: DO=register STACK=ringpass (or DO=remove)
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.providers.bizfly.webhook_cli "$$DO" \
		--stack "$$STACK" --key "$${KEY:-api_key}"

new-provider: setup-tests ## the skeleton of a provider: NAME=acme_voice CHANNEL=voice_otp
	@$(VENV)/python -m local new-provider -- "$$NAME" "$$CHANNEL"

deploy: setup ## build and deploy to AWS: ENV=prod (of samconfig.toml), ARGS="..." for sam deploy
	@$(VENV)/python -m local deploy --env="$${ENV:-default}" --arguments="$$ARGS"

format: setup ## put the code into its form
	@$(VENV)/ruff check --quiet --fix-only .
	@$(VENV)/ruff format .

check: setup ## for daily work: lint, types and the quick tests that need the code alone
	@$(VENV)/python -m local gate --tests quick

lint: setup ## the gate without tests
	@$(VENV)/python -m local gate --tests none

openapi: setup ## write the API's description and the picture of the packages anew, from the code
	@$(VENV)/python -m local openapi

mutation: setup-mutation ## put small faults into the code, show which no test sees: MODULES="codes quotas"
	@$(VENV)/python -m local mutation $$MODULES

sbom: setup-audit ## list the packages that are deployed (CycloneDX) in .local/sbom.json
	@cat layers/dependencies/*.txt | PYTHONWARNINGS=ignore $(AUDIT)/cyclonedx-py requirements - \
		--pyproject pyproject.toml --output-reproducible --output-file .local/sbom.json
	@echo "written: .local/sbom.json"

audit: setup-audit ## look up known vulnerabilities of what is deployed, and of the tools
	@for file in layers/dependencies/*.txt requirements/*.txt; do echo "  .. $$file"; \
		$(AUDIT)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
			--requirement "$$file" || exit 1; done

lock: ## pin the newest packages that the *.in files allow
	@sh local/lock.sh

ENVIRONMENTS := .venv=requirements/dev.txt .venv-cloud=requirements/cloud.txt

setup:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py $(ENVIRONMENTS)

# What Lambda's runtime holds: the tests run the functions in it, nothing else needs it.
setup-tests:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py $(ENVIRONMENTS) \
		.venv-runtime=requirements/runtime.txt

setup-audit:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py .venv-audit=requirements/audit.txt

setup-mutation:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py $(ENVIRONMENTS) \
		.venv-mutation=requirements/mutation.txt
