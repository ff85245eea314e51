"""The intake statements, written by hand for each engine: see `bot.db.flow.Ask`.

PostgreSQL writes rows in the order of their keys, so that two processes never wait for
each other in a circle; SQLite has one writer.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntakeSql:
    """The statements. Their rows; and their scalars.

    known_messages       tenant_id, channel_id, event, provider_id, forgotten_key
    known_aliases        channel_id, kind, value
    past_aliases         channel_id, kind, value
    claim_aliases        channel_id, kind, value, tenant_id, contact_id, since when
    put_contacts         id, tenant_id, channel_id, name, identity, whether that
                         changed; now
    aliases_of           contact_id
    writers_of           tenant_id, channel_id, event, provider_id
    leave_names          channel_id, value, tenant_id, contact_id; now
    drop_names           channel_id, value, contact_id
    take_names           channel_id, value, tenant_id, contact_id
    sent_lately          tenant_id, channel_id, provider_id, id of the echo,
                         conversation_id, since when
    touch_conversations  id, tenant_id, channel_id, contact_id, shard, address, sent_at
                         (null: the customer wrote nothing), ready_at, messages, why a
                         person takes it over (null: none does); now, cap
    put_messages         id, tenant_id, channel_id, conversation_id, seq, event, kind,
                         provider_id, content, reply_to, sent_at, direction, state,
                         actor, origin; now
    put_statuses         channel_id, provider_id, state, tenant_id, at, callback,
                         error_code, error_title, forgotten_key of the provider_id,
                         forgotten_key of the callback, pricing; now
    put_quarantines      id, app_id, account, reason, raw; now
    """

    known_messages: str
    known_aliases: str
    past_aliases: str
    claim_aliases: str
    put_contacts: str
    aliases_of: str
    writers_of: str
    leave_names: str
    drop_names: str
    take_names: str
    sent_lately: str
    touch_conversations: str
    put_messages: str
    put_statuses: str
    put_quarantines: str


# What was forgotten is known, too: it is neither stored again nor reported on.

# The row of the conversation is the lock and the counter: what is stored in one
# transaction gets consecutive numbers, and the next transaction waits for them.
# Due already and at rest: it stays due. Otherwise a burst goes on, up to the cap; while
# a turn runs (the lease is alive), new messages gather for the next one.
_TOUCH = """
ON CONFLICT (id) DO UPDATE SET
  rev = conversation.rev + 1,
  seq = conversation.seq + excluded.seq,
  address = CASE WHEN excluded.last_inbound_at IS NULL
    THEN conversation.address ELSE excluded.address END,
  owner = CASE WHEN excluded.owner = 'agent' THEN 'agent' ELSE conversation.owner END,
  handover_reason = CASE WHEN excluded.owner = 'agent' AND conversation.owner <> 'agent'
    THEN excluded.handover_reason ELSE conversation.handover_reason END,
  handover_at = CASE WHEN excluded.owner = 'agent' AND conversation.owner <> 'agent'
    THEN excluded.handover_at ELSE conversation.handover_at END,
  answered_at = coalesce(excluded.answered_at, conversation.answered_at),
  last_inbound_at = {greatest}(
    coalesce(conversation.last_inbound_at, excluded.last_inbound_at),
    coalesce(excluded.last_inbound_at, conversation.last_inbound_at)),
  waiting_since = coalesce(conversation.waiting_since, excluded.waiting_since),
  ready_at = CASE
    WHEN excluded.ready_at <= {now} THEN excluded.ready_at
    WHEN conversation.ready_at <= {now}
     AND (conversation.lease_until IS NULL OR conversation.lease_until <= {now})
    THEN conversation.ready_at
    ELSE {least}(excluded.ready_at,
      coalesce(conversation.waiting_since, {now}) + {cap})
  END
WHERE conversation.erased_at IS NULL
RETURNING id, seq
"""

# A name, or what the phone is known by, that a message does not tell stays.
_PUT_CONTACT = """
ON CONFLICT (id) DO UPDATE SET
  name = coalesce(excluded.name, contact.name),
  identity_hash = coalesce(excluded.identity_hash, contact.identity_hash),
  identity_changed_at = CASE
    WHEN excluded.identity_changed_at IS NOT NULL
      OR excluded.identity_hash <> contact.identity_hash THEN excluded.created_at
    ELSE contact.identity_changed_at END
