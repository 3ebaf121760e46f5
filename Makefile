# What can be done here. Each target does its own set-up; none needs more than git, make and
# Python 3.13. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo check test bench proof up down env logs invoke key ceiling replay bizfly-webhook deploy format lint openapi release mutation sbom audit lock setup setup-tests reset cli clients setup-cli new-provider

VENV := .venv/bin
CLOUD := .venv-cloud/bin
AUDIT := .venv-audit/bin
# Programs of either environment must not pick up what the caller has on PYTHONPATH. Bytecode is
# kept whatever the caller says: without it, hundreds of processes compile the same files anew.
unexport PYTHONPATH
unexport PYTHONDONTWRITEBYTECODE
, := ,

# What a person reads of a target that runs a tool: what to do next, or what to fix. It goes to
# standard error, so that standard output is the tool's alone.
next = && echo "Next: $(1)" >&2
fix = || { echo "error: $(1)" >&2; exit 1; }
# A variable that a target needs, and how the target is called.
need = @test -n "$${$(1)}" || { echo "error: $(1) is missing: $(2)" >&2; exit 1; }

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Next: \`make demo\` shows what Ringpass does; \`make up\` leaves a stack running to try."

demo: setup ## the main job from end to end, on a local stack of its own
	@$(VENV)/python -m local demo

test: setup-tests ## the whole gate: format, lint, types, template, imports, all tests
	@$(VENV)/python -m local gate

bench: setup-tests ## what requests and cold starts cost, beside their budgets
	@PYTHONPATH=layers/ringpass $(VENV)/python -m tests.load.bench \
		$(call next,docs/performance.md explains the figures and their budgets.)

proof: setup-tests ## PROOF_ROUNDS=10 rounds of races, storms, deaths; PROOF_VERIFICATIONS=2000 recounted; races of 40
	@$(VENV)/python -m pytest -s tests/proof $(call fix,a proof failed: fix what pytest shows above)
	@RACERS=40 $(VENV)/python -m pytest -m "race or proof" tests/e2e tests/documents tests/local tests/load \
		$(call next,all proofs hold; make bench measures what it costs.) \
		$(call fix,a proof failed: fix what pytest shows above)

up: setup ## start a local stack in the background, or bring it up to date (RINGPASS_PORT=... for a port)
	@$(VENV)/python -m local up

down: setup-code ## stop it; the next `make up` has the same port, keys and data
	@$(VENV)/python -m local down

reset: setup-code ## stop it, and forget port, keys and data
	@$(VENV)/python -m local reset

env: setup-code ## its addresses and keys, as variables of your shell: eval "$(make -s env)"
	@$(VENV)/python -m local env

logs: setup-code ## what its functions log
	@$(VENV)/python -m local logs $(call next,make invoke gives one event to one function.)

invoke: setup-code ## one event into one function: FUNCTION=send_zns EVENT=post (or a file)
	@$(VENV)/python -m local invoke -- "$$FUNCTION" "$$EVENT" \
		$(call next,make logs shows what other functions did of it; events/ has more events.)

cli: setup-cli ## the command line `ringpass`, in an environment of its own
	@echo "  ok The command line is ./ringpass; in any folder: uv tool install \"./cli[aws]\"" \
		$(call next,./ringpass doctor$(,) or ./ringpass --help; docs/cli.md shows each command.)

key: setup-code ## an API key, printed once: CLIENT=acme SCOPES=send,read TABLE=...
	$(call need,CLIENT,make key CLIENT=acme SCOPES=send$(,)read TABLE=<the stack's output TableName>)
	$(call need,TABLE,make key CLIENT=acme SCOPES=send$(,)read TABLE=<the stack's output TableName>)
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.clients.api_keys create "$$CLIENT" \
		--scopes "$${SCOPES:-send,read}" --table "$$TABLE" $${LABEL:+--label "$$LABEL"} \
		$(call next,send it as the header Authorization: Bearer <key>; docs/api.md has the calls.)

ceiling: setup-code ## what a client is allowed at most: CLIENT=acme SET='{"limits": {...}}' TABLE=...
	$(call need,CLIENT,make ceiling CLIENT=acme SET='{"limits": {"daily_sends": 500}}' TABLE=...)
	$(call need,SET,make ceiling CLIENT=acme SET='{"limits": {"daily_sends": 500}}' TABLE=...)
	$(call need,TABLE,make ceiling CLIENT=acme SET='{"limits": {"daily_sends": 500}}' TABLE=...)
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.clients.ceilings set "$$CLIENT" "$$SET" \
		--table "$$TABLE" $(call next,it holds within 60 seconds; docs/limits.md explains each field.)

replay: setup-code ## what webhooks brought and nobody could use: DO=list TABLE=... (or DO=one ID=..., DO=all)
	$(call need,TABLE,make replay DO=list TABLE=<the stack's output TableName>)
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.wiring.replay "$${DO:-list}" \
		--table "$$TABLE" $${ID:+"$$ID"} $${PROVIDER:+--provider "$$PROVIDER"} $${WHY:+--why "$$WHY"} \
		$(call next,DO=one ID=... or DO=all applies them again; docs/operations.md says when.)

bizfly-webhook: setup-code ## where Bizfly sends call results: DO=register STACK=ringpass (or DO=remove)
	$(call need,DO,make bizfly-webhook DO=register STACK=ringpass)
	$(call need,STACK,make bizfly-webhook DO=register STACK=ringpass)
	@PYTHONPATH=layers/ringpass $(VENV)/python -m ringpass.providers.bizfly.webhook_cli "$$DO" \
		--stack "$$STACK" --key "$${KEY:-api_key}" \
		$(call next,docs/connect-bizfly.md shows how to see the first result of a call.)

new-provider: setup-tests ## the skeleton of a provider: NAME=acme_voice CHANNEL=voice_otp
	@$(VENV)/python -m local new-provider -- "$$NAME" "$$CHANNEL"

deploy: setup ## build and deploy to AWS: ENV=prod (of samconfig.toml), ARGS="..." for sam deploy
	@$(VENV)/python -m local deploy --env="$${ENV:-default}" --arguments="$$ARGS"

format: setup-code ## put the code into its form
	@$(VENV)/ruff check --quiet --fix-only . $(call fix,what ruff cannot read is above: fix it first)
	@$(VENV)/ruff format . $(call next,make check.) $(call fix,what ruff cannot read is above)

check: setup-code ## for daily work: lint, types and the quick tests that need the code alone
	@$(VENV)/python -m local gate --tests quick

lint: setup-code ## the gate without tests
	@$(VENV)/python -m local gate --tests none

openapi: setup-code ## write the API's description and the picture of the packages anew, from the code
	@$(VENV)/python -m local openapi $(call next,make test$(,) and commit what was written.)

clients: setup-tests ## make the clients in clients/ anew, from docs/openapi.json
	@$(VENV)/python -m local clients $(call next,make test$(,) and commit what was written.)

release: setup ## write a version into every place, with today's date: VERSION=0.3.0
	$(call need,VERSION,make release VERSION=0.3.0)
	@$(VENV)/python -m local release -- "$$VERSION" \
		$(call next,make test$(,) then commit and tag: CONTRIBUTING.md$(,) Releasing.)

mutation: setup-mutation ## put small faults into the code, show which no test sees: MODULES="phone costs"
	@$(VENV)/python -m local mutation $$MODULES

sbom: setup-audit ## list the packages that are deployed (CycloneDX) in .local/sbom.json
	@cat layers/dependencies/*.txt | PYTHONWARNINGS=ignore $(AUDIT)/cyclonedx-py requirements - \
		--pyproject pyproject.toml --output-reproducible --output-file .local/sbom.json
	@echo "written: .local/sbom.json"
	@echo "Next: \`make audit\` looks up known vulnerabilities of these packages." >&2

audit: setup-audit ## look up known vulnerabilities of what is deployed, and of the tools
	@for file in layers/dependencies/*.txt requirements/*.txt; do echo "  .. $$file"; \
		$(AUDIT)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
			--requirement "$$file" \
			$(call fix,$$file: raise the version in its .in file$(,) then run make lock) ; done
	@echo "No known vulnerabilities. Next: nothing to do." >&2

lock: ## pin the newest packages that the *.in files allow
	@sh local/lock.sh

ENVIRONMENTS := .venv=requirements/dev.txt .venv-cloud=requirements/cloud.txt

setup:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py $(ENVIRONMENTS)
	$(if $(filter $@,$(MAKECMDGOALS)),@echo "Next: \`make demo\`$(,) or \`make up\`.")

# For what needs neither the local cloud nor SAM CLI.
setup-code:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py .venv=requirements/dev.txt

# What Lambda's runtime holds: the tests run the functions in it. What makes the clients: the tests
# make them anew. What documented commands and examples need: the AWS CLI, a web server.
setup-tests:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py $(ENVIRONMENTS) \
		.venv-runtime=requirements/runtime.txt .venv-clients=requirements/clients.txt \
		.venv-cli=requirements/cli.txt .venv-docs=requirements/docs.txt
	$(if $(filter $@,$(MAKECMDGOALS)),@echo "Next: \`make check\`$(,) or one test (CONTRIBUTING.md).")

# Of its own: what it needs is in no layer and in no function's environment.
setup-cli:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py .venv-cli=requirements/cli.txt

setup-audit:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py .venv-audit=requirements/audit.txt

setup-mutation:
	@python="$$(sh local/find_python.sh)" && "$$python" local/venv.py $(ENVIRONMENTS) \
		.venv-mutation=requirements/mutation.txt
