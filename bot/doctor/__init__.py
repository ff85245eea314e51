"""What an operator should know, found out by looking at everything once."""
