"""Token refresh of Zalo's OAuth v4: a refresh token gets the next pair, once.

POST <base>/v4/oa/access_token, the app's secret in the header ``secret_key``, as a form:
``refresh_token=...&app_id=...&grant_type=refresh_token``. The response is ``{"access_token": "...",
"refresh_token": "...", "expires_in": "90000"}``, the seconds as text. A refusal comes with HTTP
200, too: ``{"error": -14020, "error_name": "...", "error_description": "..."}``, the number for
a token that was used before or has ended. Source: Zalo's OAuth v4 and public clients of it; other
refusals are not known.
"""

import re
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from ringpass.outcomes import ProviderResponse, Rejected, Unknown
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, json_object
from ringpass.providers.zalo.token_pair import ACCESS_LIFETIME, REFRESH_LIFETIME, TokenPair
from ringpass.redaction import Secret

# Reason of a refusal: the refresh token was used before, or has ended.
USED_OR_ENDED: Final = "error_-14020"
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def refresh_request(
    base_url: str, app_id: str, app_secret: Secret, refresh_token: Secret
) -> HttpRequest:
    """Builds the request for the next pair. Once it is sent, the refresh token may be used up."""
    form = {
        "refresh_token": refresh_token.reveal(),
        "app_id": app_id,
        "grant_type": "refresh_token",
    }
    return HttpRequest(
        f"{base_url}/v4/oa/access_token",
        {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "secret_key": app_secret.reveal(),
        },
        urlencode(form).encode(),
    )


def read_pair(response: HttpResponse | NoResponse, now: datetime) -> TokenPair | ProviderResponse:
    """Returns the next pair; ``Rejected``: Zalo issued none; ``Unknown``: it may have."""
    if isinstance(response, NoResponse):
        return Unknown(response.reason) if response.sent else Rejected(response.reason)
    body = json_object(response) or {}
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if response.is_success and _is_token(access) and _is_token(refresh):
        access_lifetime = _lifetime(body.get("expires_in"), ACCESS_LIFETIME)
        refresh_lifetime = _lifetime(body.get("refresh_token_expires_in"), REFRESH_LIFETIME)
        return TokenPair.from_tokens(
            str(access), str(refresh), now, access_lifetime, refresh_lifetime
        )
    error = body.get("error")
    if _is_error(error) and access is None and refresh is None:
        return Rejected(f"error_{error}")
    return Unknown("unreadable_reply" if response.is_success else f"http_{response.status}")


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_error(error: object) -> bool:
    """Whether this is an error number; 0 is none."""
    match = re.fullmatch(r"-?([0-9]{1,9})", str(error))
    return not isinstance(error, bool) and match is not None and int(match.group(1)) != 0


def _lifetime(seconds: Any, default: timedelta) -> timedelta:  # noqa: ANN401 - any JSON
    """Returns seconds, a number or text, as a duration; ``default`` if they are not positive."""
    match = None if isinstance(seconds, bool) else _SECONDS.fullmatch(str(seconds))
    return timedelta(seconds=int(match.group())) if match and int(match.group()) else default
