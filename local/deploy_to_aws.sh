#!/bin/sh
# `sam build` and `sam deploy` into the AWS account whose credentials are in the environment, with
# the SAM CLI that the set-up has brought. Arguments go to `sam deploy`.
set -eu

PATH="$PWD/.venv-cloud/bin:$PATH"
export PATH

python - <<'END'
import sys

import boto3
from botocore.exceptions import BotoCoreError

try:
    session = boto3.session.Session()
    credentials = session.get_credentials()
except BotoCoreError as error:
    sys.exit(f"error: AWS credentials cannot be read: {error}")
if credentials is None:
    sys.exit(
        "error: no AWS credentials were found: set AWS_PROFILE, or sign in (aws sso login), "
        "then run `make deploy` again"
    )
if session.region_name is None:
    sys.exit("error: no AWS region is set: export AWS_REGION=ap-southeast-1, for example")
END

sam build
python local/snapstart.py .aws-sam/build/template.yaml "$@"
exec sam deploy "$@"
