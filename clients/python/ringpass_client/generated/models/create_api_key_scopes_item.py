from enum import StrEnum


class CreateApiKeyScopesItem(StrEnum):
    ADMIN = "admin"
    PHONESREAD = "phones:read"
    READ = "read"
    SEND = "send"

    def __str__(self) -> str:
        return str(self.value)
