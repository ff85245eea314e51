"""What a replay prints: each turn as it comes, and what they come to."""

import json
from dataclasses import asdict

import typer

from bot.commands.failing import CommandFailed
from bot.commands.model_choice import dollars
from bot.evaluation.rereading import Reread, Result
from bot.evaluation.wallet import Wallet


class Report:
    """Prints turns read again, as lines or as one JSON object, and counts them.

    Nothing of a turn is kept: there may be very many.
    """

    def __init__(self, wallet: Wallet, *, as_json: bool) -> None:
        self.wallet = wallet
        self._as_json = as_json
        self._wanted = self._told = self._read = 0
        self._differ = self._moved = self._partial = 0

    def begin(self, wanted: int) -> None:
        """Begin with so many turns that are to be read."""
        self._wanted = wanted
        if self._as_json:
            typer.echo('{"data": [', nl=False)

    def tell(self, each: Reread) -> None:
        """Print a turn."""
        if self._as_json:
            row = json.dumps(
                {**asdict(each), "differs": each.differs}, ensure_ascii=False
            )
            typer.echo(f", {row}" if self._told else row, nl=False)
        else:
            for line in _lines(each):
                typer.echo(line)
        self._told += 1
        if each.skipped is None:
            self._read += 1
            self._differ += each.differs
            self._moved += each.world_moved
            self._partial += not each.is_whole

    def end(self) -> None:
        """Print the sums. Raises CommandFailed when nothing was read."""
        if self._as_json:
            sums = {
                "turns": self._wanted,
                "read": self._read,
                "differ": self._differ,
                "usd_spent": dollars(self.wallet.spent),
            }
            typer.echo(f"], {json.dumps(sums)[1:]}")
        else:
            for line in self._sums():
                typer.echo(line)
        if not self._read:
            raise CommandFailed(f"no turn was read: {self._why_none()}")

    def _sums(self) -> list[str]:
        lines = [f"{self._differ} of {self._read} turns would end with another draft"]
        if self._moved:
            lines.append(
                f"{self._moved} would even as they were understood then: the catalog,"
                " the shop's rules or the program changed since"
            )
        if self._partial:
            lines.append(
                f"{self._partial} are of version 0.1.0, which did not keep what was"
                " asked before: short answers in them may be misread"
            )
        if self.wallet.calls:
            spent = dollars(self.wallet.spent)
            lines.append(f"{self.wallet.calls} calls cost {spent} US dollars")
        if skipped := self._told - self._read:
            lines.append(f"{skipped} turns were left out, for the reason beside each")
        if rest := self._wanted - self._told:
            lines.append(f"{rest} turns were not read: --most-usd was used up")
        return lines

    def _why_none(self) -> str:
        if not self._wanted:
            return "none of those asked for ended well; see `chatorder turn list`"
        if not self._told:
            return "--most-usd was used up"
        return "each has its reason beside it"


def _lines(each: Reread) -> list[str]:
    if each.skipped is not None:
        return [f"{each.turn}  {each.at}  not read: {each.skipped}"]
    if not each.differs or each.was is None or each.now is None:
        return []
    why = f" ({each.why})" if each.why else ""
    head = f"{each.turn}  {each.at}  by {each.provider}{why}: {each.words}"
    was, now = _parts(each.was), _parts(each.now)
    gone = [f"  - {part}" for part in was if part not in now]
    come = [f"  + {part}" for part in now if part not in was]
    return [head, *gone, *come]


def _parts(result: Result) -> tuple[str, ...]:
    return (*result.draft, "ordered") if result.ordered else result.draft
