"""Which subjects the native API has, in the order of its documentation."""

from bot.web.api import (
    advice,
    alarms,
    aliases,
    apps,
    audit,
    channel_health,
    channels,
    contacts,
    conversations,
    customers,
    drafts,
    events,
    gateways,
    ids,
    imports,
    keys,
    matches,
    me,
    messages,
    order_standing,
    products,
    retention,
    setups,
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
    order_standing.endpoints,  # Those of `orders`, too.
    contacts.endpoints,
    customers.endpoints,
    ids.endpoints,
    advice.endpoints,
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
    channel_health.endpoints,
    setups.endpoints,
    alarms.endpoints,
    usage.endpoints,
    users.endpoints,
    keys.endpoints,
    retention.endpoints,
    audit.endpoints,
)

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for subject in SUBJECTS for endpoint in subject.declared
)
