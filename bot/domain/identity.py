"""By which ids a person is known, and when two of them are the same person. Pure.

Lasting ids (Meta's user ids, the hidden id of gateways) are a person's for as long as
their account exists, and nobody else ever has them. A number is somebody else's
one day; a user name is chosen and given up at will and identifies nobody.
"""

from collections.abc import Iterable

from bot.domain.message import AliasKind

#: Kind and value.
Known = tuple[str, str]

LASTING = frozenset({AliasKind.BSUID, AliasKind.PARENT_BSUID, AliasKind.LID})
NUMBERS = frozenset({AliasKind.PHONE, AliasKind.WA_ID})


def identifies(kind: str) -> bool:
    """Return whether an id of that kind says who somebody is."""
    return kind != AliasKind.USERNAME


def are_others(these: Iterable[Known], those: Iterable[Known]) -> bool:
    """Return whether lasting ids say that two are different people.

    They are when both have an id of the same lasting kind and share none at all. Who
    has no lasting id is nobody else for sure.
    """
    here = {each for each in these if each[0] in LASTING}
    there = {each for each in those if each[0] in LASTING}
    return not here & there and bool({k for k, _ in here} & {k for k, _ in there})


def have_other_numbers(these: Iterable[Known], those: Iterable[Known]) -> bool:
    """Return whether both have numbers, and none in common."""
    here = {each for each in these if each[0] in NUMBERS}
    there = {each for each in those if each[0] in NUMBERS}
    return bool(here and there) and not here & there
