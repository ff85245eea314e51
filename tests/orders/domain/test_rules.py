"""What an order still needs, as one table of cases."""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

import pytest

from catalog import Product
from orders import (
    Choice,
    Draft,
    Field,
    Fulfilment,
    LineOption,
    Missing,
    Shop,
    Unresolved,
    WhenClosed,
    missing,
)
from orders.domain.rules import REQUIRABLE, RULES
from tests.factories import (
    NOON,
    a_draft,
    a_line,
    a_product,
    a_shirt,
    a_shop,
    hours_on,
    some_milk,
)

LATTE = a_product()
OAT = LineOption("milk", "oat", "oat milk")


def a_shirt_line(
    variant_id: str | None, quantity: int = 1, **changes: object
) -> object:
    return a_line(
        product_id="product_shirt",
        variant_id=variant_id,
        quantity=Decimal(quantity),
        **changes,
    )


@dataclass(frozen=True)
class Case:
    id: str
    draft: Draft
    lacks: tuple[Missing, ...] = ()
    shop: Shop = field(default_factory=a_shop)
    products: tuple[Product, ...] = (LATTE,)
    available: dict[tuple[str, str | None], Decimal | None] = field(
        default_factory=dict
    )


CAKE = Unresolved("U2", "cake", choices=(Choice("c", None, "Cake", None, 0.5),))
DELIVERY_ONLY = a_shop(fulfilments=(Fulfilment.DELIVERY,))
PICKUP_ONLY = a_shop(fulfilments=(Fulfilment.PICKUP,))

