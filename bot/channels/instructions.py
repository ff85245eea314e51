"""What to paste where, so that a provider's webhooks arrive: for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.evolution import gate as evolution
from bot.channels.gate import Gate
from bot.channels.waha import gate as waha

#: Stands for a secret that was shown once already.
SHOWN_ONCE = "PASTE_THE_WEBHOOK_SECRET_HERE"

#: Fields of Meta's webhooks: the first is needed, the others tell more.
META_FIELDS = (
    "messages",
    "smb_message_echoes",
    "user_id_update",
    "user_preferences",
    "account_update",
    "account_alerts",
    "phone_number_quality_update",
)


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to point a provider's webhooks at us."""

    callback_url: str
    fields: tuple[str, ...]  #: Events to subscribe to.
    steps: tuple[str, ...]
    verify_token: str | None = None  #: Meta's only.
    #: What each webhook proves itself with: names of headers, and what they hold.
    headers: Mapping[str, str] = field(default_factory=dict)
    paste: str | None = None  #: A command that does it all.


def of_meta(url: str, verify_token: str | None) -> Instructions:
    """Return what the owner of a Meta app enters in its dashboard."""
    return Instructions(
        callback_url=url,
        fields=META_FIELDS,
        verify_token=verify_token,
        headers={"X-Hub-Signature-256": "Meta's own, made with the app secret"},
        steps=(
            "In Meta's App Dashboard open the app, WhatsApp, Configuration, Webhook.",
            f"Callback URL: {url}",
            f"Verify token: {verify_token or 'the one that `app add` printed'}",
            "Press Verify and save; chatorder must be running at that address.",
            (
                f"Subscribe to the field {META_FIELDS[0]}; these tell more, such as"
                f" what the phone app sends: {', '.join(META_FIELDS[1:])}."
            ),
            (
                "In WhatsApp Manager let the system user of the access token manage the"
                " account, with whatsapp_business_messaging and"
                " whatsapp_business_management."
            ),
            (
                "Subscribe the WhatsApp Business Account to the app: POST"
                " /WABA-ID/subscribed_apps with the access token. Without it the test"
                " of the dashboard arrives and customers' messages do not."
            ),
        ),
    )


def of_gateway(
    kind: str,
    gate: Gate,
    *,
    url: str,
    secret: str | None,
    instance: str,
    base_url: str,
) -> Instructions:
    """Return what the owner of a gateway runs, or enters by hand.

    Without a secret a text stands in its place: it is shown once.
    """
    shown = secret or SHOWN_ONCE
    paste = gate.to_paste(url=url, secret=shown, instance=instance, base_url=base_url)
    known = _GATEWAYS.get(kind)
    fields, headers, steps = known or ((), {}, ())
    return Instructions(
        callback_url=url,
        fields=fields,
        headers={name: what.format(secret=shown) for name, what in headers.items()},
        steps=(
            (
                "Put the gateway's API key into the variable API_KEY and run the"
                " command, or set the same by hand:"
            ),
            f"URL: {url}",
            *(step.format(secret=shown) for step in steps),
            f"Events: {', '.join(fields)}",
        ),
        paste=paste,
    )


def of_channel(
    kind: str,
    gate: Gate | None,
    *,
    base: str,
    signer: str,
    instance: str | None,
    base_url: str | None,
    verify_token: str | None,
) -> Instructions:
    """Return how the provider of a stored channel is pointed at the server at `base`.

    `signer`: the id of the app, or of the channel at a gateway; `gate` None: Meta's.
    """
    url = f"{base}/webhooks/{kind}/{signer}"
    if gate is None:
        return of_meta(url, verify_token)
    return of_gateway(
        kind,
        gate,
        url=url,
        secret=None,
        instance=instance or "",
        base_url=base_url or "",
    )


_Known = tuple[tuple[str, ...], Mapping[str, str], tuple[str, ...]]
_GATEWAYS: Mapping[str, _Known] = {
    "evolution": (
        evolution.EVENTS,
        {evolution.HEADER: "{secret}"},
        (
            f"Header {evolution.HEADER}: {{secret}}",
            "Webhook by events: off. Webhook base64: on, so that pictures come along.",
        ),
    ),
    "waha": (
        waha.EVENTS,
        {
            waha.HEADER: "WAHA's own: HMAC-SHA512 of the body, with the HMAC key",
            waha.ALGORITHM_HEADER: "sha512",
        },
        (
            "HMAC key: {secret}",
            "Retries: exponential, 2 seconds, 15 attempts: else it gives up at once.",
        ),
    ),
}
