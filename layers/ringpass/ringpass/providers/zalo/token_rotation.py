"""Token refresh: rotates Zalo's tokens in the steps of ``ringpass.aws.secret_rotation``.

    createSecret   the refresh token gets the next pair, which becomes the version AWSPENDING
    setSecret      nothing: Zalo issued the pair, and knows it
    testSecret     checks that Zalo accepts the next access token
    finishSecret   the pending pair becomes AWSCURRENT

A refresh token can be used once; if its pair is lost, an administrator of the OA must make a new
one. So a lock in the table protects its use (two at once would use it twice), and the new pair is
stored before anything else. Only the moment between Zalo's response and that write is not safe: if
the function dies then, Zalo refuses the next attempt, and the log says so.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.aws.secret_rotation import SecretVersions, Stages
from ringpass.clock import Clock
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import UNAUTHORIZED, Rejected
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.zalo.facts import ZALO
from ringpass.providers.zalo.oauth import USED_OR_ENDED, read_pair, refresh_request
from ringpass.providers.zalo.quota_meter import QuotaMeter, quota_request, read_quota
from ringpass.providers.zalo.refresh_lock import RefreshLock
from ringpass.providers.zalo.token_pair import TokenPair
from ringpass.redaction import Secret

# Exponential backoff between attempts to store a pair, within the function's time-out: the pair
# exists nowhere else.
_STORE_BACKOFF_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
# From here on the log warns an administrator: rotation renews the refresh token every 20 hours, so
# a token of this age means that rotation has failed for weeks.
_ENDS_SOON: Final = timedelta(days=21)


class NotRotated(Exception):
    """The pair could not be rotated now. Secrets Manager tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRotation:
    """Rotates the pair of tokens.

    Attributes:
        versions: The versions of the secret ``zalo_token``.
        lock: Lock on the refresh token.
        quotas: Quota meter of the OA; the test of a token reads the quota.
        app_id: The app at Zalo.
        app_secret: Returns the app's secret.
        oauth_url: Origin of Zalo's OAuth.
        api_url: Origin of Zalo's business API.
        transmit: Sends one request.
        clock: Returns the time.
        sleep: Waits so many seconds.
    """

    versions: SecretVersions
    lock: RefreshLock
    quotas: QuotaMeter
    app_id: str
    app_secret: Callable[[], Secret]
    oauth_url: str
    api_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def run_step(self, step: str, version: str) -> None:
        """Run a step of the rotation whose new version has this id.

        Raises:
            ValueError: There is no such step, or no such version is pending; or the secret holds
                no pair of tokens, or a newer one than the pending.
            NotRotated: Zalo or AWS failed, or Zalo refuses.
            Unavailable: The table or a secret cannot be reached.
        """
        self.versions.run_step(step, version, self)

    def report_lifetimes(self) -> None:
        """Log how long the pair still lives; runs once a day, also if rotation fails.

        Without a pair it logs nothing.
        """
        try:
            pair = TokenPair.from_text(self.versions.current())
        except ValueError:
            return
        now = self.clock()
        refresh_lifetime = pair.refresh_expires_at - now
        days, hours = (
            refresh_lifetime // timedelta(days=1),
            (pair.access_expires_at - now) // timedelta(hours=1),
        )
        if refresh_lifetime < _ENDS_SOON:
            logger().error("zalo refresh token ends soon", refresh_days=days, access_hours=hours)
        else:
            logger().info("zalo tokens live", refresh_days=days, access_hours=hours)

    def create(self, version: str) -> None:
        """Get the next pair from Zalo, and store it."""
        current = TokenPair.from_text(self.versions.current())
        app_secret = self.app_secret()
        digest = hashlib.sha256(current.refresh_token.reveal().encode()).hexdigest()
        tries = self.lock.acquire(ZALO.name, digest, version, self.clock())
        if tries is None:
            raise NotRotated("another invocation uses this refresh token")
        if tries > 1:
            logger().warning("zalo refresh token used again", tries=tries)
        response = self.transmit(
            refresh_request(self.oauth_url, self.app_id, app_secret, current.refresh_token)
        )
        result = read_pair(response, self.clock())
        if isinstance(result, TokenPair):
            self._store_pair(version, result)
            return
        if isinstance(response, NoResponse) and not response.sent:
            self.lock.release(ZALO.name, digest)
        reason = getattr(result, "reason", None)
        if isinstance(result, Rejected) and not isinstance(response, NoResponse) and tries > 1:
            # An earlier use got a pair that was not stored, so it is lost.
            logger().error("zalo refresh lost", why="not_kept", reason=reason)
        elif reason == USED_OR_ENDED:
            logger().error("zalo refresh lost", why="used_elsewhere_or_ended", reason=reason)
        else:
            logger().error("zalo refresh refused", outcome=type(result).__name__, reason=reason)
        raise NotRotated(f"Zalo gave no tokens ({reason})")

    def _store_pair(self, version: str, pair: TokenPair) -> None:
        """Store a pair, with exponential backoff, before anything else is done with it."""
        for pause in (*_STORE_BACKOFF_SECONDS, None):
            try:
                if self.versions.put(version, pair.to_text()):
                    logger().info("zalo tokens refreshed", version=version)
                    return
                why = "version_taken"
                break
            except (ClientError, BotoCoreError):
                why = "not_stored"
                logger().exception("zalo tokens not stored yet")
                if pause is not None:
                    self.sleep(pause)
        logger().error("zalo refresh lost", why=why, reason=None)
        raise NotRotated("the pair that Zalo gave could not be kept")

    def test(self, version: str) -> None:
        """Check that Zalo accepts the token; only Zalo's refusal fails the step.

        If Zalo cannot be reached, the previous pair is no better: its refresh token is used up.
        """
        if self.versions.text(version) == self.versions.current():
            # Secrets Manager tests the rotation with a copy; there may be no pair yet.
            return
        pending = self._pending(version)
        response = self.transmit(quota_request(self.api_url, pending.access_token))
        quota = read_quota(response)
        if quota == Rejected(UNAUTHORIZED):
            raise NotRotated("Zalo refuses the access token that it gave")
        now = self.clock()
        if isinstance(quota, Rejected) or quota is None:
            logger().warning("zalo tokens not tested", reason=getattr(quota, "reason", None))
            return
        try:
            self.quotas.record(quota, now)
        except Unavailable:
            logger().exception("zalo quota not recorded")

    def finish(self, version: str, versions: Stages) -> None:
        """Make the pending pair the current one, unless a newer one was stored meanwhile."""
        pending, current = self._pending(version), TokenPair.from_text(self.versions.current())
        if pending.access_expires_at < current.access_expires_at:
            raise ValueError("a younger pair of tokens was put in meanwhile")
        self.versions.finish(version, versions)
        refresh_lifetime = pending.refresh_expires_at - self.clock()
        logger().info("zalo tokens rotated", refresh_days=refresh_lifetime // timedelta(days=1))

    def _pending(self, version: str) -> TokenPair:
        return TokenPair.from_text(self.versions.text(version) or "")
