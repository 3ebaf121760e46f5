"""Starts the command that replays dead letters (``ringpass.deliveries.receipts.replay``)."""

from typing import Final

from ringpass.deliveries.receipts.replay import main
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.providers.caresoft.facts import CARESOFT
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO

PROVIDERS: Final = (MCN.name, BIZFLY.name, VOICE_GATEWAY.name, CARESOFT.name, ZALO.name)
"""Whose webhooks are received, in the order of the list."""

if __name__ == "__main__":
    main(PROVIDERS)
