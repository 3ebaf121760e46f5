"""Audit log: who changed what, written together with the change."""