CASES = [
    Case("a complete draft lacks nothing", a_draft()),
    Case(
        "an empty draft lacks what any order needs, in asking order",
        Draft("draft_1", "TRY"),
        (Missing(Field.LINES), Missing(Field.FULFILMENT), Missing(Field.NAME)),
    ),
    Case(
        "a mention with choices is to be answered",
        a_draft(unresolved=(CAKE,)),
        (Missing(Field.PRODUCT, "U2"),),
    ),
    Case(
        "a mention that nothing is like is to be answered, too",
        a_draft(unresolved=(Unresolved("U2", "xyzzy"),)),
        (Missing(Field.PRODUCT, "U2"),),
    ),
    Case(
        "we ask which product before we say that there is no line",
        a_draft(lines=(), unresolved=(CAKE,)),
        (Missing(Field.PRODUCT, "U2"), Missing(Field.LINES)),
    ),
    Case(
        "a product that is no longer in the catalog is missing",
        a_draft(),
        (Missing(Field.PRODUCT, "L1"),),
        products=(),
    ),
    Case(
        "so is one that is no longer active",
        a_draft(),
        (Missing(Field.PRODUCT, "L1"),),
        products=(a_product(active=False),),
    ),
    Case(
        "a product with variants needs one",
        a_draft(lines=(a_shirt_line(None),)),
        (Missing(Field.VARIANT, "L1"),),
        products=(a_shirt(),),
    ),
    Case(
        "a variant that is gone is to be chosen again",
        a_draft(lines=(a_shirt_line("variant_green"),)),
        (Missing(Field.VARIANT, "L1"),),
        products=(a_shirt(),),
    ),
    Case(
        "a chosen variant is enough",
        a_draft(lines=(a_shirt_line("variant_red"),)),
        products=(a_shirt(),),
    ),
    Case(
        "a group whose minimum is not met is open",
        a_draft(),
        (Missing(Field.OPTIONS, "L1", group_id="milk"),),
        products=(a_product(option_groups=(some_milk(),)),),
    ),
    Case(
        "a group with a default is not",
        a_draft(),
        products=(a_product(option_groups=(some_milk(default="whole"),)),),
    ),
    Case(
        "a group that may stay open is not",
        a_draft(),
        products=(a_product(option_groups=(some_milk(minimum=0),)),),
    ),
    Case(
        "a chosen option closes its group",
        a_draft(lines=(a_line(options=(OAT,)),)),
        products=(a_product(option_groups=(some_milk(),)),),
    ),
    Case(
        "what the customer does not want is no choice",
        a_draft(lines=(a_line(options=(LineOption("milk", "oat", "oat", True),)),)),
        (Missing(Field.OPTIONS, "L1", group_id="milk"),),
        products=(a_product(option_groups=(some_milk(),)),),
    ),
    Case(
        "an option that is no longer offered is no choice",
        a_draft(lines=(a_line(options=(LineOption("milk", "soy", "soy"),)),)),
        (Missing(Field.OPTIONS, "L1", group_id="milk"),),
        products=(a_product(option_groups=(some_milk(),)),),
    ),
    Case(
        "below the minimum, the nearest is the minimum",
        a_draft(),
        (Missing(Field.QUANTITY, "L1", nearest=Decimal(6)),),
        products=(a_product(minimum=Decimal(6)),),
    ),
    Case(
        "between two steps, the nearest is one of them",
        a_draft(lines=(a_line(quantity=Decimal("2.24")),)),
        (Missing(Field.QUANTITY, "L1", nearest=Decimal("2.2")),),
        products=(a_product(step=Decimal("0.1"), minimum=Decimal("0.1")),),
    ),
    Case(
        "more than there is",
        a_draft(),
        (Missing(Field.STOCK, "L1", available=Decimal(1)),),
        available={("product_latte", None): Decimal(1)},
    ),
    Case(
        "exactly what there is",
        a_draft(),
        available={("product_latte", None): Decimal(2)},
    ),
    Case(
        "what is available right now wins over what the index remembers",
        a_draft(),
        products=(a_product(stock=Decimal(0)),),
        available={("product_latte", None): None},
    ),
    Case(
        "without fresher news the product's own stock counts",
        a_draft(),
        (Missing(Field.STOCK, "L1", available=Decimal(1)),),
        products=(a_product(stock=Decimal(1)),),
    ),
    Case(
        "an oversold product has nothing, not less",
        a_draft(),
        (Missing(Field.STOCK, "L1", available=Decimal(0)),),
        available={("product_latte", None): Decimal(-3)},
    ),
    Case(
        "lines of one product add up, and the last of them is asked about",
        a_draft(lines=(a_line(), a_line(id="L2", note="hot"))),
        (Missing(Field.STOCK, "L2", available=Decimal(3)),),
        available={("product_latte", None): Decimal(3)},
    ),
    Case(
        "lines of two variants do not",
        a_draft(
            lines=(a_shirt_line("variant_red", 2), a_shirt_line("variant_blue", 2))
        ),
        products=(a_shirt(),),
        available={
            ("product_shirt", "variant_red"): Decimal(2),
            ("product_shirt", "variant_blue"): Decimal(2),
        },
    ),
    Case(
        "a line without a price",
        a_draft(lines=(a_line(unit_price=None),)),
        (Missing(Field.PRICE, "L1"),),
    ),
    Case(
        "too little for the shop",
        a_draft(),
        (Missing(Field.MINIMUM, short_by=2900),),
        shop=a_shop(minimum_order=20000),
    ),
    Case("just enough", a_draft(), shop=a_shop(minimum_order=17100)),
    Case(
        "whether it is enough is not known before every line has a price",
        a_draft(lines=(a_line(unit_price=None),)),
        (Missing(Field.PRICE, "L1"),),
        shop=a_shop(minimum_order=20000),
    ),
    Case(
        "more than one way: we ask",
        a_draft(fulfilment=None, address=None),
        (Missing(Field.FULFILMENT),),
    ),
    Case(
        "a single way is not asked for",
        a_draft(fulfilment=None, address=None),
        shop=PICKUP_ONLY,
    ),
    Case(
        "a way that the shop does not offer is none",
        a_draft(fulfilment=Fulfilment.DELIVERY, address=None),
        shop=PICKUP_ONLY,
    ),
    Case(
        "a shop that does not care how is not asking",
        a_draft(fulfilment=None, address=None),
        shop=a_shop(required=()),
    ),
    Case(
        "delivery needs an address",
        a_draft(address=None),
        (Missing(Field.ADDRESS),),
    ),
    Case(
        "also when it is the only way",
        a_draft(fulfilment=None, address=None),
        (Missing(Field.ADDRESS),),
        shop=DELIVERY_ONLY,
    ),
    Case(
        "pickup needs no address",
        a_draft(fulfilment=Fulfilment.PICKUP, address=None),
    ),
    Case("a name", a_draft(name=None), (Missing(Field.NAME),)),
    Case(
        "phone and e-mail only when the shop wants them",
        a_draft(phone=None, email=None),
        (Missing(Field.PHONE), Missing(Field.EMAIL)),
        shop=a_shop().needing(["phone", "email"]),
    ),
    Case("and not otherwise", a_draft(phone=None, email=None)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_missing(case: Case) -> None:
    products = {product.id: product for product in case.products}
    found = missing(case.draft, case.shop, products, case.available)
    assert found == case.lacks


def test_everything_at_once_comes_in_asking_order() -> None:
    draft = a_draft(
        lines=(
            a_line(id="L1", product_id="gone"),
            a_shirt_line(None, id="L2"),
            a_line(id="L3", quantity=Decimal("1.5"), unit_price=None),
        ),
        unresolved=(CAKE,),
        fulfilment=None,
        address=None,
        name=None,
        phone=None,
    )
    latte = a_product(option_groups=(some_milk(),), stock=Decimal(1))
    closed = a_shop(hours=hours_on(), when_closed=WhenClosed.REFUSE)
    found = missing(
        draft,
        closed.needing(["phone", "email", "payment"]),
        {"product_latte": latte, "product_shirt": a_shirt()},
        {},
        NOON,
    )
    fields = [each.field for each in found]
    order = [rule.field for rule in RULES]
    assert all(order.index(a) <= order.index(b) for a, b in pairwise(fields))
    assert set(fields) == {
        *(Field.PRODUCT, Field.VARIANT, Field.OPTIONS, Field.QUANTITY, Field.STOCK),
        *(Field.PRICE, Field.FULFILMENT, Field.NAME, Field.PHONE, Field.EMAIL),
        *(Field.PAYMENT, Field.HOURS),
    }


def test_every_field_has_a_rule_but_the_confirmation() -> None:
    assert {rule.field for rule in RULES} == set(Field) - {Field.CONFIRMATION}


def test_what_a_shop_requires_are_fields() -> None:
    assert set(Shop().required) <= {field.value for field in REQUIRABLE}
    assert set(REQUIRABLE) <= set(Field)


def test_a_sink_adds_what_it_needs_once() -> None:
    shop = a_shop().needing({Field.NAME, Field.PHONE})
    assert shop.required == ("name", "fulfilment", "address", "phone")
