"""The command line of Ringpass."""

__version__ = "0.1.0"
