"""Adapters of providers: an order becomes an HTTP request, a response becomes an outcome."""
