"""What providers send to us: verify the secret first, then parse into our own events."""
