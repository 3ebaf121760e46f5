"""What the commands that an operator runs have in common: AWS clients, and errors in one line.

Never imported by a function: boto3 costs a cold start what botocore alone does not
(ringpass.aws.session).
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from ringpass.errors import ApiError

_REGION = "export AWS_REGION=ap-southeast-1, for example, or choose a profile with AWS_PROFILE"


def session() -> boto3.session.Session:
    """A session in the region that AWS's tools would use.

    botocore reads ``AWS_DEFAULT_REGION`` and the profile. Other SDKs and Lambda read
    ``AWS_REGION``, so people set that one.
    """
    made = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
    if made.get_credentials() is None:
        # Else the first request says so, from within a repository.
        raise NoCredentialsError
    return made


def filled(text: str) -> str:
    """An argument of argparse that is not empty: make passes on what was left out as nothing."""
    if not text:
        raise argparse.ArgumentTypeError("it is missing")
    return text


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the program with exit code 1 and one line on stderr if what is inside fails."""
    try:
        yield
    except NoRegionError:
        sys.exit(f"Nothing was done: no AWS region is set: {_REGION}")
    except NoCredentialsError:
        sys.exit(
            "Nothing was done: no AWS credentials were found: set AWS_PROFILE, or sign in "
            "(aws sso login)"
        )
    except ApiError as error:
        sys.exit(f"Nothing was done: {error.detail}")
    except (ValueError, KeyError, BotoCoreError, ClientError) as error:
        sys.exit(f"Nothing was done: {error}")
