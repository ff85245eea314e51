"""One messaging account of a tenant."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """One messaging account of a tenant, with what is needed to speak for it."""

    channel_id: str
    tenant_id: str
    external_id: str  #: WhatsApp's phone_number_id; of a gateway: unique, for people.
    access_token: str = field(repr=False)
    base_url: str = ""  #: Of a gateway: where it answers.
    instance: str = ""  #: What the gateway calls the account, also in its webhooks.
    public_only: bool = False  #: The gateway must be a host of the public internet.

    @property
    def named(self) -> str:
        """The account as its provider names it in webhooks."""
        return self.instance or self.external_id


class Unsealable(Exception):
    """A sealed text does not open with any of the keys."""
