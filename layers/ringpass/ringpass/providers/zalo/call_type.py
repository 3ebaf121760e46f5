"""Type of a call between an OA and a customer: audio or video."""

from enum import StrEnum


class CallType(StrEnum):
    """Type of a call, as in Zalo's API. A consent may be for both, a call has one."""

    AUDIO = "audio"
    VIDEO = "video"
    AUDIO_AND_VIDEO = "audio_and_video"

    def covers(self, other: "CallType") -> bool:
        """Whether a consent to this type includes the other."""
        return self in (CallType.AUDIO_AND_VIDEO, other)
