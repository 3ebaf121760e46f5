"""Ringpass: proves that a person holds a phone number in Vietnam or Russia."""

__version__ = "0.2.0"
