"""Webhooks out: endpoints of clients, and what is delivered to them."""
