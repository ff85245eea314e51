"""Orders without their person: what the law wants kept stays, the rest goes.

Lines, prices, taxes and totals are kept for as long as accounts have to be; who bought,
where it went and what was said is not needed for that.
"""

from dataclasses import replace

from orders import Evidence, Order, OrderLine

#: Enough of a random id to tell the customers of one shop apart.
_LETTERS = 8


def pseudonym_of(contact_id: str) -> str:
    """Return the name by which a person's orders still belong together."""
    return f"erased-{contact_id[-_LETTERS:]}"


def pseudonymised(order: Order, name: str) -> Order:
    """Return the order as bought by `name`, with nothing else of its person."""
    return replace(
        order,
        lines=tuple(_without_words(line) for line in order.lines),
        name=name,
        phone=None,
        email=None,
        tax_id=None,
        company=None,
        tax_office=None,
        recipient=None,
        recipient_phone=None,
        extra={},
        checkout_url=None,
        address=None,
        gift_note=None,
        note=None,
        gift_card=None,
        tags=(),
        data={},
        confirmed_by=_without_quote(order.confirmed_by),
        approved_by=_without_quote(order.approved_by),
    )


def _without_words(line: OrderLine) -> OrderLine:
    evidence = (_without_quote(each) for each in line.evidence)
    return replace(
        line,
        note=None,
        data={},
        evidence=tuple(each for each in evidence if each is not None),
    )


def _without_quote(evidence: Evidence | None) -> Evidence | None:
    """Return who or what it came from, without the words and the message."""
    return None if evidence is None else replace(evidence, ref=None, quote=None)
