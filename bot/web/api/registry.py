"""Which subjects the native API has, in the order of its documentation."""

from bot.web.api import (
    aliases,
    apps,
    audit,
    channels,
    contacts,
    conversations,
    customers,
    drafts,
    events,
    gateways,
    imports,
    keys,
    matches,
    me,
    messages,
    orders,
    products,
    retention,
    shop_rules,
    sinks,
    tenant,
    usage,
    users,
)
from bot.web.api.endpoint import Endpoint, Endpoints

SUBJECTS: tuple[Endpoints, ...] = (
    me.endpoints,
    conversations.endpoints,
    messages.endpoints,
    drafts.endpoints,
    orders.endpoints,
    contacts.endpoints,
    customers.endpoints,
    sinks.endpoints,
    events.endpoints,
    # Before `/v1/products/{product_id}`, which would take their addresses for ids.
    imports.endpoints,
    products.endpoints,
    matches.endpoints,
    aliases.endpoints,
    tenant.endpoints,
    shop_rules.endpoints,
    apps.endpoints,
    channels.endpoints,
    gateways.endpoints,
    usage.endpoints,
    users.endpoints,
    keys.endpoints,
    retention.endpoints,
    audit.endpoints,
)

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for subject in SUBJECTS for endpoint in subject.declared
)
