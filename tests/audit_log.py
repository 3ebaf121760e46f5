"""Authors of changes, and entries of the audit log, for tests of what they are written with."""

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.transaction import Put
from ringpass.http.actor import Actor


def actor(client: str) -> Actor:
    """A client with one of its keys."""
    return Actor(client, "k1")


def an_entry(client: str = "acme") -> Put:
    """The write of some entry, another one each time."""
    change = Change(resource=Resource.SETTINGS, resource_id=None, action=Action.REPLACED)
    return audit_entry(actor(client), change, "2026-11-21T08:30:00.000Z")
