"""Commands from a queue: sends and starts that other services ask for without waiting."""
