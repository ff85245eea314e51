"""What we say, in words: replies become the messages that go out.

Statements come first, then the one question with its buttons or its list. One message
says it all where it fits; a long one lets its statements go ahead.
"""

from collections.abc import Iterator, Sequence

from bot.domain.asking import Asked, Signer, asked
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
from bot.domain.message import Button, OutButtons, OutContent, OutList, OutText, Row
from bot.domain.replies import Question, Reply, Statement
from bot.domain.saying import said
from bot.domain.snapshot import Snapshot, Tenant
from bot.domain.wording import Wording


def render(
    replies: Sequence[Reply],
    *,
    snapshot: Snapshot,
    decision: Decision,
    wording: Wording,
) -> tuple[OutContent, ...]:
    """Return the messages that say a turn's replies, none when there are none."""
    voice = Voice(wording, snapshot.tenant.name, decision.draft.currency)
    signer = Signer(snapshot.signing_key, snapshot.conversation_id, decision.draft)
    statements = [said(each, voice) for each in replies if not _asks(each)]
    questions = [asked(each, voice, signer) for each in replies if _asks(each)]
    return tuple(_messages(joined(statements), questions[:1], voice))


def render_text(statement: Statement, *, tenant: Tenant, wording: Wording) -> str:
    """Return one statement in words: news that come from outside a turn."""
    text = said(statement, Voice(wording, tenant.name, tenant.currency))
    return shortened(text, TEXT)


def _asks(reply: Reply) -> bool:
    return isinstance(reply, Question)


def _messages(
    statements: str, questions: Sequence[Asked], voice: Voice
) -> Iterator[OutContent]:
    if not questions:
        yield from _texts(statements)
        return
    question = questions[0]
    whole = _paragraphs(statements, question.lead, question.prompt)
    if not question.choices:
        yield from _texts(whole)
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
            body=body,
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


def _description(row: Row, title: str) -> str | None:
    """Return what is said below a row: its full name when that was cut, and more."""
    full = " ".join(row.title.split())
    told = " · ".join(w for w in (full if full != title else "", row.description) if w)
    return shortened(told, ROW_DESCRIPTION) if told else None
