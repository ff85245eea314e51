"""The commands: one module per subject, each with `register(program)`."""
