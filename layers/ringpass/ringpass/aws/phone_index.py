"""Phone index: a sparse index of the records of a number, of all clients, in parts.

    <phone key>       deliveries
    ver#<phone key>   verifications
    dec#<phone key>   sends that a limit refused
    ocl#<phone key>   calls of an OA

The phone key is a keyed hash of the number. The range key begins with the client, so one client's
records are read without another's (docs/adr/0034-the-phone-index-is-ordered-by-client.md).
"""

from typing import Final

from ringpass.aws.dynamodb import Index

BY_PHONE: Final = Index("by_phone", "phone_key", "client_listed_at")
