"""What bodies of other systems' APIs mean, and how our values look in them. No I/O."""
