"""``make new-provider``: writes the skeleton of a provider, and lists what is left to fill in."""
