#!/bin/sh
# Pins requirements, with hashes, and without a word on where they come from.
set -eu

python="$(sh local/find_python.sh)"
"$python" local/venv.py .local/uv=requirements/uv.txt
pin() {
    echo "  .. $1"
    .local/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.13 \
        --generate-hashes --no-emit-index-url --no-header "$@" >/dev/null
}
pin layers/dependencies/requirements.in --output-file layers/dependencies/requirements.txt
# Without what the runtime brings.
pin layers/dependencies/cognito.in --constraint layers/dependencies/requirements.txt \
    --no-emit-package boto3 --no-emit-package botocore --no-emit-package s3transfer \
    --no-emit-package jmespath --no-emit-package urllib3 --no-emit-package python-dateutil \
    --output-file layers/dependencies/cognito.txt
pin requirements/dev.in --constraint layers/dependencies/requirements.txt \
    --output-file requirements/dev.txt
pin cli/pyproject.toml --all-extras --constraint requirements/dev.txt \
    --output-file requirements/cli.txt
pin requirements/uv.in --output-file requirements/uv.txt
pin requirements/cloud.in --output-file requirements/cloud.txt
pin requirements/runtime.in --constraint requirements/dev.txt \
    --output-file requirements/runtime.txt
pin requirements/audit.in --output-file requirements/audit.txt
pin requirements/docs.in --output-file requirements/docs.txt
pin requirements/mutation.in --constraint requirements/dev.txt \
    --output-file requirements/mutation.txt
pin requirements/clients.in --constraint requirements/dev.txt \
    --output-file requirements/clients.txt
echo "  ok pinned. Next: \`make test\` says whether all of it works together."
