"""Words that a model made up, checked before a customer may read them.

They may answer a hello or a thank-you, and say nothing else: no number, no money, no
stock, delivery, order, time or promise, no link and no product. What is refused is
said in our own words instead, so refusing too much costs nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from catalog.domain.folding import tokens

#: Letters of a reply, and its sentences.
LONGEST, SENTENCES = 160, 2
#: So many words in a row of the customer's are an echo, and may be an order to us.
_ECHO = 4
_PUNCTUATION = frozenset(" .,!?'\u2019\u2026-\u2013¿¡")
_ENDS = re.compile(r"[.!?\u2026]+(?:\s|$)")
#: How words begin that a courtesy does not need, folded, of all five languages.
_ABOUT: Mapping[str, str] = {
    "money": "price|pric|cost|cheap|expens|free|discount|refund|pay|paid|coupon|voucher"
    "|promo|offer|sale|dollar|euro|lira|peso|rubl|cent|bank|iban|card|money|fiyat|ucret"
    "|bedava|indirim|iade|odeme|odey|kupon|kampanya|ucuz|para|kart|preco|barat|gratis"
    "|descont|reembols|pag|cupom|oferta|reais|dinheiro|cartao|precio|descuent|rebaj"
    "|cupon|tarjeta|dinero|цен|стоим|стоит|бесплатн|скидк|возврат|оплат|плат|купон|акци"
    "|рубл|доллар|карт|деньг|дешев",
    "stock": "stock|availab|sold|left|stok|mevcut|kald|tuken|estoque|disponi|esgot"
    "|agotad|exist|наличи|остал|продан|склад",
    "delivery": "deliver|ship|courier|send|sent|arriv|teslim|kargo|kurye|gonder|gelecek"
    "|adres|entreg|envi|frete|envio|llega|cheg|достав|отправ|курьер|привез|приед|адрес"
    "|address|direcc|enderec",
    "order": "order|confirm|approv|place|reserv|book|cancel|ready|prepar|siparis|onay"
    "|hazir|iptal|rezerv|pedid|confirm|aprov|pront|cancela|listo|list|prepar|заказ"
    "|подтвер|оформ|готов|отмен|брон",
    "time": "today|tomorrow|tonight|minute|hour|soon|week|monday|friday|now|bugun|yarin"
    "|dakika|saat|hemen|simdi|hafta|hoje|amanha|minut|hora|agora|logo|hoy|manana|ahora"
    "|semana|сегодня|завтра|минут|час|скоро|сейчас|недел",
    "promise": "guarant|promis|definit|sure|assur|best|garanti|soz|kesin|promet|asegur"
    "|garant|segur|гарант|обеща|точно",
    "contact": "call|phone|whatsapp|telegram|instagram|link|click|visit|website|mail"
    "|http|www|ara|tikla|telefon|site|lig|clique|telefone|llam|clic|correo|sitio|звон"
    "|телефон|ссыл|сайт|перейд|нажм",
    "machine": "prompt|system|instruct|model|openai|gpt|language|assistant|developer"
    "|ignore|human|person|talimat|komut|yapay|insan|instru|modelo|asistente|assistente"
    "|sistema|humano|persona|pessoa|инструк|систем|модел|промпт|человек|игнор",
    "number": "one|two|three|four|five|six|seven|eight|nine|ten|hundred|dozen|half|iki"
    "|uc|dort|bes|alti|yedi|sekiz|dokuz|yuz|duzine|yarim|dois|duas|tres|quatro|cinco"
    "|seis|sete|oito|nove|dez|cem|duzia|dos|cuatro|siete|ocho|nueve|diez|cien|docena"
    "|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|сто|дюжин",
}
#: Words that are too short to be the beginning of others.
_SHORT = (
    "one|two|six|ten|uc|bes|dos|dez|cem|pay|now|sto|сто|три|два|две|час|ara|lig|best"
    "|list|left|free|sent|card|cost|cent|para|soz|sure|bank|sale|pag|call|site|www|half"
    "|dois|duas|tres|seis|nove|oito|sete|hora|logo|cien|diez|ocho|iban"
)
_WHOLE = frozenset(_SHORT.split("|"))
#: Words of hellos and thanks by which each language is told.
_OWN: Mapping[str, str] = {
    "en": "hello|hi|hey|good|morning|evening|afternoon|welcome|thank|thanks|you|are|my"
    "|pleasure|happy|glad|nice|to|hear|from|how|is|day|great|have|a|lovely|well|the",
    "tr": "merhaba|selam|iyi|gunler|aksamlar|gunaydin|tesekkur|tesekkurler|ederim"
    "|ederiz|rica|size|sizi|ne|guzel|hos|geldiniz|bulduk|kolay|gelsin|memnun|oldum"
    "|nasilsiniz",
    "pt": "ola|oi|bom|boa|dia|tarde|noite|obrigado|obrigada|de|nada|por|prazer|tudo|bem"
    "|voce|seja|vindo|vinda|imagina|que|feliz|em|um|uma|com|e",
    "es": "hola|buenos|buenas|dias|tardes|noches|gracias|de|nada|por|gusto|placer|todo"
    "|bien|usted|le|bienvenido|bienvenida|que|feliz|encantado|un|una|con|y|el|muy",
    "ru": "здравствуите|здравствуй|привет|добрыи|добрый|день|вечер|утро|спасибо"
    "|пожалуиста|пожалуйста|рады|рад|вас|вам|приятно|хорошего|дня|всегда|и",
}
_CYRILLIC = frozenset({"ru"})


class Refusal(StrEnum):
    """Why words of a model are not said."""

    EMPTY = "empty"
    LONG = "long"
    SIGNS = "signs"  #: Digits, links, marks of Markdown: more than plain words.
    LETTERS = "letters"  #: Another script than the language's.
    LANGUAGE = "language"
    CLAIM = "claim"  #: It speaks of what only code may speak of.
    PRODUCT = "product"
    ECHO = "echo"


def refused(
    text: str, language: str, said: Sequence[str], is_sold: Callable[[str], bool]
) -> Refusal | None:
    """Return why a text must not be said in that language, or None when it may be.

    `said`: what the customer wrote. `is_sold`: whether a word describes a product.
    """
    words = tokens(text)
    reasons: tuple[tuple[Refusal, Callable[[], bool]], ...] = (
        (Refusal.EMPTY, lambda: not words),
        (Refusal.LONG, lambda: _is_long(text)),
        (Refusal.SIGNS, lambda: not all(map(_is_plain, text))),
        (Refusal.LETTERS, lambda: not all(_is_of(each, language) for each in text)),
        (Refusal.CLAIM, lambda: any(map(_claims, words))),
        (Refusal.PRODUCT, lambda: any(map(is_sold, set(words) - _words(language)))),
        (Refusal.ECHO, lambda: _echoes(words, said)),
        (Refusal.LANGUAGE, lambda: not _speaks(words, language)),
    )
    return next((refusal for refusal, applies in reasons if applies()), None)


def _is_long(text: str) -> bool:
    return len(text) > LONGEST or len(_ENDS.findall(text.strip())) > SENTENCES


def _is_plain(letter: str) -> bool:
    return letter.isalpha() or letter in _PUNCTUATION


def _is_of(letter: str, language: str) -> bool:
    if language not in _OWN:
        return False
    script = "CYRILLIC" if language in _CYRILLIC else "LATIN"
    return not letter.isalpha() or unicodedata.name(letter, "").startswith(script)


def _claims(word: str) -> bool:
    return any(
        word == begin if begin in _WHOLE else word.startswith(begin)
        for begins in _ABOUT.values()
        for begin in begins.split("|")
    )


def _echoes(words: Sequence[str], said: Sequence[str]) -> bool:
    heard = {
        spoken[at : at + _ECHO]
        for text in said
        for spoken in [tokens(text)]
        for at in range(len(spoken) - _ECHO + 1)
    }
    here = (tuple(words[at : at + _ECHO]) for at in range(len(words) - _ECHO + 1))
    return any(piece in heard for piece in here)


def _speaks(words: Sequence[str], language: str) -> bool:
    """Return whether the words are of that language more than of any other."""
    counts = {code: sum(word in _words(code) for word in words) for code in _OWN}
    own = counts.pop(language)
    return own > 0 and own >= max(counts.values())


def _words(language: str) -> frozenset[str]:
    return frozenset(_OWN[language].split("|"))
