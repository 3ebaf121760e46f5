"""Zalo's error numbers of a ZNS request, and our reason for each.

A number in these tables definitely refuses: nothing was sent. Any other number is ambiguous, above
all -100, which Zalo itself calls "unknown error".

Sources of the numbers:

- -101 to -112: Zalo's guide, https://zalo.cloud/zns/guidelines/handle-error-code;
- -108, -109, -114, -115, -118, -119, -124, -131, -133, -139 to -141, -144, -146, -147: Zalo's
  reference of ZNS, too;
- -113 to -153 and the numbers of four digits: the same table as four public clients of ZNS copied
  it, in which the meanings agree (one is the enum ``ZaloErrorCode`` of ``trungdv/zalo-otp``);
- -158 to -162, -1091, -1131, -1201, -1202, -1241, -1381, -1491: one or two of those clients;
- -32 and -216: Zalo's OA API, which takes the same token.
"""

from collections.abc import Mapping
from typing import Final

from ringpass.outcomes import BILLING, QUOTA_USED_UP, TEMPLATE_QUOTA_USED_UP, UNAUTHORIZED

_APP: Final = {
    -101: "app_invalid",
    -102: "app_invalid",  # It does not exist.
    -103: "app_invalid",  # It is not activated.
    -104: "app_invalid",  # Its secret key is not valid.
    -105: "app_not_linked",  # To any OA.
    -124: UNAUTHORIZED,
    -216: UNAUTHORIZED,
    -1241: "app_invalid",  # ``appsecret_proof`` is not valid.
    -138: "app_not_permitted",
    -1381: "app_not_permitted",  # The OA does not let the app use its payment account.
    -32: "rate_limited",
}
_OA: Final = {
    -120: "oa_not_permitted",
    -125: "oa_invalid",
    -135: "oa_not_permitted",  # Not verified, or it has the free package.
    -1351: "oa_blocked",  # For a violation.
    -145: "oa_not_permitted",  # To send content of this kind.
    -144: QUOTA_USED_UP,
    -1441: "promotion_quota_used_up",  # Of the month.
}
_MONEY: Final = {
    -115: BILLING,  # The account of ZNS has too little.
    -126: BILLING,  # So has the wallet of the development mode.
    -136: BILLING,  # No payment account (ZCA, Zalo Cloud Account) is connected.
    -137: BILLING,  # The payment failed: too little in the wallet, for example.
}
_RECIPIENT: Final = {
    -108: "phone_invalid",
    -110: "zalo_too_old",  # Clients have seen it for numbers without Zalo, too.
    -114: "not_receivable",  # Inactive, does not want it, has an old version, or another error.
    -118: "no_zalo_account",
    -119: "not_receivable",
    -134: "receiver_not_asked",  # The person has not answered whether they want the OA's messages.
    -139: "receiver_refuses",  # This kind of message.
    -140: "receiver_refuses",  # Messages after a sale.
    -141: "receiver_refuses",  # This OA.
    -1471: "receiver_quota_used_up",  # Of messages after a sale, in this month.
}
_TEMPLATE: Final = {
    -109: "template_unknown",
    -113: "template_invalid",  # A button.
    -1131: "template_invalid",  # A link of a button.
    -117: "template_not_permitted",  # To this OA or app.
    -121: "template_invalid",  # It has no content.
    -127: "template_for_tests",  # Only administrators get it.
    -131: "template_not_approved",
    -133: "not_at_night",  # 22:00 to 06:00 in Vietnam, and only for some kinds: it is not foreseen.
    -146: "template_disabled",  # Too many complaints.
    -147: TEMPLATE_QUOTA_USED_UP,
}
_PARAMETERS: Final = {
    -111: "params_missing",  # All of them.
    -112: "params_invalid",
    -1121: "params_too_long",
    -1122: "params_missing",
    -1123: "params_invalid",  # No QR code can be made of one.
    -1124: "params_invalid",  # The format of one.
    -116: "params_invalid",
    -130: "params_too_long",  # All of the text.
    -132: "params_invalid",
    -153: "params_invalid",
}
# Features that our request does not use: another method, encryption, a journey, a file.
_REQUEST: Final = dict.fromkeys(
    (
        *(-106, -107, -122, -161, -162),
        *(-123, -128, -129, -142, -143, -151, -152),
        *(-148, -149, -1491, -150),
        *(-1091, -1201, -1202, -158, -159, -160),
    ),
    "request_invalid",
)

REFUSALS: Final[Mapping[int, str]] = {
    **_APP,
    **_OA,
    **_MONEY,
    **_RECIPIENT,
    **_TEMPLATE,
    **_PARAMETERS,
    **_REQUEST,
}
"""Zalo's error numbers that refuse, and the delivery's reason for each."""
