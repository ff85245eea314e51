"""Which approved template tells of an order when nothing else may be sent.

Outside the time in which a customer may be written to freely (WhatsApp: 24 hours after
their last word) only texts that the provider approved before are taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class TemplateEvent(StrEnum):
    """What customers are told of, as shops name it: states of an order, and a link."""

    PROVISIONED = "provisioned"
    PROVISIONING_FAILED = "provisioning_failed"
    PREPARING = "preparing"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    PAYMENT_LINK = "payment_link"  #: The order can be paid.


@dataclass(frozen=True, slots=True)
class Template:
    """A template for one event. Its one parameter is the number of the order."""

    event: str  #: A `TemplateEvent`, or one that only a newer version knows.
    name: str
    languages: tuple[str, ...]  #: In which it was approved; the first is the usual.

    def language_for(self, wanted: Sequence[str]) -> str:
        """Return the template's language nearest to those that a customer reads.

        `pt` reads `pt_BR`; who reads none of them gets the usual one.
        """
        for language in wanted:
            for each in self.languages:
                if each.partition("_")[0] == language.partition("_")[0]:
                    return each
        return self.languages[0]


def template_for(templates: Sequence[Template], event: str) -> Template | None:
    """Return the template that tells of an event, None where there is none."""
    return next((each for each in templates if each.event == event), None)
