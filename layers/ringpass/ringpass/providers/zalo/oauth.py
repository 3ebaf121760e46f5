"""Zalo's OAuth v4: a refresh token gets the next pair, once.

POST <base>/v4/oa/access_token, the app's secret in the header ``secret_key``, as a form:
``refresh_token=...&app_id=...&grant_type=refresh_token``. The reply is ``{"access_token": "...",
"refresh_token": "...", "expires_in": "90000"}``, the seconds as text. A refusal comes with HTTP
200, too: ``{"error": -14020, "error_name": "...", "error_description": "..."}``, the number that
of a token that was used before or has ended. Source: Zalo's OAuth v4 and public clients of it; what
else a refusal can say is not known.
"""

import re
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from ringpass.outcomes import ProviderResponse, Rejected, Unknown
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, json_object
from ringpass.providers.zalo.token_pair import ACCESS_LIFE, REFRESH_LIFE, TokenPair
from ringpass.redaction import Secret

# Why a refresh token gets nothing that was used before, or has ended.
USED_OR_ENDED: Final = "error_-14020"
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def refresh_request(
    base_url: str, app_id: str, app_secret: Secret, refresh_token: Secret
) -> HttpRequest:
    """Asks for the next pair. From when it has left, the refresh token may be used up."""
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


def read_pair(answer: HttpResponse | NoResponse, now: datetime) -> TokenPair | ProviderResponse:
    """The next pair; ``Rejected`` if Zalo definitely gave none, ``Unknown`` if it may have."""
    if isinstance(answer, NoResponse):
        return Unknown(answer.why) if answer.sent else Rejected(answer.why)
    body = json_object(answer) or {}
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if answer.is_success and _is_token(access) and _is_token(refresh):
        access_life = _life(body.get("expires_in"), ACCESS_LIFE)
        refresh_life = _life(body.get("refresh_token_expires_in"), REFRESH_LIFE)
        return TokenPair.made(str(access), str(refresh), now, access_life, refresh_life)
    error = body.get("error")
    if _says_no(error) and access is None and refresh is None:
        return Rejected(f"error_{error}")
    return Unknown("unreadable_reply" if answer.is_success else f"http_{answer.status}")


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _says_no(error: object) -> bool:
    """Whether this is the number of an error; 0 would be none."""
    number = re.fullmatch(r"-?([0-9]{1,9})", str(error))
    return not isinstance(error, bool) and number is not None and int(number.group(1)) != 0


def _life(seconds: Any, otherwise: timedelta) -> timedelta:  # noqa: ANN401 - any JSON
    """Seconds as a number or as text; what is no number, or none at all, says nothing."""
    found = None if isinstance(seconds, bool) else _SECONDS.fullmatch(str(seconds))
    return timedelta(seconds=int(found.group())) if found and int(found.group()) else otherwise
