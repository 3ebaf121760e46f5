"""Access check of the stack's Official Account (OA).

A stack has one OA and keeps its tokens; the OA belongs to one client. Every other client, and every
other id, gets "not found": so nobody learns which OA a stack has.
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
        """Check that the client may use this OA.

        Args:
            oa_id: The OA that the request names.
            client: The client of the request.

        Raises:
            NotFound: It is not the stack's OA, or it belongs to another client.
        """
        if not self.oa_id or not self.client or (oa_id, client) != (self.oa_id, self.client):
            raise NotFound("There is no such OA.")
