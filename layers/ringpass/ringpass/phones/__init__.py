"""What is known of a person by a phone number: its export and its deletion."""
