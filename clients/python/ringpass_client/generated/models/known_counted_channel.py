from enum import StrEnum


class KnownCountedChannel(StrEnum):
    OA_CONSENT = "oa_consent"
    PASSWORD_CALL = "password_call"
    VOICE_OTP = "voice_otp"
    ZNS = "zns"

    def __str__(self) -> str:
        return str(self.value)
