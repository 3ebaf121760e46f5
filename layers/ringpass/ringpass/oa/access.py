"""Who may use the stack's Official Account (OA).

A stack has one OA, whose tokens it keeps; it belongs to one client. To every other client, and
under every other id, there is none: so nobody learns which OA a stack has.
"""

from dataclasses import dataclass

from ringpass.errors import NotFound


@dataclass(frozen=True, slots=True)
class OaAccess:
    """Lets one client use one OA.

    Attributes:
        oa_id: Zalo's id of the OA; empty: the stack has none.
        client: The client that it belongs to; empty: nobody may use it.
    """

    oa_id: str
    client: str

    def check(self, oa_id: str, client: str) -> None:
        """Refuse whoever may not use this OA.

        Args:
            oa_id: The one that the request names.
            client: Who asks.

        Raises:
            NotFound: It is not the stack's OA, or it is another client's.
        """
        if not self.oa_id or not self.client or (oa_id, client) != (self.oa_id, self.client):
            raise NotFound("There is no such OA.")
