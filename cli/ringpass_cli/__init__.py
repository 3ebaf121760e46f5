"""The command line of Ringpass."""

__version__ = "0.2.0"
