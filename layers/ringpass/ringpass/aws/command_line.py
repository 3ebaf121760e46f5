"""Helpers for the operator's commands: an AWS session, and errors in one line.

Functions never import this module: boto3 makes a cold start longer (ringpass.aws.session).
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
    """Returns a session in the region that AWS's tools would use.

    botocore reads ``AWS_DEFAULT_REGION`` and the profile. Other SDKs and Lambda read
    ``AWS_REGION``, so people set that one.
    """
    aws_session = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
    if aws_session.get_credentials() is None:
        # Else the first request of a repository fails.
        raise NoCredentialsError
    return aws_session


def non_empty(text: str) -> str:
    """Check that an argument of argparse is not empty: make passes a missing one as empty text."""
    if not text:
        raise argparse.ArgumentTypeError("it is missing")
    return text


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the program with exit code 1 and one line on stderr if the block fails."""
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
