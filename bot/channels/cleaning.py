"""Text from outside, made fit for every database: what to do before keeping it."""

#: The longest customer text that we keep, in characters. Phones send 4,096 at most.
TEXT_LIMIT = 65_536


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return text without NUL and lone surrogates, cut to `limit` characters.

    PostgreSQL stores neither, and a lone surrogate (valid in JSON as an escape) cannot
    be encoded at all. Cleaning twice changes nothing.
    """
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode("utf-8")
    return text.replace("\0", "")[:limit]
