#!/bin/sh
# `sam build` and `sam deploy` into the AWS account whose credentials are in the environment.
set -eu

if ! command -v sam >/dev/null 2>&1; then
    if [ ! -x .venv-cloud/bin/sam ]; then
        echo "error: SAM CLI was not found: install it (pip install aws-sam-cli, or AWS's installer), or run \`make up\` once, which brings one" >&2
        exit 1
    fi
    PATH="$PWD/.venv-cloud/bin:$PATH"
    export PATH
fi
if ! python="$(sh local/find_python.sh)"; then
    exit 1
fi
# `sam build` looks for python3.13 by that name.
PATH="$PATH:$(dirname "$("$python" -c 'import sys; print(sys.executable)')")"
export PATH

sam_python="$(head -n 1 "$(command -v sam)" | sed 's/^#!//')"
if ! "$sam_python" -c '
import sys, boto3
session = boto3.session.Session()
if session.get_credentials() is None:
    sys.exit("error: no AWS credentials were found: set AWS_PROFILE, or sign in (aws sso login), then try again")
if session.region_name is None:
    sys.exit("error: no AWS region is set: export AWS_REGION=ap-southeast-1, for example")
'; then
    exit 1
fi
sam build
exec sam deploy "$@"
