"""What was said to a merchant's system, without persons and secrets.

Two nets, for systems name things as they like: whatever stands under a name that tells
of persons or opens doors, and whatever contains words that the order says of a person.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from orders.domain.order import Order
from orders.outbox.transcript import Exchange, Hide

#: What stands for something that is not shown.
HIDDEN = "•••"
#: So much of a body is kept, characters.
_LONGEST, _LONGEST_TEXT = 6000, 500
_SHORTEST_WORD = 3
_SHORTEST_NUMBER = 6
#: Names under which everything is hidden, in whatever spelling.
_PRIVATE = re.compile(
    r"customer|contact|person|buyer|recipient|receiver|user|account|member|name|phone"
    r"|mobile|mail|address|street|district|township|postcode|postal|zip|city|birth"
    r"|gender|tax.?(id|no|number|office)|identity|document|passport|company"
    r"|lat(itude)?$|l(on|ng|ongitude)$|geo|note|comment|remark|message|quote|text|words"
    r"|evidence|extra|token|secret|password|authorization|signature|api.?key|iban|card",
    re.IGNORECASE,
)
#: Among goods a name is that of a product.
_GOODS = re.compile(r"item|line|product|variant|option|sku|basket", re.IGNORECASE)
_NAME = re.compile(r"name|text|title", re.IGNORECASE)
#: Ids say who, not what; without them nothing could be found again.
_KEPT = re.compile(r"(id|ids|number|currency|code|type|kind|status)$", re.IGNORECASE)
_NEVER_KEPT = re.compile(
    r"tax|phone|mobile|postal|identity|zip|card|secret", re.IGNORECASE
)
#: In an answer these say what is wrong, which is what people look for.
_SAID = re.compile(r"(message|text|note|remark|comment)s?$", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def redacted_for(order: Order) -> Hide:
    """Return what takes persons and secrets out of an exchange about an order."""
    words, numbers = _words_of(order)

    def redact(exchange: Exchange) -> Exchange:
        net = _Net(words, numbers)
        return replace(
            exchange,
            url=net.url(exchange.url),
            request=net.body(exchange.request),
            response=_Net(words, numbers, said=True).body(exchange.response),
        )

    return redact


def _words_of(order: Order) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words and the numbers by which a person would be known."""
    address = order.address
    told = [
        *(order.name, order.email, order.company, order.recipient, order.tax_office),
        *(order.phone, order.recipient_phone, order.tax_id, order.gift_note),
        *order.extra.values(),
    ]
    if address is not None:
        told += [address.text, address.street, address.complement, address.suburb]
    texts = [each for each in told if each]
    words = {
        word.casefold()
        for text in texts
        for word in _WORD.findall(text)
        if len(word) >= _SHORTEST_WORD
    }
    numbers = {re.sub(r"\D", "", text)[-10:] for text in texts}
    long = (each for each in numbers if len(each) >= _SHORTEST_NUMBER)
    return frozenset(words), tuple(sorted(long))


class _Net:
    """Hides; `said`: it is an answer, whose words are kept unless a person's."""

    def __init__(
        self, words: frozenset[str], numbers: Iterable[str], *, said: bool = False
    ) -> None:
        self._words = words
        self._numbers = tuple(numbers)
        self._said = said

    def url(self, url: str) -> str:
        """Return where it went; what is asked there may name a person."""
        parts = urlsplit(url)
        path = "/".join(self._text(each) for each in parts.path.split("/"))
        port = "" if parts.port is None else f":{parts.port}"
        return f"{parts.scheme}://{parts.hostname or ''}{port}{path}"

    def body(self, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            shown = self._value(json.loads(text), hidden=False, goods=False)
            return json.dumps(shown, ensure_ascii=False, indent=1)[:_LONGEST]
        except RecursionError:
            return HIDDEN
        except ValueError:
            # What was cut off cannot be looked through by its names.
            is_cut = text.lstrip().startswith(("{", "["))
            return HIDDEN if is_cut else self._plain(text)[:_LONGEST_TEXT]

    def _value(self, value: object, *, hidden: bool, goods: bool) -> object:
        match value:
            case dict():
                return {
                    key: self._under(str(key), each, hidden=hidden, goods=goods)
                    for key, each in value.items()
                }
            case list():
                return [self._value(each, hidden=hidden, goods=goods) for each in value]
            case bool() | None:
                return value
            case str():
                return HIDDEN if hidden and value else self._text(value)
            case _:
                return HIDDEN if hidden or self._is_known(str(value)) else value

    def _under(self, key: str, value: object, *, hidden: bool, goods: bool) -> object:
        goods = goods or bool(_GOODS.search(key))
        is_of_goods = goods and bool(_NAME.search(key))
        is_said = self._said and bool(_SAID.search(key))
        private = bool(_PRIVATE.search(key)) and not (is_of_goods or is_said)
        is_id = bool(_KEPT.search(key)) and not _NEVER_KEPT.search(key)
        if is_id and not isinstance(value, dict | list):
            return self._value(value, hidden=False, goods=goods)
        return self._value(value, hidden=hidden or private, goods=goods and not private)

    def _text(self, text: str) -> str:
        return HIDDEN if self._is_known(text) else text

    def _is_known(self, text: str) -> bool:
        found = {word.casefold() for word in _WORD.findall(text)}
        digits = re.sub(r"\D", "", text)
        return bool(found & self._words) or any(n in digits for n in self._numbers)

    def _plain(self, text: str) -> str:
        """Return a text that has no form, without the words that are known."""
        return " ".join(self._text(each) for each in text.split(" "))