WHERE contact.erased_at IS NULL
"""
# Past names: those that somebody else takes, and those before a new one.
_LEFT = """
kind = 'username' AND channel_id = {channel} AND (
  (value = {value} AND contact_id <> {contact})
  OR (value <> {value} AND contact_id = {contact}))
"""
_TAKE = """
ON CONFLICT (channel_id, kind, value) DO UPDATE SET contact_id = excluded.contact_id
"""

SQLITE = IntakeSql(
    known_messages="""
SELECT channel_id, event, provider_id FROM message
WHERE tenant_id = ?1 AND channel_id = ?2 AND event = ?3 AND provider_id = ?4
UNION ALL
SELECT ?2, ?3, ?4 FROM forgotten_message WHERE hash = ?5
""",
    known_aliases="""
SELECT a.channel_id, a.kind, a.value, a.contact_id, c.name, c.identity_hash,
  c.id IS NOT NULL, a.since
FROM contact_alias a LEFT JOIN contact c ON c.id = a.contact_id
WHERE a.channel_id = ?1 AND a.kind = ?2 AND a.value = ?3
""",
    past_aliases="""
SELECT a.channel_id, a.kind, a.value, a.contact_id, c.name, c.identity_hash,
  c.id IS NOT NULL, a.until
FROM alias_past a LEFT JOIN contact c ON c.id = a.contact_id
WHERE a.channel_id = ?1 AND a.kind = ?2 AND a.value = ?3
""",
    claim_aliases="""
INSERT INTO contact_alias (channel_id, kind, value, tenant_id, contact_id, since)
VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING
""",
    put_contacts="""
INSERT INTO contact (id, tenant_id, channel_id, name, opted_out, created_at,
  identity_hash, identity_changed_at)
VALUES (?1, ?2, ?3, ?4, false, ?7, ?5, iif(?6, ?7, NULL))
"""
    + _PUT_CONTACT,
    aliases_of="""
SELECT contact_id, kind, value FROM contact_alias
WHERE contact_id = ?1
""",
    writers_of="""
SELECT m.channel_id, m.event, m.provider_id, c.contact_id
FROM message m JOIN conversation c ON c.id = m.conversation_id
WHERE m.tenant_id = ?1 AND m.channel_id = ?2 AND m.event = ?3 AND m.provider_id = ?4
  AND m.direction = 'in'
""",
    leave_names=f"""
INSERT INTO alias_past (channel_id, kind, value, until, tenant_id, contact_id, since)
SELECT channel_id, kind, value, ?5, ?3, contact_id, since FROM contact_alias
WHERE {_LEFT.format(channel="?1", value="?2", contact="?4")}
ON CONFLICT DO NOTHING
""",  # noqa: S608  # parts of our own
    drop_names=f"""
DELETE FROM contact_alias WHERE {_LEFT.format(channel="?1", value="?2", contact="?3")}
""",  # noqa: S608  # parts of our own
    take_names="""
INSERT INTO contact_alias (channel_id, kind, value, tenant_id, contact_id)
VALUES (?1, 'username', ?2, ?3, ?4)
"""
    + _TAKE,
    sent_lately="""
SELECT ?4, NULL FROM message
WHERE tenant_id = ?1 AND channel_id = ?2 AND event = 'message' AND provider_id = ?3
  AND direction = 'out'
UNION ALL
SELECT ?4,
  coalesce(json_extract(content, '$.body'), json_extract(content, '$.caption'), '')
FROM (SELECT content, state, sent_at FROM message
  WHERE conversation_id = ?5 AND direction = 'out' AND event = 'message'
  ORDER BY seq DESC LIMIT 10)
WHERE state = 'queued' OR sent_at >= ?6
""",
    touch_conversations="""
INSERT INTO conversation (id, tenant_id, channel_id, contact_id, shard, address, memory,
  last_inbound_at, created_at, ready_at, waiting_since, rev, seq, owner,
  handover_reason, handover_at, answered_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, '{}', ?7, ?11, ?8, iif(?7 IS NULL, NULL, ?11), 1, ?9,
  iif(?10 IS NULL, 'bot', 'agent'), ?10, iif(?10 IS NULL, NULL, ?11),
  iif(?10 IS NULL, NULL, ?11))
