"""Laws of the decision: whatever is said, tapped or sent."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import event, find, given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp_cloud import limits
from bot.domain.buttons import (
    CancelTap,
    ChangeTap,
    ConfirmTap,
    Made,
    PickTap,
    mark_of,
)
from bot.domain.decision import Decision
from bot.domain.fitting import width
from bot.domain.message import (
    Cart,
    CartItem,
    ChoiceSource,
    Contacts,
    Content,
    Form,
    Location,
    Media,
    MediaKind,
    OutButtons,
    OutList,
    OutText,
    Reaction,
    System,
    Tap,
    Text,
    Unsupported,
)
from bot.domain.replies import (
    AskField,
    AskWhich,
    LinesPut,
    NotFound,
    NotInOrder,
    NotUnderstood,
    OutOfStock,
    Summary,
    UnitUnknown,
)
from bot.domain.snapshot import Asked, Memory, Owner, Snapshot
from bot.domain.understanding import (
    Act,
    Detail,
    DetailMention,
    Intent,
    Mention,
    OptionMention,
    Pick,
    Quote,
    Understanding,
)
from orders import (
    Confirms,
    Draft,
    DraftState,
    Field,
    Shop,
    WhenClosed,
    unit_price,
)
from tests.factories import (
    SAID,
    a_draft,
    a_line,
    a_payment,
    a_shop,
    an_area,
    an_order,
    hours_on,
)
from tests.turns import (
    Chat,
    a_snapshot,
    button,
    decided,
    messages,
    rendered,
    says,
)

WORDS = [
    *("latte", "croissant", "butter croissant", "mocha", "tomato", "water", "cake"),
    *("tea", "hidden gem", "shirt", "red", "oat milk", "zzqx", "", " ", "{name}"),
]
names = st.sampled_from(WORDS) | st.text(max_size=20)
quantities = st.none() | st.decimals(
    min_value=Decimal("0.001"), max_value=1_000_000, places=3
)
units = st.sampled_from([None, "kg", "g", "koli", "piece", "fathom"])
quotes = st.none() | st.builds(Quote, message=st.integers(0, 5), text=names)
options = st.builds(
    OptionMention,
    text=names,
    negated=st.booleans(),
    qualifier=st.sampled_from([None, "extra"]),
)
mentions = st.builds(
    Mention,
    act=st.sampled_from(Act),
    text=names,
    quantity=quantities,
    unit=units,
    options=st.lists(options, max_size=2).map(tuple),
    ordinal=st.none() | st.integers(-12, 12),
    replaces=st.none() | names,
    note=st.none() | names,
    quote=quotes,
)
details = st.builds(
    DetailMention, detail=st.sampled_from(Detail), value=names, quote=quotes
)
picks = st.none() | st.builds(
    Pick, number=st.none() | st.integers(-30, 30), text=st.none() | names
)
understandings = st.builds(
    Understanding,
    intents=st.lists(st.sampled_from(Intent), min_size=1, max_size=3).map(tuple),
    mentions=st.lists(mentions, max_size=3).map(tuple),
    details=st.lists(details, max_size=2).map(tuple),
    pick=picks,
    language=st.sampled_from([None, "en", "tr", "xx"]),
)
draft_ids = st.sampled_from(["draft_1", "draft_0", "draft_2"])
versions = st.integers(0, 6)
lines = st.sampled_from(["L1", "U1", "L2", "U2", ""])
marks = st.sampled_from(
    [mark_of(c) for c in ("variant_red", "none", "pickup", "milk|oat", "latte|")]
)
taps: st.SearchStrategy[Made] = (
    st.builds(ConfirmTap, draft_ids, versions)
    | st.builds(ChangeTap, draft_ids, versions)
    | st.builds(CancelTap, draft_ids, versions)
    | st.builds(PickTap, draft_ids, st.sampled_from(Field), lines, marks)
)
items = st.builds(
    CartItem,
    retailer_id=st.sampled_from(["LAT", "CRO", "TOM", "CAK", "SHI", "NOPE", ""]),
    quantity=st.decimals(-3, 2_000_000, allow_nan=False, places=2),
    claimed_price=st.none() | st.decimals(0, 10, places=2),
)
contents: st.SearchStrategy[Any] = (
    st.builds(Text, text=names)
    | taps.map(button)
    | st.builds(Tap, id=names, title=names, source=st.sampled_from(ChoiceSource))
    | st.builds(Cart, items=st.lists(items, max_size=4).map(tuple), note=names)
    | st.builds(Media, kind=st.sampled_from(MediaKind), caption=st.none() | names)
    | st.builds(Location, latitude=st.floats(), longitude=st.floats(), name=names)
    | st.sampled_from([Contacts(), Form(), Reaction(target="m"), System(event="x")])
    | st.builds(Unsupported, original_type=names)
)
asked = st.none() | st.builds(
    Asked,
    field=st.sampled_from(Field),
    choices=st.lists(st.sampled_from(["delivery", "none", "latte|", "2"]), max_size=3),
    about=st.none() | lines,
)
drafts = st.sampled_from(
    [
        Draft("draft_1", "TRY"),
        a_draft(lines=(a_line(product_id="latte"),)),
        a_draft(lines=(a_line(product_id="gone"),)),
        a_draft(lines=(a_line(product_id="latte", unit_price=Decimal(1)),)),
        a_draft(
            lines=(
                a_line(product_id="latte"),
                a_line(id="L2", product_id="tea", name="Green tea"),
            ),
            next_line=3,
            name=None,
        ),
    ]
)


#: Rules of every kind; NOON is a Sunday.
shops = st.builds(
    Shop,
    minimum_order=st.sampled_from([0, 0, 0, 50_000]),
    areas=st.sampled_from([(), (), (an_area(),), (an_area(cities=("Moda",)),)]),
    payments=st.sampled_from(
        [(), (a_payment(),), (a_payment(), a_payment(id="card", names={"en": "x"}))]
    ),
    hours=st.sampled_from([None, hours_on(6), hours_on(0), hours_on()]),
    when_closed=st.sampled_from(WhenClosed),
    confirms=st.sampled_from(Confirms),
    approval_from=st.sampled_from([0, 17_100, 17_101]),
    timezone=st.just("Europe/Istanbul"),
    country=st.just("TR"),
)


@st.composite
def snapshots(draw: Any) -> Snapshot:
    """Draw any turn that may be loaded, in any state of the conversation."""
    draft = draw(drafts)
    if draft.lines and draw(st.booleans()):
        state = draw(st.sampled_from([DraftState.PROPOSED, DraftState.AWAITING]))
        shown = {"state": state, "shown_version": draft.version}
        confirmed_by = SAID if state is DraftState.AWAITING else None
        draft = replace(draft, confirmed_by=confirmed_by, **shown)
    owned = draw(st.lists(contents, max_size=4))
    base = a_snapshot()
    return replace(
        base,
        draft=draft,
        messages=messages(*owned, late=draw(st.booleans())),
        owner=draw(st.sampled_from([Owner.BOT, Owner.BOT, Owner.AGENT])),
        contact=replace(
            base.contact, opted_out=draw(st.sampled_from([False] * 4 + [True]))
        ),
        memory=Memory(
            welcomed=draw(st.booleans()),
            asked=draw(asked),
            last_line=draw(st.none() | lines),
            misunderstood=draw(st.integers(0, 3)),
        ),
        last_order=draw(st.none() | st.just(an_order(draft_id="draft_0", number=3))),
        available=draw(
            st.dictionaries(
                st.sampled_from([("latte", None), ("tea", None)]),
                st.none() | st.decimals(0, 50, places=0),
            )
        ),
        shop=draw(shops),
    )


@given(snapshots(), understandings)
@settings(max_examples=80, deadline=None)
def test_every_turn_ends_with_a_reply_or_a_reason(
    snapshot: Snapshot, meant: Understanding
) -> None:
    decision = decided(snapshot, meant)
    assert bool(decision.replies) != bool(decision.silent_because)


@st.composite
def nearly_confirmed(draw: Any) -> tuple[Snapshot, Understanding]:
    """Draw a turn in which an order may well come about, and a reason why not."""
    draft = a_draft(lines=(a_line(product_id="latte"),))
    draft = replace(
        draft,
        state=draw(st.sampled_from([*[DraftState.PROPOSED] * 4, DraftState.OPEN])),
        shown_version=draw(st.sampled_from([3, 3, 3, 2, None])),
    )
    right = st.just(ConfirmTap(draft.id, draft.version))
    confirm = right | st.builds(ConfirmTap, draft_ids, st.integers(2, 4))
    owned = draw(
        st.lists(confirm.map(button) | st.just(Text(text="x")), min_size=1, max_size=2)
    )
    field = draw(st.sampled_from([Field.CONFIRMATION, Field.CONFIRMATION, Field.NAME]))
    snapshot = replace(
        a_snapshot(owned),
        shop=draw(st.just(a_shop()) | shops),
        draft=draft,
        memory=Memory(welcomed=True, asked=Asked(field=field)),
        available={
            ("latte", None): draw(st.sampled_from([None, None, None, Decimal(1)]))
        },
    )
    plain = st.sampled_from(
        [
            says(Intent.CONFIRM),
            says(Intent.THANKS),
            says(Intent.CONFIRM, Intent.DECLINE),
        ]
    )
    return snapshot, draw(plain | understandings)


def is_bound_to_what_was_shown(snapshot: Snapshot, meant: Understanding) -> bool:
    """Return whether somebody said yes to the very version that was shown last."""
    draft, question = snapshot.draft, snapshot.memory.asked
    if draft.state is not DraftState.PROPOSED or draft.shown_version != draft.version:
        return False
    right = button(ConfirmTap(draft.id, draft.version))
    typed = (
        meant.says(Intent.CONFIRM)
        and question is not None
        and question.field is Field.CONFIRMATION
        and any(isinstance(m.content, Text) for m in snapshot.messages)
    )
    return typed or any(m.content == right for m in snapshot.messages)


@given(nearly_confirmed())
@settings(max_examples=120, deadline=None)
def test_an_order_needs_a_yes_that_is_bound_to_the_summary_shown(
    turn: tuple[Snapshot, Understanding],
) -> None:
    snapshot, meant = turn
    decision = decided(snapshot, meant)
    event(f"ordered: {decision.order is not None}")
    if decision.order is not None:
        assert is_bound_to_what_was_shown(snapshot, meant)
        assert decision.order.draft_version == snapshot.draft.version
        assert decision.changes == ()
        assert snapshot.owner is Owner.BOT
        assert not snapshot.contact.opted_out
        assert snapshot.available.get(("latte", None)) != 1
        assert not snapshot.shop.needs_approval(decision.order.grand_total)
        assert snapshot.shop.when_closed is WhenClosed.ACCEPT or (
            snapshot.shop.is_open(snapshot.now)
        )
    awaits = decision.draft.state is DraftState.AWAITING
    event(f"awaits approval: {awaits}")
    if awaits:
        assert is_bound_to_what_was_shown(snapshot, meant)
        assert decision.changes == ()


def test_the_law_above_sees_orders() -> None:
    found = find(
        nearly_confirmed(),
        lambda turn: decided(*turn).order is not None,
        settings=settings(max_examples=2000, deadline=None, database=None),
    )
    assert is_bound_to_what_was_shown(*found)


@given(nearly_confirmed())
@settings(max_examples=80, deadline=None)
def test_prices_are_always_the_catalogs(turn: tuple[Snapshot, Understanding]) -> None:
    snapshot, meant = turn
    decision = decided(snapshot, meant)
    for line in decision.order.lines if decision.order else ():
        product = snapshot.index.products[line.product_id]
        assert line.unit_price == unit_price(product, line.variant_id, line.options)
    summary = next((r for r in decision.replies if isinstance(r, Summary)), None)
    for shown in summary.draft.lines if summary else ():
        product = snapshot.index.products[shown.product_id]
        assert shown.unit_price == unit_price(product, shown.variant_id, shown.options)


@given(st.lists(mentions.filter(lambda m: m.act is Act.ADD), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_nothing_that_was_asked_for_is_lost(wanted: list[Mention]) -> None:
    said = [mention.model_copy(update={"quote": None}) for mention in wanted]
    decision = Chat().orders(*said)
    named: list[str] = []
    for reply in decision.replies:
        match reply:
            case NotFound(texts=texts) | NotInOrder(texts=texts):
                named += texts
            case OutOfStock(name=name) | UnitUnknown(name=name):
                named.append(name)
            case LinesPut(lines=put):
                named += [line.name for line in put]
    unclear = any(isinstance(r, NotUnderstood) for r in decision.replies)
    kept = [u.text for u in decision.draft.unresolved]
    kept += [line.name for line in decision.draft.lines]
    refused = any(type(r).__name__ == "CannotTake" for r in decision.replies)
    assert named or kept or unclear or refused
    for mention in said:
        words = mention.text
        if words == "zzqx":
            assert words in named or words in kept
        if words == "croissant":
            assert any("croissant" in each for each in (*kept, *named))


@given(snapshots(), understandings)
@settings(max_examples=80, deadline=None)
def test_everything_that_is_said_fits_into_the_channels_limits(
    snapshot: Snapshot, meant: Understanding
) -> None:
    decision = decided(snapshot, meant)
    fits(snapshot, decision)


def fits(snapshot: Snapshot, decision: Decision) -> None:
    out = rendered(snapshot, decision)
    assert bool(out) == bool(decision.replies)
    for content in out:
        match content:
            case OutText(body=body):
                assert body.strip()
                assert width(body) <= limits.TEXT_BODY.most
            case OutButtons(body=body, buttons=buttons):
                assert body.strip()
                assert width(body) <= limits.INTERACTIVE_BODY.most
                assert 1 <= len(buttons) <= limits.BUTTONS.most
                titles = [b.title for b in buttons]
                assert len(set(titles)) == len(titles)
                for each in buttons:
                    assert 1 <= width(each.title) <= limits.BUTTON_TITLE.most
                    assert len(each.id) <= limits.BUTTON_ID.most
            case OutList(body=body, rows=rows, button=label):
                assert width(body) <= limits.INTERACTIVE_BODY.most
                assert width(label) <= limits.LIST_BUTTON.most
                assert 1 <= len(rows) <= limits.ROWS.most
                titles = [row.title for row in rows]
                assert len(set(titles)) == len(titles)
                for row in rows:
                    assert 1 <= width(row.title) <= limits.ROW_TITLE.most
                    told = row.description or ""
                    assert width(told) <= limits.ROW_DESCRIPTION.most
                    assert len(row.id) <= limits.ROW_ID.most


@given(snapshots(), understandings)
@settings(max_examples=80, deadline=None)
def test_at_most_one_question_is_asked_and_it_comes_last(
    snapshot: Snapshot, meant: Understanding
) -> None:
    replies = decided(snapshot, meant).replies
    questions = [
        place
        for place, reply in enumerate(replies)
        if isinstance(reply, AskField | AskWhich | Summary)
    ]
    assert questions in ([], [len(replies) - 1])


@given(snapshots(), understandings)
@settings(max_examples=80, deadline=None)
def test_deciding_twice_decides_the_same(
    snapshot: Snapshot, meant: Understanding
) -> None:
    assert decided(snapshot, meant) == decided(snapshot, meant)


@given(snapshots(), understandings)
@settings(max_examples=80, deadline=None)
def test_a_turn_raises_the_version_exactly_when_it_changed_the_draft(
    snapshot: Snapshot, meant: Understanding
) -> None:
    decision = decided(snapshot, meant)
    raised = decision.draft.version - snapshot.draft.version
    assert raised == (1 if decision.changes else 0)


@given(shops, st.lists(st.tuples(understandings, contents), max_size=6))
@settings(max_examples=100, deadline=None)
def test_conversations_of_any_kind_go_on(
    shop: Shop, turns: list[tuple[Understanding, Content]]
) -> None:
    chat = Chat(replace(a_snapshot(), shop=shop))
    for meant, content in turns:
        decision = chat.turn(meant, content)
        fits(chat.snapshot, decision)
        if any(isinstance(reply, Summary) for reply in decision.replies):
            # What was shown can be ordered, at once, by its own button.
            confirmed = Chat(chat.snapshot).confirms()
            awaits = confirmed.draft.state is DraftState.AWAITING
            assert (confirmed.order is None) == awaits
            if awaits:
                summary = decision.replies[-1]
                assert isinstance(summary, Summary)
                assert shop.needs_approval(summary.totals.grand_total)
