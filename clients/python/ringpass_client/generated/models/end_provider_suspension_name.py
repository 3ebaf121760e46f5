from enum import StrEnum


class EndProviderSuspensionName(StrEnum):
    BIZFLY = "bizfly"
    CARESOFT = "caresoft"
    MCN = "mcn"
    VOICE_GATEWAY = "voice_gateway"
    ZALO = "zalo"

    def __str__(self) -> str:
        return str(self.value)
