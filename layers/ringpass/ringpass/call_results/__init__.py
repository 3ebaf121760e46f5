"""What became of calls whose provider gives them no id: matched by callee and time."""
