"""What a call between an OA and a customer is made of: voice alone, or pictures, too."""

from enum import StrEnum


class CallType(StrEnum):
    """A kind of call, in the words of Zalo's API. A permission may be for both, a call is one."""

    AUDIO = "audio"
    VIDEO = "video"
    AUDIO_AND_VIDEO = "audio_and_video"

    def covers(self, other: "CallType") -> bool:
        """Whether who has allowed this has allowed the other."""
        return self in (CallType.AUDIO_AND_VIDEO, other)
