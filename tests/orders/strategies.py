"""Hypothesis strategies for orders: small worlds, so that things meet."""

from decimal import Decimal

from hypothesis import strategies as st

from orders import (
    Address,
    Change,
    Choice,
    ChooseVariant,
    Clear,
    Discount,
    Draft,
    DropLine,
    DropUnresolved,
    Evidence,
    Fulfilment,
    Line,
    LineOption,
    PutLine,
    PutUnresolved,
    Reopen,
    ReplaceLine,
    Reprice,
    SetAddress,
    SetBusiness,
    SetCompany,
    SetCoupon,
    SetCustomer,
    SetDiscount,
    SetDue,
    SetEmail,
    SetExtra,
    SetFulfilment,
    SetGiftNote,
    SetName,
    SetNote,
    SetOptions,
    SetPayment,
    SetPhone,
    SetQuantity,
    SetRecipient,
    SetRecipientPhone,
    SetShipping,
    SetTaxId,
    SetTaxOffice,
    Source,
    TakeBack,
    Unresolved,
    Unset,
)
from orders.domain.details import CLEARABLE
from tests.factories import NOON

# Texts as they come back from a database: no NUL, no lone surrogate.
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=12,
).filter(lambda text: bool(text.strip()))
prices = st.decimals(0, 10_000, places=2)
maybe_prices = st.none() | prices
quantities = st.decimals("0.1", 1000, places=1)
rates = st.sampled_from([Decimal(0), Decimal(1), Decimal(10), Decimal("18.5")])
evidences = st.builds(
    Evidence,
    st.sampled_from(Source),
    ref=st.none() | texts,
    quote=st.none() | texts,
    actor=st.none() | texts,
)
options = st.builds(
    LineOption,
    st.sampled_from(["milk", "size"]),
    st.sampled_from(["oat", "large"]),
    texts,
    negated=st.booleans(),
    surcharge=prices,
)
option_lists = st.lists(
    options, max_size=2, unique_by=lambda option: option.group_id
).map(tuple)
lines = st.builds(
    Line,
    id=st.sampled_from(["", "L1", "L9"]),
    product_id=st.sampled_from(["tea", "cake"]),
    sku=texts,
    name=texts,
    quantity=quantities,
    unit=st.just("piece"),
    variant_id=st.sampled_from([None, "red"]),
    options=st.just(()) | option_lists,
    note=st.sampled_from([None, "hot"]),
    unit_price=maybe_prices,
    list_price=maybe_prices,
    tax_rate=rates,
    pack=st.none() | texts,
    evidence=st.lists(evidences, min_size=1, max_size=2).map(tuple),
)
choices = st.builds(
    Choice,
    product_id=texts,
    variant_id=st.none() | texts,
    name=texts,
    unit_price=maybe_prices,
    probability=st.floats(0, 1),
)
line_ids = st.integers(1, 5).map("L{}".format)
mentions = st.builds(
    Unresolved,
    id=st.just(""),
    text=texts,
    quantity=st.none() | quantities,
    unit=st.none() | texts,
    choices=st.lists(choices, max_size=2).map(tuple),
    replaces=st.none() | line_ids,
    evidence=st.lists(evidences, max_size=1).map(tuple),
)
addresses = st.builds(
    Address,
    text=texts,
    street=st.none() | texts,
    city=st.none() | texts,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
)
discounts = st.builds(
    Discount,
    amount=st.integers(0, 5000),
    percent=st.sampled_from([Decimal(0), Decimal("12.5"), Decimal(100)]),
    reason=st.none() | texts,
)
reasons = st.none() | evidences
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(PutLine, lines, st.none() | line_ids),
    st.builds(SetQuantity, line_ids, quantities, reasons),
    st.builds(ChooseVariant, line_ids, st.just("red"), texts, texts, prices, reasons),
    st.builds(SetOptions, line_ids, option_lists, prices, reasons),
    st.builds(ReplaceLine, line_ids, lines),
    st.builds(DropLine, line_ids, reasons),
    st.builds(Reprice, line_ids, maybe_prices),
    st.builds(PutUnresolved, mentions),
    st.builds(DropUnresolved, st.integers(1, 5).map("U{}".format)),
    st.builds(Clear),
    st.builds(Reopen, reasons),
    st.builds(
        TakeBack,
        texts,
        st.lists(line_ids, max_size=2).map(tuple),
        st.builds(
            Draft,
            st.just("draft_1"),
            st.just("TRY"),
            name=st.none() | texts,
        ),
        st.sampled_from([(), ("name",)]),
    ),
    st.builds(SetName, texts, reasons),
    st.builds(SetPhone, texts, reasons),
    st.builds(SetEmail, texts, reasons),
    st.builds(SetTaxId, texts, reasons),
    st.builds(SetBusiness, st.booleans(), reasons),
    st.builds(SetCompany, texts, reasons),
    st.builds(SetTaxOffice, texts, reasons),
    st.builds(SetRecipient, texts, reasons),
    st.builds(SetRecipientPhone, texts, reasons),
    st.builds(SetExtra, texts, st.none() | texts, reasons),
    st.builds(SetCustomer, texts, reasons),
    st.builds(SetFulfilment, st.sampled_from(Fulfilment), reasons),
    st.builds(SetAddress, addresses, reasons),
    st.builds(SetDue, st.just(NOON), reasons),
    st.builds(SetPayment, texts, reasons),
    st.builds(SetCoupon, texts, reasons),
    st.builds(SetGiftNote, texts, reasons),
    st.builds(SetNote, texts, reasons),
    st.builds(SetDiscount, st.none() | discounts, reasons),
    st.builds(SetShipping, st.integers(0, 5000), reasons),
    st.builds(Unset, st.sampled_from(sorted(CLEARABLE)), reasons),
)
histories = st.lists(changes, max_size=12)
EMPTY = Draft(id="draft_1", currency="TRY")
