"""What a browser says it is, in the few words by which its owner knows it again."""

#: The first that is found: browsers name those that they want to be taken for, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str | None) -> str | None:
    """Return a short label such as `Firefox, Linux`, None when nothing is known."""
    said = user_agent or ""
    found = (
        next((name for token, name in known if token in said), None)
        for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in found if name) or None
