"""Every DynamoDB expression, one file for each kind of item."""
