"""The reader that needs no model: words, rules and the catalog."""
