"""XML read in bounded memory: what can only be an attack, or damage, is refused.

A document type is refused, and with it every entity that grows or reaches outside.
Names, attributes, texts and depth have limits; the whole is never in memory.
"""

from collections.abc import Callable, Iterator
from typing import IO, Generic, TypeVar
from xml.parsers import expat

from catalog.formats.rows import BadFeed

T = TypeVar("T")

_CHUNK = 1 << 16
#: Bytes of one tag with its attributes.
_LONGEST_TAG = 1 << 20
_DEEPEST = 64
#: Characters of one text.
LONGEST_TEXT = 250_000


class Markup(Generic[T]):
    """Reads a document piece by piece; a subclass says what it finds."""

    def __init__(
        self,
        file: IO[bytes],
        name: str,
        encoding: str | None = None,
        *,
        heard: Callable[[int], None] | None = None,
    ) -> None:
        self.read = 0  #: Bytes so far.
        self._heard = heard  #: Hears of them, also while nothing is found.
        self._file = file
        self._name = name
        self._depth = 0
        self._found: list[T] = []
        # The names of elements come as "namespace name".
        self._parser = expat.ParserCreate(encoding, namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.buffer_size = _CHUNK
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self.text
        self._parser.StartDoctypeDeclHandler = self._refuse_type

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def parse(self) -> Iterator[T]:
        """Yield what is found, as it is found. Raises BadFeed."""
        try:
            while chunk := self._file.read(_CHUNK):
                self.read += len(chunk)
                if self._heard is not None:
                    self._heard(self.read)
                self._parser.Parse(chunk, False)  # noqa: FBT003  # it has no name
                yield from self._taken()
                if self.read - self._parser.CurrentByteIndex > _LONGEST_TAG:
                    raise BadFeed(f"{self._place()} has a tag that is far too long")
            self._parser.Parse(b"", True)  # noqa: FBT003  # it has no name
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            raise BadFeed(
                f"{self._name}, line {error.lineno}: the XML is broken ({why}): export"
                " the file again"
            ) from error
        except (LookupError, ValueError) as error:  # an encoding that nobody knows
            raise BadFeed(
                f"{self._name} is in an encoding that is not known ({error}): save it"
                " as UTF-8"
            ) from error
        yield from self._taken()

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Take the begin of an element."""
        raise NotImplementedError

    def end(self, name: str, /) -> None:
        """Take the end of an element."""
        raise NotImplementedError

    def text(self, text: str, /) -> None:
        """Take a part of a text."""
        raise NotImplementedError

    def found(self, what: T) -> None:
        """Give out something."""
        self._found.append(what)

    def refuse_long(self, length: int) -> None:
        """Raise BadFeed when a text has so many characters."""
        if length > LONGEST_TEXT:
            raise BadFeed(f"{self._place()}: a text is far too long: shorten it")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadFeed(f"{self._place()}: elements are nested too deeply")
        self.start(name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(name)

    def _refuse_type(self, *_: object) -> None:
        raise BadFeed(
            f"{self._place()}: it declares a document type, which product files do not"
            " need and attacks do: remove <!DOCTYPE ...>"
        )

    def _place(self) -> str:
        return f"{self._name}, line {self.line}"

    def _taken(self) -> list[T]:
        taken, self._found = self._found, []
        return taken
