"""Events: facts that have been written to a record, each told once."""
