"""What we say, in words: replies become the messages that go out.

Statements come first, then the one question with its buttons or its list. One message
says it all where it fits; a long one lets its statements go ahead.
"""

from collections.abc import Iterator, Sequence

from bot.domain import saying_answers as saying_answers  # noqa: PLC0414  # its words
from bot.domain import saying_corrected as saying_corrected  # noqa: PLC0414  # its words
from bot.domain import saying_courtesies as saying_courtesies  # noqa: PLC0414  # its words
from bot.domain import saying_forms as saying_forms  # noqa: PLC0414  # its words
from bot.domain import saying_people as saying_people  # noqa: PLC0414  # its words
from bot.domain import saying_undone as saying_undone  # noqa: PLC0414  # its words
from bot.domain.answers import PictureShown
from bot.domain.asking import Asked, Signer, asked
from bot.domain.carding import browsable, compared, is_carded, shown
from bot.domain.courtesies import PaymentLink
from bot.domain.decision import Decision
from bot.domain.describing import Voice
from bot.domain.fitting import (
    BUTTON_TITLE,
    BUTTONS,
    INTERACTIVE_BODY,
    ROW_DESCRIPTION,
    ROW_TITLE,
    ROWS,
    TEXT,
    joined,
    shortened,
    split,
    titled,
    width,
)
from bot.domain.illustrated import ChoiceShown
from bot.domain.message import (
    Button,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Row,
)
from bot.domain.outgoing import OutLocationRequest
from bot.domain.paying import payable
from bot.domain.replies import AskField, Question, Reply, Statement
from bot.domain.saying import said
from bot.domain.snapshot import Snapshot, Tenant
from bot.domain.voice import voice_of
from bot.domain.wording import Wording
from orders import Field
from orders.domain.style import Style

#: What is said beneath a picture or above a button of its own.
_APART = (PictureShown, ChoiceShown, PaymentLink)
#: More is not read beneath a picture.
_CAPTION = 200


def render(
    replies: Sequence[Reply],
    *,
    snapshot: Snapshot,
    decision: Decision,
    wording: Wording,
) -> tuple[OutContent, ...]:
    """Return the messages that say a turn's replies, none when there are none."""
    voice = voice_of(
        wording, snapshot.tenant.name, decision.draft.currency, snapshot.shop.style
    )
    signer = Signer(snapshot.signing_key, snapshot.conversation_id, decision.draft)
    pictured = [each for each in replies if isinstance(each, PictureShown)]
    choices = [each for each in replies if isinstance(each, ChoiceShown)]
    links = [each for each in replies if isinstance(each, PaymentLink)]
    catalog = snapshot.catalog_id
    stated = [
        r
        for r in replies
        if not (_asks(r) or isinstance(r, _APART) or is_carded(r, catalog))
    ]
    statements = joined([said(each, voice) for each in stated])
    questions = [asked(each, voice, signer) for each in replies if _asks(each)]
    cards = compared(replies, snapshot, voice)
    pictures = (*(shown(p, catalog, voice) for p in pictured), *cards)
    place = any(_wants_place(each, snapshot) for each in replies)
    if links:
        paid = payable(statements, links[0], voice)
        return (*pictures, *paid, *_messages("", questions[:1], voice))
    if not choices:
        told = _messages(statements, questions[:1], voice, place=place)
        return browsable((*pictures, *told), replies, snapshot, decision.draft)
    beside = (_beside(each, voice) for each in choices)
    question = _messages("", questions[:1], voice)
    return (*pictures, *_texts(statements), *beside, *question)


def render_text(
    statement: Statement,
    *,
    tenant: Tenant,
    wording: Wording,
    style: Style | None = None,
) -> str:
    """Return one statement in words: news that come from outside a turn.

    They are said in the shop's `style`; None: plainly.
    """
    voice = voice_of(wording, tenant.name, tenant.currency, style or Style())
    text = said(statement, voice)
    return shortened(text, TEXT)


def _beside(choice: ChoiceShown, voice: Voice) -> OutImage:
    return OutImage(
        link=choice.link,
        caption=shortened(said(choice, voice), _CAPTION),
        beside=True,
        product=choice.product_id,
        variant=choice.variant_id,
    )


def _asks(reply: Reply) -> bool:
    return isinstance(reply, Question)


def _wants_place(reply: Reply, snapshot: Snapshot) -> bool:
    """Return whether the answer may be a shared place: where a courier goes."""
    return (
        isinstance(reply, AskField)
        and reply.field is Field.ADDRESS
        and not (reply.choices or reply.more or reply.reason)
        and bool(snapshot.shop.areas)
    )


def _messages(
    statements: str, questions: Sequence[Asked], voice: Voice, *, place: bool = False
) -> Iterator[OutContent]:
    if not questions:
        yield from _texts(statements)
        return
    question = questions[0]
    whole = _paragraphs(statements, question.lead, question.prompt)
    if not question.choices:
        asks_place = place and width(whole) <= INTERACTIVE_BODY
        told = (OutLocationRequest(body=whole),) if asks_place else _texts(whole)
        yield from told
        return
    if width(whole) <= INTERACTIVE_BODY:
        yield _interactive(whole, question.choices, voice)
        return
    asking = _paragraphs(question.lead, question.prompt)
    if width(asking) <= INTERACTIVE_BODY:
        yield from _texts(statements)
        yield _interactive(asking, question.choices, voice)
        return
    yield from _texts(_paragraphs(statements, question.lead))
    prompt = shortened(question.prompt, INTERACTIVE_BODY)
    yield _interactive(prompt, question.choices, voice)


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


def _texts(text: str) -> Iterator[OutText]:
    return (OutText(body=piece) for piece in split(text, TEXT))


def _interactive(body: str, choices: Sequence[Row], voice: Voice) -> OutContent:
    """Return buttons where the choices fit on them, else a list."""
    titles = [" ".join(choice.title.split()) for choice in choices]
    on_buttons = all(width(title) <= BUTTON_TITLE for title in titles)
    if len(choices) <= BUTTONS and on_buttons:
        named = titled(titles, BUTTON_TITLE)
        return OutButtons(
            body=_with_prices(body, choices),
            buttons=tuple(
                Button(id=choice.id, title=title)
                for choice, title in zip(choices, named, strict=True)
            ),
        )
    # The last choice is the way out: it stays when there are too many.
    shown = choices if len(choices) <= ROWS else (*choices[: ROWS - 1], choices[-1])
    named = titled([choice.title for choice in shown], ROW_TITLE)
    return OutList(
        body=body,
        button=shortened(voice.text("buttons.choose"), BUTTON_TITLE),
        rows=tuple(
            Row(id=row.id, title=title, description=_description(row, title))
            for row, title in zip(shown, named, strict=True)
        ),
    )


def _with_prices(body: str, choices: Sequence[Row]) -> str:
    """Return words with what the choices cost: a button has no room for it."""
    told = [f"{row.title}: {row.description}" for row in choices if row.description]
    if len({row.description for row in choices if row.description}) <= 1:
        return body  # They cost the same.
    whole = "\n".join((body, *told))
    return whole if width(whole) <= INTERACTIVE_BODY else body


def _description(row: Row, title: str) -> str | None:
    """Return what is said below a row: its full name when that was cut, and more."""
    full = " ".join(row.title.split())
    told = " · ".join(w for w in (full if full != title else "", row.description) if w)
    return shortened(told, ROW_DESCRIPTION) if told else None
