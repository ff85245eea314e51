"""What an order needs, told once: read by the bot, the pages, prompts and tests.

A rule says which field is missing and when. Their order is the order in which we ask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog import Product
from orders.domain.draft import Draft, Fulfilment, Line
from orders.domain.shop import Shop


class Field(StrEnum):
    """Something an order may lack, or a question may be about."""

    LINES = "lines"
    PRODUCT = "product"
    VARIANT = "variant"
    OPTIONS = "options"
    QUANTITY = "quantity"
    STOCK = "stock"
    PRICE = "price"
    FULFILMENT = "fulfilment"
    ADDRESS = "address"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    MINIMUM = "minimum"
    CONFIRMATION = "confirmation"  #: Never missing; asked with the summary.
