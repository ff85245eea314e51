"""Everything that must leave the process, or happen later, waits here."""
