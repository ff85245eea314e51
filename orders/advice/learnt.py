"""The fitted weights, as they were committed: read once."""

import tomllib
from functools import cache
from importlib import resources

from orders.advice.domain.signals import SIGNALS
from orders.advice.domain.weighing import Weights

_FILE = "weights.toml"


@cache
def weights() -> Weights:
    """Return what each signal is worth.

    Raises ValueError when the file and the signals do not name the same things.
    """
    text = (resources.files("orders.advice") / _FILE).read_text(encoding="utf-8")
    content = tomllib.loads(text)
    values = content["weights"]
    if set(values) != set(SIGNALS):
        different = ", ".join(sorted(set(values) ^ set(SIGNALS)))
        raise ValueError(
            f"{_FILE} and the signals differ in {different}: "
            "fit again with `python -m bench.advice DIR --fit`"
        )
    return Weights(
        tuple(float(values[name]) for name in SIGNALS), float(content["certainty"])
    )