"""
    + _TOUCH.format(greatest="max", least="min", now="?11", cap="?12"),
    put_messages="""
INSERT INTO message (id, tenant_id, channel_id, conversation_id, seq, event,
  kind, provider_id, content, reply_to, sent_at, direction, state, actor, origin,
  received_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT DO NOTHING
""",
    put_statuses="""
INSERT INTO message_status (channel_id, provider_id, state, tenant_id, at, callback,
  error_code, error_title, pricing, received_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?11, ?12
WHERE NOT EXISTS (SELECT 1 FROM forgotten_message WHERE hash IN (?9, ?10))
ON CONFLICT DO NOTHING
""",
    put_quarantines="""
INSERT INTO quarantine (id, app_id, account, reason, raw, received_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
""",
)

POSTGRESQL = IntakeSql(
    known_messages="""
SELECT m.channel_id, m.event, m.provider_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  AS t(tenant_id, channel_id, event, provider_id)
JOIN message m ON m.tenant_id = t.tenant_id AND m.channel_id = t.channel_id
 AND m.event = t.event AND m.provider_id = t.provider_id
UNION ALL
SELECT t.channel_id, t.event, t.provider_id
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])
  AS t(channel_id, event, provider_id, hash)
JOIN forgotten_message f ON f.hash = t.hash
""",
    known_aliases="""
SELECT a.channel_id, a.kind, a.value, a.contact_id, c.name, c.identity_hash,
  c.id IS NOT NULL, a.since
FROM unnest($1::text[], $2::text[], $3::text[]) AS t(channel_id, kind, value)
JOIN contact_alias a
  ON a.channel_id = t.channel_id AND a.kind = t.kind AND a.value = t.value
LEFT JOIN contact c ON c.id = a.contact_id
""",
    past_aliases="""
SELECT a.channel_id, a.kind, a.value, a.contact_id, c.name, c.identity_hash,
  c.id IS NOT NULL, a.until
FROM unnest($1::text[], $2::text[], $3::text[]) AS t(channel_id, kind, value)
JOIN alias_past a
  ON a.channel_id = t.channel_id AND a.kind = t.kind AND a.value = t.value
LEFT JOIN contact c ON c.id = a.contact_id
""",
    claim_aliases="""
INSERT INTO contact_alias (channel_id, kind, value, tenant_id, contact_id, since)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::timestamptz[])
  AS t(channel_id, kind, value, tenant_id, contact_id, since)
ORDER BY channel_id, kind, value
ON CONFLICT DO NOTHING
""",
    put_contacts="""
INSERT INTO contact (id, tenant_id, channel_id, name, opted_out, created_at,
  identity_hash, identity_changed_at)
SELECT id, tenant_id, channel_id, name, false, $7::timestamptz, identity,
  CASE WHEN changed THEN $7::timestamptz END
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])
  AS t(id, tenant_id, channel_id, name, identity, changed)
ORDER BY id
"""
    + _PUT_CONTACT,
    aliases_of="""
SELECT contact_id, kind, value FROM contact_alias
WHERE contact_id = ANY($1::text[])
""",
    writers_of="""
SELECT m.channel_id, m.event, m.provider_id, c.contact_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  AS t(tenant_id, channel_id, event, provider_id)
JOIN message m ON m.tenant_id = t.tenant_id AND m.channel_id = t.channel_id
 AND m.event = t.event AND m.provider_id = t.provider_id AND m.direction = 'in'
JOIN conversation c ON c.id = m.conversation_id
""",
    leave_names="""
INSERT INTO alias_past (channel_id, kind, value, until, tenant_id, contact_id, since)
SELECT a.channel_id, a.kind, a.value, $5, a.tenant_id, a.contact_id, a.since
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  AS t(channel_id, value, tenant_id, contact_id)
JOIN contact_alias a ON a.channel_id = t.channel_id AND a.kind = 'username' AND (
  (a.value = t.value AND a.contact_id <> t.contact_id)
  OR (a.value <> t.value AND a.contact_id = t.contact_id))
ORDER BY a.channel_id, a.kind, a.value
ON CONFLICT DO NOTHING
""",
    drop_names="""
