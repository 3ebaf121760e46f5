"""Zalo's users: each phone has a user id, the same one in every sandbox, that never changes."""

import hashlib
import threading

_SMALLEST, _HOW_MANY = 10**18, 8 * 10**18


def user_id_of(phone: str) -> str:
    """Give the 19 digits that an E.164 number's user is called by."""
    digest = hashlib.sha256(b"zalo user " + phone.encode()).digest()
    return str(_SMALLEST + int.from_bytes(digest[:8]) % _HOW_MANY)


class People:
    """Whose user id is whose, as far as they were seen. Threads may share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._phones: dict[str, str] = {}

    def id_of(self, phone: str) -> str:
        """Give the user id of an E.164 number, and remember it."""
        user_id = user_id_of(phone)
        with self._lock:
            self._phones[user_id] = phone
        return user_id

    def phone_of(self, user_id: str) -> str | None:
        """Give the number of a user id that was given before; None of any other."""
        with self._lock:
            return self._phones.get(user_id)
