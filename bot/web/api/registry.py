"""Which subjects the native API has, in the order of its documentation."""

from bot.web.api import (
    advice,
    alarms,
    aliases,
    analyses,
    apps,
    asking,
    assignments,
    audit,
    canned_replies,
    channel_health,
    channels,
    contacts,
    conversation_history,
    customers,
    draft_opening,
    events,
    gateways,
    ids,
    imports,
    keys,
    labels,
    matches,
    notes,
    order_standing,
    overview,
    own_password,
    products,
    retention,
    sessions,
    setups,
    shop_rules,
    sinks,
    tenant,
    usage,
    users,
)
from bot.web.api.endpoint import Endpoint, Endpoints

SUBJECTS: tuple[Endpoints, ...] = (
    own_password.endpoints,  # That of `me`, too.
    conversation_history.endpoints,  # Those of `conversations`, too.
    assignments.endpoints,
    asking.endpoints,  # Those of `messages`, too.
    analyses.endpoints,
    notes.endpoints,
    labels.endpoints,
    canned_replies.endpoints,
    draft_opening.endpoints,  # Those of `drafts` and of their evidence, too.
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
    overview.endpoints,
    users.endpoints,
    sessions.endpoints,
    keys.endpoints,
    retention.endpoints,
    audit.endpoints,
)

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for subject in SUBJECTS for endpoint in subject.declared
)
