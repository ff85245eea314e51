"""What is known about a person: shown, forgotten, and never kept for too long."""
