"""For tests whose servers are on this machine and speak plain HTTP."""

import ssl
from typing import Final

NO_AUTHORITIES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For httpx's ``verify``. By itself each client reads the certificates of all authorities, which
takes longer than many a test. With this one no certificate is valid."""
