"""The readers that a deployment may choose from, by the name in its settings."""

from collections.abc import Callable, Mapping

from bot.reading.reader import Reader
from bot.reading.rules.reader import RulesReader

READERS: Mapping[str, Callable[[], Reader]] = {
    RulesReader.name: RulesReader,
}
