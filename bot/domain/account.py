"""One messaging account of a tenant."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """One messaging account of a tenant, with what is needed to speak for it."""

    channel_id: str
    tenant_id: str
    external_id: str  #: WhatsApp's phone_number_id.
    access_token: str = field(repr=False)


class Unsealable(Exception):
    """A sealed text does not open with any of the keys."""
