"""The rotation of Zalo's tokens, in the steps of ``ringpass.aws.secret_rotation``.

    createSecret   the refresh token gets the next pair, which becomes the version AWSPENDING
    setSecret      nothing: Zalo made the pair, and knows it
    testSecret     Zalo takes the next access token
    finishSecret   the pending pair becomes AWSCURRENT

A refresh token can be used once, and whoever loses what it got needs an administrator of the OA. So
its use is claimed in the table before (two at once would use it twice), and what comes back is kept
before anything else is done. Between Zalo's reply and that write lies the one moment that cannot be
secured from here: if the function dies in it, the next try is refused by Zalo, and says so.
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
from ringpass.providers.zalo.oauth import USED_OR_ENDED, read_pair, refresh_request
from ringpass.providers.zalo.quota_meter import QuotaMeter, quota_request, read_quota
from ringpass.providers.zalo.refresh_lock import TokenClaims
from ringpass.providers.zalo.token_pair import TokenPair
from ringpass.redaction import Secret

_PROVIDER: Final = "zalo"
# Pauses between tries to keep a pair that exists nowhere else: within the function's time-out.
_KEEP_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
# From here on an administrator has to be told: rotation renews the refresh token every 20 hours, so
# that it gets this old means that rotation has failed for weeks.
_ENDS_SOON: Final = timedelta(days=21)


class NotRotated(Exception):
    """The pair could not be rotated now. Secrets Manager tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRotation:
    """Rotates the pair of tokens.

    Attributes:
        versions: The versions of the secret ``zalo_token``.
        claims: Who uses a refresh token.
        quotas: What the OA may still send; testing a token tells it.
        app_id: The app at Zalo.
        app_secret: Gives the app's secret.
        oauth_url: Origin of Zalo's OAuth.
        api_url: Origin of Zalo's business API.
        transmit: Sends one request.
        clock: Tells the time.
        sleep: Waits so many seconds.
    """

    versions: SecretVersions
    claims: TokenClaims
    quotas: QuotaMeter
    app_id: str
    app_secret: Callable[[], Secret]
    oauth_url: str
    api_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def do(self, step: str, version: str) -> None:
        """Do a step of the rotation whose new version has this id.

        Raises:
            ValueError: There is no such step, or no such version is pending; or the secret holds
                no pair of tokens, or a younger one than the pending.
            NotRotated: Zalo or AWS stood in the way; or Zalo refuses.
            Unavailable: The table or a secret cannot be reached.
        """
        self.versions.run_step(step, version, self)

    def watch(self) -> None:
        """Tell how long the pair lives; once a day, whether rotation works or not.

        Where no pair has been put in, there is nothing to watch.
        """
        try:
            pair = TokenPair.from_text(self.versions.current())
        except ValueError:
            return
        now = self.clock()
        left = pair.refresh_expires_at - now
        days, hours = (
            left // timedelta(days=1),
            (pair.access_expires_at - now) // timedelta(hours=1),
        )
        if left < _ENDS_SOON:
            logger().error("zalo refresh token ends soon", refresh_days=days, access_hours=hours)
        else:
            logger().info("zalo tokens live", refresh_days=days, access_hours=hours)

    def create(self, version: str) -> None:
        """Have Zalo make the next pair, and keep it."""
        current = TokenPair.from_text(self.versions.current())
        app_secret = self.app_secret()
        digest = hashlib.sha256(current.refresh_token.reveal().encode()).hexdigest()
        tries = self.claims.claim(_PROVIDER, digest, version, self.clock())
        if tries is None:
            raise NotRotated("another invocation uses this refresh token")
        if tries > 1:
            logger().warning("zalo refresh token used again", tries=tries)
        answer = self.transmit(
            refresh_request(self.oauth_url, self.app_id, app_secret, current.refresh_token)
        )
        made = read_pair(answer, self.clock())
        if isinstance(made, TokenPair):
            self._keep(version, made)
            return
        if isinstance(answer, NoResponse) and not answer.sent:
            self.claims.release(_PROVIDER, digest)
        reason = getattr(made, "reason", None)
        if isinstance(made, Rejected) and not isinstance(answer, NoResponse) and tries > 1:
            # An earlier use of which nothing was kept has got a pair, and nobody has it.
            logger().error("zalo refresh lost", why="not_kept", reason=reason)
        elif reason == USED_OR_ENDED:
            logger().error("zalo refresh lost", why="used_elsewhere_or_ended", reason=reason)
        else:
            logger().error("zalo refresh refused", outcome=type(made).__name__, reason=reason)
        raise NotRotated(f"Zalo gave no tokens ({reason})")

    def _keep(self, version: str, made: TokenPair) -> None:
        """Keep a pair, before anything else is done with it."""
        for pause in (*_KEEP_PAUSES, None):
            try:
                if self.versions.put(version, made.to_text()):
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
        """Ask Zalo whether it takes the token; only what Zalo says of it counts.

        That it cannot be reached does not make the pair before any better: that one's refresh
        token is used up.
        """
        if self.versions.text(version) == self.versions.current():
            # Secrets Manager tries out that it can rotate, with a copy; no pair need be there yet.
            return
        pending = self._pending(version)
        answer = self.transmit(quota_request(self.api_url, pending.access_token))
        found = read_quota(answer)
        if found == Rejected(UNAUTHORIZED):
            raise NotRotated("Zalo refuses the access token that it gave")
        now = self.clock()
        if isinstance(found, Rejected) or found is None:
            logger().warning("zalo tokens not tested", reason=getattr(found, "reason", None))
            return
        try:
            self.quotas.heard(found, now)
        except Unavailable:
            logger().exception("zalo quota not recorded")

    def finish(self, version: str, versions: Stages) -> None:
        """Make the pending pair the current one, unless a younger one was put in."""
        pending, current = self._pending(version), TokenPair.from_text(self.versions.current())
        if pending.access_expires_at < current.access_expires_at:
            raise ValueError("a younger pair of tokens was put in meanwhile")
        self.versions.finish(version, versions)
        left = pending.refresh_expires_at - self.clock()
        logger().info("zalo tokens rotated", refresh_days=left // timedelta(days=1))

    def _pending(self, version: str) -> TokenPair:
        return TokenPair.from_text(self.versions.text(version) or "")
