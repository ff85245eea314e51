"""Folding brings what people type and what merchants write to the same letters."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.folding import fold, tokens

#: Code points folded at once, alone and between letters.
_AT_ONCE = 4096


def test_folding_twice_changes_nothing_for_every_code_point() -> None:
    for start in range(0, sys.maxunicode + 1, _AT_ONCE):
        codes = range(start, min(start + _AT_ONCE, sys.maxunicode + 1))
        folded = fold("".join(f"{chr(code)} a{chr(code)}b " for code in codes))
        assert fold(folded) == folded, f"U+{start:04X} and following"


@given(st.text())
def test_folding_twice_changes_nothing_for_any_text(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_a_folded_text_is_its_words_one_space_apart(text: str) -> None:
    assert " ".join(tokens(text)) == fold(text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Latte", "latte"),
        ("  two   words\n", "two words"),
        ("T-Shirt (red)", "t shirt red"),
        ("ISPARTA İstanbul ışık iğde", "isparta istanbul isik igde"),
        ("Çikolatalı Şöğüş Ünlü", "cikolatali sogus unlu"),
        ("Straße", "strasse"),
        ("Łódź Ørsted Æon œuvre Đak", "lodz orsted aeon oeuvre dak"),
        ("pão de açúcar jalapeño", "pao de acucar jalapeno"),
        ("КОФЕ Ёлка Йогурт", "кофе елка иогурт"),
        ("ΟΔΟΣ", "οδοσ"),
        ("\uff13\uff13 \uff43\uff4c", "33 cl"),
        ("٣٣", "33"),
        ("۱۲۳ ४५", "123 45"),
        ("m² x₃", "m2 x3"),
        ("1½ kg", "1 1 2 kg"),
        ("ﬁlter", "filter"),
        ("قَهْوَة", "قهوه"),
        ("کافی", "كافي"),
        ("pre\u00adsoft zero\u200bwidth", "presoft zero width"),
        ("1️⃣ 👍🏽", "1"),
        ("e\u0301clair éclair", "eclair eclair"),
        ("हिन्दी", "हिनदी"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("NUL\0byte", "nul byte"),
        ("🙂", ""),
        ("", ""),
    ],
)
def test_texts_fold_to_plain_words(written: str, folded: str) -> None:
    assert fold(written) == folded
