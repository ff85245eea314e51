"""Customers as the API takes and shows them."""

import re
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from bot.web.api.draft_changes import AddressGiven
from bot.web.api.draft_views import AddressView
from bot.web.api.models import Given, Id, Moment, Shown
from orders.customers import Customer, Document
from orders.people import Person

_PHONE = Field(
    None,
    pattern=r"^\+[1-9][0-9]{6,14}$",
    description="In full, as E.164 writes it.",
    examples=["+905321234567"],
)
_EMAIL = Field(
    None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.com"]
)
_VERSION = Field(
    None,
    ge=1,
    le=2**62,
    description="The version that you read: if it is not the newest, 409.",
)
_LEAP_SAFE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def _day(text: str) -> str:
    if not _LEAP_SAFE.fullmatch(text):
        raise ValueError("give a day such as 1815-12-10")
    return text


Day = Annotated[
    str,
    AfterValidator(_day),
    Field(pattern=f"^{_LEAP_SAFE.pattern}$", examples=["1815-12-10"]),
]


class DocumentBody(Given):
    """A number that an authority gave."""

    kind: str = Field(min_length=1, max_length=40, pattern=r"\S", examples=["CPF"])
    number: str = Field(
        min_length=1, max_length=60, pattern=r"\S", examples=["123.456.789-09"]
    )
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$", examples=["BR"])


class CustomerGiven(Given):
    """What to say of a customer. What is not sent stays; null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Ada Lovelace", "external_id": "ERP-4711"}]
        }
    )

    name: str | None = Field(None, min_length=1, max_length=300, pattern=r"\S")
    first_name: str | None = Field(None, min_length=1, max_length=150, pattern=r"\S")
    last_name: str | None = Field(None, min_length=1, max_length=150, pattern=r"\S")
    email: str | None = _EMAIL
    phone: str | None = _PHONE
    phone_country_code: str | None = Field(None, pattern=r"^[1-9][0-9]{0,2}$")
    phone_area_code: str | None = Field(None, pattern=r"^[0-9]{1,10}$")
    phone_number: str | None = Field(None, pattern=r"^[0-9]{1,20}$")
    gender: str | None = Field(None, min_length=1, max_length=20, pattern=r"\S")
    birth_date: Day | None = None
    business: bool | None = Field(None, description="Whether it is a company.")
    company: str | None = Field(None, min_length=1, max_length=300, pattern=r"\S")
    tax_id: str | None = Field(None, min_length=1, max_length=40, pattern=r"\S")
    tax_office: str | None = Field(None, min_length=1, max_length=200, pattern=r"\S")
    state_tax_id: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        pattern=r"\S",
        description="Of the state or province, where companies have one.",
    )
    documents: list[DocumentBody] = Field(default_factory=list, max_length=20)
    external_id: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="Their id in the shop's other system. One customer has it.",
    )

    @property
    def given(self) -> dict[str, object]:
        """Return what was sent, as the customers' store takes it."""
        sent: dict[str, object] = self.model_dump(
            exclude_unset=True, exclude={"documents", "entity_version"}
        )
        if "documents" in self.model_fields_set:
            sent["documents"] = [
                Document(each.kind, each.number, each.country)
                for each in self.documents
            ]
        return sent


class CustomerChangeGiven(CustomerGiven):
    """What to change. What is not sent stays; null empties a field."""

    entity_version: int | None = _VERSION


class NewAddressGiven(Given):
    """An address of a customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"address": {"text": "Lale Sokak 5, Kadikoy, Istanbul"}}]
        }
    )

    address: AddressGiven
    is_default: bool | None = Field(None, description="Null: the first one is.")


class NewPersonGiven(Given):
    """Somebody who buys for a customer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Grace Hopper", "role": "buyer"}]}
    )

    name: str | None = Field(None, min_length=1, max_length=300, pattern=r"\S")
    phone: str | None = _PHONE
    email: str | None = _EMAIL
    role: str | None = Field(
        None, min_length=1, max_length=100, pattern=r"\S", examples=["buyer"]
    )
    contact_id: Id | None = Field(
        None, description="Who writes to the shop as this person."
    )


class DocumentView(Shown):
    """A number that an authority gave."""

    kind: str
    number: str
    country: str | None


class CustomerView(Shown):
    """Who buys."""

    id: str = Field(examples=["customer_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    contact_id: str | None
    name: str | None = Field(examples=["Ada Lovelace"])
    external_id: str | None = Field(description="Their id in the shop's other system.")
    phone: str | None = Field(examples=["+905321234567"])
    email: str | None = Field(examples=["ada@example.com"])
    tax_id: str | None
    created_at: Moment
    first_name: str | None
    last_name: str | None
    phone_country_code: str | None
    phone_area_code: str | None
    phone_number: str | None
    gender: str | None
    birth_date: str | None
    business: bool | None = Field(description="Whether it is a company.")
    company: str | None
    tax_office: str | None
    state_tax_id: str | None
    documents: list[DocumentView]
    entity_version: int = Field(description="Raised by every change.")
    updated_at: Moment | None


class CustomerAddressView(Shown):
    """Where a customer had something delivered."""

    id: str
    is_default: bool
    address: AddressView
    created_at: Moment


class PersonView(Shown):
    """Somebody who buys for a customer."""

    id: str
    name: str | None
    phone: str | None
    email: str | None
    role: str | None
    contact_id: str | None
    created_at: Moment | None


def customer_view(customer: Customer) -> CustomerView:
    """Return a customer as the API shows them."""
    names = CustomerView.model_fields.keys() - {"documents"}
    return CustomerView(
        documents=[
            DocumentView(kind=each.kind, number=each.number, country=each.country)
            for each in customer.documents
        ],
        **{name: getattr(customer, name) for name in names},
    )


def person_view(person: Person) -> PersonView:
    """Return somebody who buys for a customer."""
    names = PersonView.model_fields
    return PersonView(**{name: getattr(person, name) for name in names})
