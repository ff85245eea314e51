"""Messages in, conversations, and who owns which."""
