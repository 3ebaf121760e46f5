from enum import StrEnum


class ReplaceProviderOrderVoiceOtpType0Item(StrEnum):
    BIZFLY = "bizfly"
    VOICE_GATEWAY = "voice_gateway"

    def __str__(self) -> str:
        return str(self.value)
