"""What the pieces ahead of one tell about it: a shared noun, a head, an option."""

from collections.abc import Sequence
from dataclasses import replace

from bot.reading.rules.menu import PART, Menu
from bot.reading.rules.pieces import Piece
from catalog.domain.folding import fold


def coordinated(rest: Sequence[Piece]) -> Piece | None:
    """Return the option that shares its noun: the one of "green and red peppers"."""
    joins = len(rest) > 1 and rest[0].means("connectors")
    return rest[1] if joins and rest[1].sense.value_level > PART else None


def with_head_of(piece: Piece, rest: Sequence[Piece], menu: Menu) -> Piece:
    """Return a part of names with those that share the noun of the next one."""
    other = coordinated(rest)
    if other is None or piece.sense.value_level != PART:
        return piece
    noun = other.tokens[-1].word
    values = frozenset(
        value
        for value in piece.sense.values
        if fold(menu.value(value).name).split()[-1:] == [noun]
    )
    sense = replace(piece.sense, values=values or piece.sense.values)
    return replace(piece, sense=sense)


def bare_text(piece: Piece) -> str:
    """Return a piece's words, the ending left out that takes it away."""
    return piece.text[: -piece.ending] if piece.ending else piece.text


def joined(first: Piece, second: Piece) -> Piece:
    return Piece((*first.tokens, *second.tokens))


def all_following(pieces: Sequence[Piece]) -> Sequence[Piece | None]:
    """Return of each piece the next one that says something, before any sign."""
    found: list[Piece | None] = []
    following: Piece | None = None
    for piece in reversed(pieces):
        found.append(following)
        signs = piece.means("with", "negation", "connectors")
        if piece.is_named or piece.is_unknown:
            following = piece
        elif signs or not (piece.filler or piece.means("qualifiers")):
            following = None
    return found[::-1]


def holds(piece: Piece, rest: Sequence[Piece]) -> bool:
    """Return whether a "hold on", "no wait" is said of an option: "hold on pesto"."""
    names = bool(rest) and rest[0].sense.value_level > PART
    return piece.means("no") and names and not rest[0].before


def is_one_item(piece: Piece) -> bool:
    """Return whether a piece goes on with the strange words before it."""
    return piece.is_unknown and not piece.before


def leads_to_option(rest: Sequence[Piece]) -> bool:
    """Return whether a list goes on with options: "ham, pineapple and olives"."""
    for piece in rest:
        if piece.is_named:
            return piece.sense.value_level > piece.sense.product_level
        if piece.amount is not None or piece.means("want", "with"):
            return False
    return False


def leads_to_head(rest: Sequence[Piece]) -> bool:
    """Return whether options lead to a product: "an extra cheese pizza"."""
    for piece in rest:
        if piece.sense.products:
            return True
        if not piece.sense.values and not piece.filler:
            return False
    return False


def talks(piece: Piece) -> bool:
    """Return whether a piece makes the strange word before it talk: "top it off"."""
    return piece.speaks or piece.means("pointers")