DELETE FROM contact_alias a
USING unnest($1::text[], $2::text[], $3::text[]) AS t(channel_id, value, contact_id)
WHERE a.channel_id = t.channel_id AND a.kind = 'username' AND (
  (a.value = t.value AND a.contact_id <> t.contact_id)
  OR (a.value <> t.value AND a.contact_id = t.contact_id))
""",
    take_names="""
INSERT INTO contact_alias (channel_id, kind, value, tenant_id, contact_id)
SELECT channel_id, 'username', value, tenant_id, contact_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  AS t(channel_id, value, tenant_id, contact_id)
ORDER BY channel_id, value
"""
    + _TAKE,
    sent_lately="""
WITH t AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
      $6::timestamptz[])
    AS t(tenant_id, channel_id, provider_id, echo_id, conversation_id, since)
)
SELECT t.echo_id, NULL FROM t
JOIN message m ON m.tenant_id = t.tenant_id AND m.channel_id = t.channel_id
 AND m.event = 'message' AND m.provider_id = t.provider_id AND m.direction = 'out'
UNION ALL
SELECT t.echo_id, coalesce(m.content->>'body', m.content->>'caption', '')
FROM t CROSS JOIN LATERAL (
  SELECT content, state, sent_at FROM message
  WHERE conversation_id = t.conversation_id AND direction = 'out'
    AND event = 'message'
  ORDER BY seq DESC LIMIT 10) m
WHERE m.state = 'queued' OR m.sent_at >= t.since
""",
    touch_conversations="""
INSERT INTO conversation (id, tenant_id, channel_id, contact_id, shard, address, memory,
  last_inbound_at, created_at, ready_at, waiting_since, rev, seq, owner,
  handover_reason, handover_at, answered_at)
SELECT id, tenant_id, channel_id, contact_id, shard, address::jsonb, '{}', sent_at, $11,
  ready_at, CASE WHEN sent_at IS NOT NULL THEN $11::timestamptz END, 1, messages,
  CASE WHEN taken IS NULL THEN 'bot' ELSE 'agent' END, taken,
  CASE WHEN taken IS NOT NULL THEN $11::timestamptz END,
  CASE WHEN taken IS NOT NULL THEN $11::timestamptz END
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[],
    $7::timestamptz[], $8::timestamptz[], $9::bigint[], $10::text[])
  AS t(id, tenant_id, channel_id, contact_id, shard, address, sent_at, ready_at,
    messages, taken)
ORDER BY id
"""
    + _TOUCH.format(
        greatest="greatest", least="least", now="$11::timestamptz", cap="$12::interval"
    ),
    put_messages="""
INSERT INTO message (id, tenant_id, channel_id, conversation_id, seq, event, kind,
  provider_id, content, reply_to, sent_at, direction, state, actor, origin, received_at)
SELECT id, tenant_id, channel_id, conversation_id, seq, event, kind, provider_id,
  content::jsonb, reply_to::jsonb, sent_at, direction, state, actor, origin::jsonb, $16
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[],
    $13::text[], $14::text[], $15::text[])
  AS t(id, tenant_id, channel_id, conversation_id, seq, event, kind, provider_id,
    content, reply_to, sent_at, direction, state, actor, origin)
ON CONFLICT DO NOTHING
""",
    put_statuses="""
INSERT INTO message_status (channel_id, provider_id, state, tenant_id, at, callback,
  error_code, error_title, pricing, received_at)
SELECT channel_id, provider_id, state, tenant_id, at, callback, error_code, error_title,
  pricing::jsonb, $12
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
    $6::text[], $7::int[], $8::text[], $9::text[], $10::text[], $11::text[])
  AS t(channel_id, provider_id, state, tenant_id, at, callback, error_code, error_title,
    hash, callback_hash, pricing)
WHERE NOT EXISTS (
  SELECT 1 FROM forgotten_message f WHERE f.hash IN (t.hash, t.callback_hash))
ORDER BY channel_id, provider_id, state
ON CONFLICT DO NOTHING
""",
    put_quarantines="""
INSERT INTO quarantine (id, app_id, account, reason, raw, received_at)
SELECT id, app_id, account, reason, raw, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
  AS t(id, app_id, account, reason, raw)
""",
)
