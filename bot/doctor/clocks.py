"""Two clocks that should agree: tokens, windows and leases rest on them."""

from datetime import datetime

from bot.doctor.finding import Finding, error, ok, warning

_ODD, _WRONG = 5.0, 60.0  #: Seconds.
_REMEDY = "let both machines take their time from NTP"


def check_clock(whose: str, there: datetime, here: datetime) -> Finding:
    """Return how far this machine's clock is from another one's."""
    seconds = (here - there).total_seconds()
    words = f"this machine is {abs(seconds):.0f} s {_side(seconds)} {whose}"
    if abs(seconds) > _WRONG:
        return error("clock", words, _REMEDY)
    if abs(seconds) > _ODD:
        return warning("clock", words, _REMEDY)
    return ok("clock", f"agrees with {whose}")


def _side(seconds: float) -> str:
    return "ahead of" if seconds > 0 else "behind"
