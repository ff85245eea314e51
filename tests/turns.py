"""A conversation with a small shop, decided turn by turn, without any I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.buttons import ConfirmTap, Made, made
from bot.domain.decide import decide, match_mentions
from bot.domain.decision import Decision
from bot.domain.message import Alias, AliasKind, Content, OutContent, Tap, Text
from bot.domain.phrasing import render
from bot.domain.replies import Reply
from bot.domain.snapshot import (
    Contact,
    Memory,
    Owner,
    Snapshot,
    Tenant,
    TurnMessage,
)
from bot.domain.understanding import (
    Act,
    Detail,
    DetailMention,
    Intent,
    Mention,
    OptionMention,
    Quote,
    Understanding,
)
from bot.texts import wording_for
from catalog import Index, Product
from orders import Draft
from tests.factories import NOON, a_pack, a_product, a_shirt, a_shop, some_milk

KEY = b"a key for tests only"
CONVERSATION = "conversation_1"


def some_products() -> tuple[Product, ...]:
    """Return a shop of a few things of every kind."""
    return (
        a_product(id="latte", sku="LAT", name="Latte", aliases=("coffee with milk",)),
        a_product(
            id="croissant", sku="CRO", name="Chocolate croissant", price=Decimal(60)
        ),
        a_product(id="plain", sku="PLA", name="Butter croissant", price=Decimal(50)),
        a_product(
            id="mocha",
            sku="MOC",
            name="Mocha",
            price=Decimal(95),
            option_groups=(some_milk(),),
        ),
        a_product(
            id="tomato",
            sku="TOM",
            name="Tomato",
            price=Decimal("42.90"),
            unit="kg",
            step=Decimal("0.5"),
            minimum=Decimal("0.5"),
        ),
        a_product(
            id="water", sku="WAT", name="Water", price=Decimal(8), packs=(a_pack(),)
        ),
        a_product(
            id="cake", sku="CAK", name="Lemon cake", price=Decimal(90), stock=Decimal(0)
        ),
        a_product(
            id="tea", sku="TEA", name="Green tea", price=Decimal(30), stock=Decimal(3)
        ),
        a_product(id="secret", sku="SEC", name="Hidden gem", price=None),
        a_shirt(id="shirt", sku="SHI"),
    )


#: An index is immutable: all tests share one.
INDEX = Index.build(some_products())


def a_snapshot(content: Sequence[Content] = (), **changes: Any) -> Snapshot:
    """Return a turn of a known contact with an empty draft."""
    complete = Snapshot(
        tenant=Tenant("tenant_1", "Mavi", "en", "Europe/Istanbul", "TRY", "TR"),
        shop=a_shop(),
        contact=Contact(
            "contact_1",
            name=None,
            phone="+905321234567",
            address=Alias(kind=AliasKind.PHONE, value="905321234567"),
        ),
        conversation_id=CONVERSATION,
        owner=Owner.BOT,
        memory=Memory(welcomed=True),
        language="en",
        messages=messages(*content),
        draft=Draft("draft_1", "TRY"),
        index=INDEX,
        available={},
        last_order=None,
        now=NOON,
        order_id="order_new",
        next_draft_id="draft_2",
        signing_key=KEY,
    )
    return replace(complete, **changes)


def messages(*contents: Content, **changes: Any) -> tuple[TurnMessage, ...]:
    """Return messages that were sent one second apart."""
    return tuple(
        replace(
            TurnMessage(
                id=f"message_{seq}",
                seq=seq,
                content=content,
                sent_at=NOON + timedelta(seconds=seq),
                received_at=NOON + timedelta(seconds=seq),
                provider_id=f"wamid_{seq}",
            ),
            **changes,
        )
        for seq, content in enumerate(contents, start=1)
    )


def says(*intents: Intent, **parts: Any) -> Understanding:
    return Understanding(intents=intents or (Intent.ORDER,), **parts)


def wants(text: str, quantity: Any = None, act: Act = Act.ADD, **parts: Any) -> Mention:
    """Return a mention; `options` are words, "-" before those that are not wanted."""
    options = tuple(
        OptionMention(text=o.removeprefix("-"), negated=o.startswith("-"))
        for o in parts.pop("options", ())
    )
    amount = None if quantity is None else Decimal(str(quantity))
    return Mention(act=act, text=text, quantity=amount, options=options, **parts)


def is_told(detail: Detail, value: str, message: int | None = None) -> DetailMention:
    quote = None if message is None else Quote(message=message, text=value)
    return DetailMention(detail=detail, value=value, quote=quote)


def decided(snapshot: Snapshot, understanding: Understanding | None = None) -> Decision:
    """Return what one turn comes to."""
    meant = understanding or Understanding()
    return decide(snapshot, meant, match_mentions(meant, snapshot.index))


def button(tap: Made, *, key: bytes = KEY, conversation: str = CONVERSATION) -> Tap:
    return Tap(id=made(key, conversation, tap), title="Confirm")


def rendered(snapshot: Snapshot, decision: Decision) -> tuple[OutContent, ...]:
    wording = wording_for(decision.language, snapshot.tenant.language)
    return render(
        decision.replies, snapshot=snapshot, decision=decision, wording=wording
    )


def reply(decision: Decision, kind: type[Reply]) -> Any:
    """Return the one reply of that kind."""
    (found,) = (each for each in decision.replies if isinstance(each, kind))
    return found


def kinds(decision: Decision) -> list[str]:
    return [type(each).__name__ for each in decision.replies]


def _moved(sent: Sequence[TurnMessage], by: timedelta) -> tuple[TurnMessage, ...]:
    """Return messages that were written later: when it is now."""
    return tuple(
        replace(m, sent_at=m.sent_at + by, received_at=m.received_at + by) for m in sent
    )


@dataclass
class Chat:
    """Turns in a row: what one decides is what the next one begins with."""

    snapshot: Snapshot = field(default_factory=a_snapshot)
    last: Decision | None = None

    def turn(
        self, understanding: Understanding, *content: Content, **changes: Any
    ) -> Decision:
        """Take one turn; without content it is a text."""
        owned = content or (Text(text="words"),)
        at = replace(self.snapshot, messages=messages(*owned), **changes)
        at = replace(at, messages=_moved(at.messages, at.now - NOON))
        decision = decided(at, understanding)
        placed = decision.order and replace(decision.order, number=7)
        self.snapshot = replace(
            at,
            draft=decision.next_draft or decision.draft,
            next_draft_id=f"{at.next_draft_id}_next"
            if decision.next_draft
            else at.next_draft_id,
            memory=decision.memory,
            owner=decision.owner,
            language=decision.language,
            contact=replace(at.contact, opted_out=decision.opted_out),
            last_order=placed or at.last_order,
        )
        self.last = decision
        return decision

    def orders(self, *mentions: Mention, **parts: Any) -> Decision:
        return self.turn(says(mentions=mentions, **parts))

    def confirms(self, version: int | None = None) -> Decision:
        """Tap the Confirm button of the draft, by default of its summary."""
        draft = self.snapshot.draft
        shown = draft.version if version is None else version
        return self.turn(says(Intent.OTHER), button(ConfirmTap(draft.id, shown)))

    def ready(self) -> Decision:
        """Bring an order of two lattes to its summary."""
        return self.orders(
            wants("latte", 2),
            details=(
                is_told(Detail.NAME, "Ada"),
                is_told(Detail.ADDRESS, "Lale Sokak 5"),
            ),
        )
