from enum import StrEnum


class KnownChannel(StrEnum):
    PASSWORD_CALL = "password_call"
    VOICE_OTP = "voice_otp"
    ZNS = "zns"

    def __str__(self) -> str:
        return str(self.value)
