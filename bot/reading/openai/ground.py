"""What claims are compared with: what was said, what was shown, what the rules hear."""

from dataclasses import dataclass, field

from bot.domain.understanding import Detail, Intent, Understanding
from bot.reading.openai.evidence import Said
from bot.reading.openai.showing import Shown
from bot.reading.reader import ReadingRequest
from bot.reading.rules.reader import understand
from catalog.language import languages

#: What is done at once, or undoes what was done, needs no model to be understood, and
#: no model can bring it about: the rules must hear it in the customer's words, too.
CORROBORATED = frozenset(
    {
        Intent.CONFIRM,
        Intent.CANCEL_DRAFT,
        Intent.REPEAT,
        Intent.UNDO,
        Intent.STOP,
        Intent.START,
    }
)


@dataclass(slots=True)
class Ground:
    """The ground that an understanding stands on. `warnings` say what fell."""

    shown: Shown
    request: ReadingRequest
    language: str | None  #: That the model heard.
    said: Said = field(init=False)
    rules: Understanding = field(init=False)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.said = Said(self.shown.messages)
        self.rules = understand(self.request)

    @property
    def knows_language(self) -> bool:
        """Return whether the rules know the numbers and words of what was said."""
        return self.language in languages()

    def hears(self, detail: Detail, value: str | None = None) -> bool:
        """Return whether the rules hear that fact, too."""
        return any(
            each.detail is detail and value in (None, each.value)
            for each in self.rules.details
        )

    def warn(self, warning: str) -> None:
        """Note, for the shop's staff, that a claim was left out."""
        self.warnings.append(warning)
