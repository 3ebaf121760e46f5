"""The API's description, OpenAPI 3.1, and that of its events, AsyncAPI 3.0, made from the code.

Never part of a function.

Bodies are the commands of ``ringpass.http.fields``, answers the types of
``ringpass.http.responses``, routes and scopes what each function registered, errors
``ringpass.errors``, examples those of docs/api.md and events/. What only people know about an
operation is in ``operations.py``.
"""

from local.openapi.document import document, files, write

__all__ = ["document", "files", "write"]
