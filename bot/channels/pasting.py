"""Calls of a gateway's API that its owner makes once, as commands to paste."""

import json
import shlex


def command(method: str, url: str, key_header: str, body: object) -> str:
    """Return a call as a command for a shell; the key is in its variable API_KEY."""
    return " \\\n  ".join(
        (
            f"curl -fsS -X {method} {shlex.quote(url)}",
            f'-H "{key_header}: $API_KEY" -H "Content-Type: application/json"',
            f"-d {shlex.quote(json.dumps(body))}",
        )
    )
