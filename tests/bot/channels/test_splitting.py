import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.graphemes import LONGEST, graphemes, width
from bot.channels.splitting import cut_tail, split

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: Pieces that meet each other badly: flags, families, marks, pauses of every size.
pieces = st.sampled_from(
    [
        *("a", "word ", "Yes. ", "Ok! ", "文。", "\n", "\n\n", "\r\n", " ", "\u0301"),
        *(
            "👨\u200d👩\u200d👧\u200d👦",
            "👍🏽",
            "🇹🇷",
            "🇩",
            "1\ufe0f⃣",
            "क्ष",
            "한",
            "\u200d",
        ),
    ]
)
texts = st.lists(pieces | st.text(max_size=5), max_size=200).map("".join)
#: Any grapheme fits: it has at most `LONGEST` code points of two units each.
limits = st.integers(2 * LONGEST, 300)


@calm
@given(text=texts, limit=limits)
def test_joined_parts_give_the_text_back(text: str, limit: int) -> None:
    assert "".join(split(text, limit)) == text


@calm
@given(text=texts, limit=limits)
def test_each_part_is_within_the_limit_and_none_is_empty(text: str, limit: int) -> None:
    assert all(0 < width(part) <= limit for part in split(text, limit))


@calm
@given(text=texts, limit=limits)
def test_no_grapheme_is_cut(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert [c for part in parts for c in graphemes(part)] == list(graphemes(text))


@calm
@given(text=texts, limit=limits)
def test_there_are_not_many_more_parts_than_needed(text: str, limit: int) -> None:
    # Half a limit less the longest grapheme is in every part but the last.
    least = limit // 2 - 2 * LONGEST
    if least > 0:
        assert len(split(text, limit)) <= width(text) // least + 1


@calm
@given(text=texts, limit=limits)
def test_a_tail_fits_and_head_and_tail_are_the_text(text: str, limit: int) -> None:
    head, tail = cut_tail(text, limit)
    assert head + tail == text
    assert width(tail) <= limit
    assert bool(tail.strip()) == bool(text.strip()) or width(text.rstrip()) < width(
        text
    )
    assert [*graphemes(head), *graphemes(tail)] == list(graphemes(text))


CASES = [
    ("fits", "one. two", 20, ("one. two",)),
    ("nothing", "", 20, ()),
    (
        "a paragraph before a line",
        "aaaa aaaa aaaa\n\nbbbb\ncccc dddd",
        26,
        ("aaaa aaaa aaaa\n\n", "bbbb\ncccc dddd"),
    ),
    (
        "a line before a sentence",
        "aaaa aaaa aaaa\nbb. cccc dddd",
        26,
        ("aaaa aaaa aaaa\n", "bb. cccc dddd"),
    ),
    (
        "a sentence before a word",
        "aaaa aaaa. bbbb bbbb cccc",
        20,
        ("aaaa aaaa. ", "bbbb bbbb cccc"),
    ),
    ("a word before nothing", "aaaaaa bbbbbbbb", 12, ("aaaaaa ", "bbbbbbbb")),
    ("nothing at all", "x" * 30, 12, ("x" * 12, "x" * 12, "x" * 6)),
    ("an early paragraph is no reason", "a\n\n" + "b" * 20, 12, None),
    ("Chinese sentences", "一二三四五六。七八九十", 8, ("一二三四五六。", "七八九十")),
]


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [(text, limit, parts) for _, text, limit, parts in CASES],
    ids=[name for name, *_ in CASES],
)
def test_the_biggest_pause_wins(
    text: str, limit: int, parts: tuple[str, ...] | None
) -> None:
    found = split(text, limit)
    if parts is None:
        assert len(found[0]) == limit
    else:
        assert found == parts


def test_the_question_stays_with_its_buttons() -> None:
    lines = "\n".join(f"{number} x something nice" for number in range(200))
    head, tail = cut_tail(f"{lines}\n\nIs this right?", 1024)
    assert head == f"{lines}\n\n"
    assert tail == "Is this right?"


def test_a_limit_that_holds_no_grapheme_does_not_go_on_for_ever() -> None:
    assert split("e\u0301" * 3, 1) == ("e\u0301",) * 3


def test_a_tail_is_never_blank() -> None:
    head, tail = cut_tail("word " * 300 + "end" + "\n" * 100, 200)
    assert tail.strip().endswith("end")
    assert head
