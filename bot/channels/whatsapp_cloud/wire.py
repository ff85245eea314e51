"""Meta's webhook bodies as private models, strict only about what we use.

What we can do without is `Lenient`: an unreadable context must not cost the customer's
words. Lengths are those of our columns. Source: Meta's Cloud API webhooks reference.
"""

from pydantic import Field

from bot.channels.wire_types import (
    AccountId,
    AliasValue,
    Code,
    Id,
    Lenient,
    Moment,
    Number,
    Short,
    Told,
    Url,
    Wire,
    Words,
)
from bot.domain.message import DeliveryState

# -- around the messages --------------------------------------------------------------


class Metadata(Wire):
    phone_number_id: AccountId
    display_phone_number: Lenient[Words] = None


class Profile(Wire):
    name: Lenient[Words] = None
    username: Lenient[Words] = None


class Contact(Wire):
    wa_id: Lenient[AliasValue] = None
    user_id: Lenient[AliasValue] = None
    parent_user_id: Lenient[AliasValue] = None
    identity_key_hash: Lenient[AccountId] = None
    profile: Lenient[Profile] = None
    username: Lenient[Words] = None


class Error(Wire):
    code: Lenient[Code] = None
    title: Lenient[Words] = None
    message: Lenient[Words] = None


class ReferredProduct(Wire):
    product_retailer_id: Lenient[Words] = None


class Context(Wire):
    id: Lenient[Id] = None
    forwarded: Lenient[bool] = None
    frequently_forwarded: Lenient[bool] = None
    referred_product: Lenient[ReferredProduct] = None


class Referral(Wire):
    source_id: Lenient[Id] = None
    source_type: Lenient[Short] = None
    source_url: Lenient[Url] = None
    headline: Lenient[Told] = None
    body: Lenient[Told] = None
    media_type: Lenient[Short] = None
    ctwa_clid: Lenient[Url] = None


class Identity(Wire):
    """What WhatsApp knows the customer's phone by."""

    hash: Lenient[AccountId] = None


class Message(Wire):
    """What every type of message has. Its content is read from the same object."""

    id: Id
    type: Words = Field(min_length=1)
    timestamp: Moment
    sender: Lenient[AliasValue] = Field(default=None, alias="from")
    from_user_id: Lenient[AliasValue] = None
    from_parent_user_id: Lenient[AliasValue] = None
    identity: Lenient[Identity] = None
    group_id: object = None
    context: Lenient[Context] = None
    referral: Lenient[Referral] = None
    errors: Lenient[tuple[Error, ...]] = None


class Echo(Wire):
    """What somebody wrote in the shop's own app; `to` is the customer."""

    id: Id
    type: Words = Field(min_length=1)
    timestamp: Moment
    to: Lenient[AliasValue] = None
    to_user_id: Lenient[AliasValue] = None
    group_id: object = None
    context: Lenient[Context] = None


class Pricing(Wire):
    billable: Lenient[bool] = None
    pricing_model: Lenient[Short] = None
    category: Lenient[Short] = None
    type: Lenient[Short] = None


class ConversationOrigin(Wire):
    type: Lenient[Short] = None


class Conversation(Wire):
    """What Meta bills together; left out where every message is billed alone."""

    id: Lenient[Id] = None
    origin: Lenient[ConversationOrigin] = None


class Status(Wire):
    id: Id
    status: DeliveryState
    timestamp: Moment
    biz_opaque_callback_data: Lenient[Id] = None
    errors: Lenient[tuple[Error, ...]] = None
    pricing: Lenient[Pricing] = None
    conversation: Lenient[Conversation] = None


class Preference(Wire):
    """Whether somebody wants promotional messages; more categories may follow."""

    wa_id: Lenient[AliasValue] = None
    user_id: Lenient[AliasValue] = None
    category: Words
    value: Words
    timestamp: Moment


# -- contents -------------------------------------------------------------------------


class TextBody(Wire):
    body: Words


class Choice(Wire):
    id: Words
    title: Words = ""


class FormReply(Wire):
    name: Lenient[Words] = None
    response_json: Lenient[str] = None


class ShownBody(Wire):
    text: Lenient[Words] = None


class Shown(Wire):
    """A product of the catalog that the customer shows us."""

    product_retailer_id: Lenient[Words] = None


class Interactive(Wire):
    type: Words = Field(min_length=1)
    button_reply: Choice | None = None
    list_reply: Choice | None = None
    nfm_reply: FormReply | None = None
    body: Lenient[ShownBody] = None
    action: Lenient[Shown] = None
    product: Lenient[Shown] = None


class TemplateButton(Wire):
    payload: Lenient[Words] = None
    text: Words = ""


class ProductItem(Wire):
    product_retailer_id: Words = Field(min_length=1)
    quantity: Number
    item_price: Lenient[Number] = None
    currency: Lenient[Words] = None


class Order(Wire):
    catalog_id: Lenient[Words] = None
    text: Lenient[Words] = None
    product_items: tuple[ProductItem, ...]


class Media(Wire):
    id: Id
    mime_type: Lenient[Id] = None
    sha256: Lenient[Id] = None
    file_size: Lenient[Code] = None
    filename: Lenient[Words] = None
    caption: Lenient[Words] = None
    voice: Lenient[bool] = None


class Location(Wire):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Lenient[Words] = None
    address: Lenient[Words] = None


class Name(Wire):
    formatted_name: Lenient[Words] = None
    first_name: Lenient[Words] = None


class Phone(Wire):
    phone: Lenient[Words] = None
    wa_id: Lenient[Words] = None
    user_id: Lenient[AliasValue] = None


class Card(Wire):
    name: Lenient[Name] = None
    phones: Lenient[tuple[Phone, ...]] = None
    vcard: Lenient[Words] = None
    origin: Lenient[Words] = None


class Cards(Wire):
    contacts: tuple[Card, ...]
    origin: Lenient[Words] = None


class Reaction(Wire):
    message_id: Id
    emoji: Lenient[Words] = None


class System(Wire):
    """The platform speaks; three generations of it name the new number differently."""

    type: Words
    body: Lenient[Words] = None
    wa_id: Lenient[AliasValue] = None
    new_wa_id: Lenient[AliasValue] = None
    user_id: Lenient[AliasValue] = None
    previous_user_id: Lenient[AliasValue] = None
    parent_user_id: Lenient[AliasValue] = None


class UnsupportedKind(Wire):
    type: Lenient[Words] = None


class Edited(Wire):
    """What an edited message says now."""

    type: Words = Field(min_length=1)
    text: Lenient[TextBody] = None
    image: Lenient[Media] = None
    video: Lenient[Media] = None
    document: Lenient[Media] = None


class Edit(Wire):
    original_message_id: Id
    message: Lenient[Edited] = None


class Revoke(Wire):
    original_message_id: Id
