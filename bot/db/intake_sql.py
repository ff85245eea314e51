"""The intake statements, written by hand for each engine.

Each takes all its rows as one JSON parameter `:rows`. Moments inside it are ISO 8601 on
PostgreSQL and microseconds on SQLite, as `catalog.column.Timestamp` stores them.
Rows are written in the order of their keys, so that two processes never wait for each
other in a circle.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, text


@dataclass(frozen=True, slots=True)
class IntakeSql:
    known_messages: TextClause
    known_aliases: TextClause
    claim_aliases: TextClause
    put_contacts: TextClause
    touch_conversations: TextClause
    put_messages: TextClause
    put_statuses: TextClause
    put_quarantines: TextClause


_KNOWN_MESSAGES = """
SELECT m.channel_id, m.event, m.provider_id
FROM {rows} JOIN message m
  ON m.tenant_id = t.tenant_id AND m.channel_id = t.channel_id
 AND m.event = t.event AND m.provider_id = t.provider_id
"""

_KNOWN_ALIASES = """
SELECT a.channel_id, a.kind, a.value, a.contact_id, c.name, c.id IS NOT NULL AS known
FROM {rows} JOIN contact_alias a
  ON a.channel_id = t.channel_id AND a.kind = t.kind AND a.value = t.value
LEFT JOIN contact c ON c.id = a.contact_id
"""

_CLAIM_ALIASES = """
INSERT INTO contact_alias (channel_id, kind, value, tenant_id, contact_id)
SELECT channel_id, kind, value, tenant_id, contact_id FROM {rows}
WHERE true ORDER BY channel_id, kind, value
ON CONFLICT DO NOTHING
"""

_PUT_CONTACTS = """
INSERT INTO contact (id, tenant_id, channel_id, name, opted_out, created_at)
SELECT id, tenant_id, channel_id, name, false, :now FROM {rows}
WHERE true ORDER BY id
ON CONFLICT (id) DO UPDATE SET name = excluded.name
"""

# The row of the conversation is the lock and the counter: what is stored in one
# transaction gets consecutive numbers, and the next transaction waits for them.
# Due already and at rest: it stays due. Otherwise a burst goes on, up to the cap; while
# a turn runs (the lease is alive), new messages gather for the next one.
_TOUCH_CONVERSATIONS = """
INSERT INTO conversation (id, tenant_id, channel_id, contact_id, shard, address, memory,
  last_inbound_at, created_at, ready_at, waiting_since, rev, seq)
SELECT id, tenant_id, channel_id, contact_id, shard, address, {empty}, sent_at, :now,
  ready_at, CASE WHEN ready_at IS NOT NULL THEN :now END, 1, messages FROM {rows}
WHERE true ORDER BY id
ON CONFLICT (id) DO UPDATE SET
  rev = conversation.rev + 1,
  seq = conversation.seq + excluded.seq,
  address = excluded.address,
  last_inbound_at = {greatest}(
    coalesce(conversation.last_inbound_at, excluded.last_inbound_at),
    excluded.last_inbound_at),
  waiting_since = coalesce(conversation.waiting_since, excluded.waiting_since),
  ready_at = CASE
    WHEN excluded.ready_at IS NULL THEN conversation.ready_at
    WHEN excluded.ready_at <= :now THEN excluded.ready_at
    WHEN conversation.ready_at <= :now
     AND (conversation.lease_until IS NULL OR conversation.lease_until <= :now)
    THEN conversation.ready_at
    ELSE {least}(excluded.ready_at,
      coalesce(conversation.waiting_since, :now) + {cap})
  END
RETURNING id, seq
"""

_PUT_MESSAGES = """
INSERT INTO message (id, tenant_id, channel_id, conversation_id, seq, direction, event,
  kind, provider_id, content, reply_to, state, sent_at, received_at)
SELECT id, tenant_id, channel_id, conversation_id, seq, 'in', event, kind, provider_id,
  content, reply_to, state, sent_at, :now FROM {rows}
WHERE true
ON CONFLICT DO NOTHING
"""

_PUT_STATUSES = """
INSERT INTO message_status (channel_id, provider_id, state, tenant_id, at, callback,
  error_code, error_title, received_at)
SELECT channel_id, provider_id, state, tenant_id, at, callback, error_code, error_title,
  :now FROM {rows}
WHERE true ORDER BY channel_id, provider_id, state
ON CONFLICT DO NOTHING
"""

_PUT_QUARANTINES = """
INSERT INTO quarantine (id, app_id, account, reason, raw, received_at)
SELECT id, app_id, account, reason, raw, :now FROM {rows}
WHERE true
"""

#: Names and PostgreSQL types of the columns of each statement's rows.
_COLUMNS = {
    "known_messages": "tenant_id text, channel_id text, event text, provider_id text",
    "known_aliases": "channel_id text, kind text, value text",
    "claim_aliases": (
        "channel_id text, kind text, value text, tenant_id text, contact_id text"
    ),
    "put_contacts": "id text, tenant_id text, channel_id text, name text",
    "touch_conversations": (
        "id text, tenant_id text, channel_id text, contact_id text, shard int,"
        " address jsonb, sent_at timestamptz, ready_at timestamptz, messages bigint"
    ),
    "put_messages": (
        "id text, tenant_id text, channel_id text, conversation_id text, seq bigint,"
        " event text, kind text, provider_id text, content jsonb, reply_to jsonb,"
        " state text, sent_at timestamptz"
    ),
    "put_statuses": (
        "channel_id text, provider_id text, state text, tenant_id text, at timestamptz,"
        " callback text, error_code int, error_title text"
    ),
    "put_quarantines": "id text, app_id text, account text, reason text, raw text",
}

_TEMPLATES = {
    "known_messages": _KNOWN_MESSAGES,
    "known_aliases": _KNOWN_ALIASES,
    "claim_aliases": _CLAIM_ALIASES,
    "put_contacts": _PUT_CONTACTS,
    "touch_conversations": _TOUCH_CONVERSATIONS,
    "put_messages": _PUT_MESSAGES,
    "put_statuses": _PUT_STATUSES,
    "put_quarantines": _PUT_QUARANTINES,
}


def _sqlite_rows(columns: str) -> str:
    names = [column.split()[0] for column in columns.split(",")]
    fields = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return f"(SELECT {fields} FROM json_each(:rows)) AS t"  # noqa: S608 (constants)


def _postgresql_rows(columns: str) -> str:
    return f"json_to_recordset(CAST(:rows AS json)) AS t({columns})"


SQLITE = IntakeSql(
    **{
        name: text(
            template.format(
                rows=_sqlite_rows(_COLUMNS[name]),
                empty="'{}'",
                greatest="max",
                least="min",
                cap=":cap",
            )
        )
        for name, template in _TEMPLATES.items()
    }
)

POSTGRESQL = IntakeSql(
    **{
        name: text(
            template.format(
                rows=_postgresql_rows(_COLUMNS[name]),
                empty="CAST('{}' AS jsonb)",
                greatest="greatest",
                least="least",
                cap="CAST(:cap AS interval)",
            ).replace(":now", "CAST(:now AS timestamptz)")
        )
        for name, template in _TEMPLATES.items()
    }
)
