from enum import StrEnum


class ReplaceProviderOrderZnsType0Item(StrEnum):
    CARESOFT = "caresoft"
    ZALO = "zalo"

    def __str__(self) -> str:
        return str(self.value)
