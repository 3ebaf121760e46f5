"""ZNS templates: what a client has registered of them, and what a message must give them."""
