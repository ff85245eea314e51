"""The rules of advice: pure functions on what was bought."""
