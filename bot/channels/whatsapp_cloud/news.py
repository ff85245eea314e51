"""What Meta tells of an account beside its messages: which field, and how serious.

Each change of a webhook names its field. Those that a merchant may subscribe to are
known here; any other is kept as something that nobody understood. Source: Meta's
WhatsApp webhooks reference, "Webhook fields".
"""

import re
from collections.abc import Mapping

from bot.channels import strict_json
from bot.channels.cleaning import clean
from bot.domain.message import AccountNews

Item = Mapping[str, object]

_WORD = re.compile(r"[A-Za-z0-9_]{1,60}")
_RAW_LIMIT = 65_536

#: Known fields, and where each says in one word what happened; None: nowhere.
FIELDS: Mapping[str, str | None] = {
    "account_alerts": "alert_type",
    "account_review_update": "decision",
    "account_settings_update": None,
    "account_update": "event",
    "automatic_events": None,
    "business_capability_update": None,
    "business_status_update": "event",
    "business_username_update": "status",
    "calls": None,
    "flows": "event",
    "group_lifecycle_update": None,
    "group_participants_update": None,
    "group_settings_update": None,
    "group_status_update": None,
    "message_echoes": None,
    "message_template_components_update": None,
    "message_template_quality_update": "new_quality_score",
    "message_template_status_update": "event",
    "messaging_handovers": None,
    "partner_solutions": "event",
    "payment_configuration_update": "status",
    "phone_number_name_update": "decision",
    "phone_number_quality_update": "event",
    "security": "event",
    # Another program of Meta's has the conversation: what we sent would take it away.
    "standby": None,
    "template_category_update": "new_category",
    "tracking_events": None,
    "user_id_update": None,
}
#: What may stop something from working; None: whatever it says.
_SERIOUS: Mapping[str, frozenset[str] | None] = {
    "account_alerts": None,
    "account_review_update": frozenset({"REJECTED"}),
    "account_update": frozenset(
        {
            *("ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "ACCOUNT_RESTRICTION"),
            *("ACCOUNT_VIOLATION", "DISABLED_UPDATE", "PARTNER_APP_UNINSTALLED"),
            "PARTNER_REMOVED",
        }
    ),
    "message_template_quality_update": frozenset({"RED"}),
    "message_template_status_update": frozenset(
        {"DISABLED", "FLAGGED", "PAUSED", "REJECTED"}
    ),
    "phone_number_name_update": frozenset({"REJECTED"}),
    "phone_number_quality_update": frozenset({"DOWNGRADE", "FLAGGED"}),
    "security": None,
}


def news_of(field: str, value: Item, change: Item, account: str | None) -> AccountNews:
    """Return what a change of a known field says. Pure, and never raises."""
    about = _word(value.get(FIELDS[field] or ""))
    words = _SERIOUS.get(field, frozenset())
    return AccountNews(
        field=field,
        account=account,
        about=about,
        serious=words is None or about in words,
        raw=clean(strict_json.show(change), _RAW_LIMIT),
    )


def _word(found: object) -> str | None:
    """Return a word as the platform's tables have it: logs show no other text."""
    return found if isinstance(found, str) and _WORD.fullmatch(found) else None
