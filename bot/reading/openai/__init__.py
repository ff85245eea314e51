"""The reader that asks a model of OpenAI, or of a server that speaks its API."""
