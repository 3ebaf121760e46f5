"""Lists the providers, in the order in which the API shows them."""

from typing import Final

from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO

PROVIDERS: Final = (BIZFLY, VOICE_GATEWAY, MCN, CARESOFT, ZALO)
