"""One running sandbox: its settings, its memory, its courier, and whether it is stopping."""

import threading
from collections.abc import Mapping

from sandbox.caresoft_rate import Turnstile
from sandbox.courier import Courier
from sandbox.ledger import Ledger
from sandbox.settings import Settings
from sandbox.suspensions import end_suspensions
from sandbox.switchboard import Switchboard
from sandbox.wire import Json
from sandbox.zalo_call_desk import CallDesk
from sandbox.zalo_office import Office
from sandbox.zalo_people import People


class Sandbox:
    """What all requests share. Its methods may be called from any thread."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.ledger = Ledger()
        self.courier = Courier(self.ledger)
        self.caresoft_rate = Turnstile()
        self.switchboard = Switchboard()
        self.zalo = Office()
        self.zalo_calls = CallDesk()
        self.zalo_people = People()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._settings = settings or Settings()
        self.courier.use(self._settings)

    @property
    def settings(self) -> Settings:
        """The settings at this moment; take them once per request."""
        with self._lock:
            return self._settings

    def change(self, changes: Mapping[str, Json]) -> Settings:
        """Replace some settings, all or none. Raises BadInput."""
        with self._lock:
            self._settings = self._settings.changed(changes)
            self.courier.use(self._settings)
            return self._settings

    def reset(self) -> None:
        """Forget requests, codes, scripts, CDRs and events, due ones too; end suspensions.

        Settings stay.
        """
        self.ledger.reset()
        self.courier.reset()
        self.caresoft_rate.reset()
        self.switchboard.reset()
        self.zalo.reset()
        self.zalo_calls.reset()
        end_suspensions(self.settings)
