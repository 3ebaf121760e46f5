"""The secret of Zalo's tokens in moto, and a Zalo whose refresh tokens can be used once."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from uuid import uuid4

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends

from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.zalo.token_pair import TokenPair

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SPENT = HttpResponse(200, b'{"error": -14020, "error_name": "Invalid refresh token"}')


@dataclass
class FakeZalo:
    """Gives a new pair for the refresh token that it gave last, and knows its access tokens."""

    refresh_token: str = "refresh-0"
    valid: set[str] = field(default_factory=lambda: {"access-0"})
    serial: int = 0
    requests: list[HttpRequest] = field(default_factory=list)
    answers: list[HttpResponse | NoResponse | Callable[[], HttpResponse | NoResponse]] = field(
        default_factory=list
    )
    """Instead of its own, in order."""
    ends_old_ones: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            return answer() if callable(answer) else answer
        if request.url.endswith("/v4/oa/access_token"):
            return self.refresh(parse_qs(request.body.decode())["refresh_token"][0])
        return self.quota(request.headers["access_token"])

    @property
    def refreshes(self) -> int:
        """How often a pair was asked for."""
        return sum(one.url.endswith("/v4/oa/access_token") for one in self.requests)

    def refresh(self, refresh_token: str) -> HttpResponse:
        with self.lock:
            if refresh_token != self.refresh_token:
                return SPENT
            self.serial += 1
            self.refresh_token = f"refresh-{self.serial}"
            access = f"access-{self.serial}"
            self.valid = {access} if self.ends_old_ones else self.valid | {access}
            tokens = {
                "access_token": access,
                "refresh_token": self.refresh_token,
                "expires_in": "90000",
            }
            return HttpResponse(200, json.dumps(tokens).encode())

    def quota(self, access_token: str) -> HttpResponse:
        if access_token not in self.valid:
            return HttpResponse(200, b'{"error": -124, "message": "Access token is invalid"}')
        data = {"dailyQuota": "500", "remainingQuota": "499"}
        return HttpResponse(200, json.dumps({"error": 0, "data": data}).encode())


@dataclass
class Vault:
    """The secret, seen from outside."""

    manager: "SecretsManagerClient"
    arn: str

    @classmethod
    def made(cls, manager: "SecretsManagerClient", now: datetime) -> "Vault":
        """With the pair that ``FakeZalo`` begins with."""
        first = TokenPair.from_tokens("access-0", "refresh-0", now).to_text()
        return cls(manager, manager.create_secret(Name="zalo_token", SecretString=first)["ARN"])

    def stage(self) -> str:
        """A version that is pending and holds nothing, as Secrets Manager begins a rotation."""
        version = str(uuid4())
        # Nobody else can stage a version without a value.
        secret = secretsmanager_backends[DEFAULT_ACCOUNT_ID][self.manager.meta.region_name].secrets[
            self.arn
        ]
        for other in secret.versions.values():
            other["version_stages"] = [
                stage for stage in other["version_stages"] if stage != "AWSPENDING"
            ]
        staged = {"createdate": 0, "version_id": version, "version_stages": ["AWSPENDING"]}
        secret.versions[version] = staged
        return version

    def access_token(self, stage: str = "AWSCURRENT") -> str:
        response = self.manager.get_secret_value(SecretId=self.arn, VersionStage=stage)
        token: str = json.loads(response["SecretString"])["access_token"]
        return token
