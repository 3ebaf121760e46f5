"""One small file for each provider: our request into theirs, their answer into our outcome."""
