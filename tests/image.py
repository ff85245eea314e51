"""What the Dockerfile does, done in a folder: the image without a container engine.

Its COPY and RUN lines are read and replayed, so that a test of the result is a test of
the Dockerfile. Lines that touch the operating system (apt-get, useradd) are left out.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
_IGNORED = shutil.ignore_patterns("__pycache__", "*.egg-info")
#: Options of RUN itself, such as --mount=type=bind,from=build,...
_OPTIONS = re.compile(r"^(--\w+=\S+\s+)*")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, its continued lines joined, and the number of its stage."""

    stage: int
    word: str
    rest: str


def read_dockerfile() -> tuple[Step, ...]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return tuple(_steps(joined))


def _steps(text: str) -> Iterator[Step]:
    stage = -1
    for line in filter(str.strip, text.splitlines()):
        word, _, rest = line.strip().partition(" ")
        stage += word == "FROM"
        yield Step(stage, word, rest.strip())


class Image:
    """The folders /src, /wheels and /app of the image, below `folder`."""

    def __init__(self, folder: Path, *, lent: bool = False) -> None:
        """`lent`: the product's dependencies are not installed again but linked.

        They are those that its own metadata ask for, from the tests' environment:
        installing a quarter of a gigabyte takes a minute of a processor.
        """
        self.folder = folder
        self._lent = lent
        self.source, self.wheels = folder / "src", folder / "wheels"
        self.bin = folder / "app" / "bin"
        self.source.mkdir(parents=True)

    def build(self) -> None:
        """Replay the Dockerfile. Raises CalledProcessError with what the step said."""
        # The Python that runs us has what the build stage installs; it needs no other.
        python = Path(sys.executable).parent
        for step in read_dockerfile():
            if step.word == "COPY":
                self._copy(step.rest)
            elif step.word == "RUN" and "python" in step.rest:
                self._run(step.rest, path=python)
        if self._lent:
            self._lend()

    def _lend(self) -> None:
        [packages] = self.folder.glob("app/lib/python*/site-packages")
        [metadata] = packages.glob("chatorder-*.dist-info")
        for each in needed_by(Distribution.at(metadata), {"fast"}):
            for name in {file.parts[0] for file in each.files or ()}:
                own, link = Path(str(each.locate_file(name))), packages / name
                if name not in {"..", "__pycache__"} and not link.exists():
                    link.symlink_to(own)

    def _copy(self, words: str) -> None:
        *sources, target = shlex.split(words)
        for name in sources:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.source / target, ignore=_IGNORED)
            else:
                shutil.copy(ROOT / name, self.source / target)

    def _run(self, command: str, *, path: Path) -> None:
        here = re.sub(
            r"(?<![\w.])/(wheels|app)\b",
            rf"{self.folder}/\1",
            _OPTIONS.sub("", command),
        )
        environment = {
            **clean_environment(),
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            # Half a minute less; what is run compiles itself.
            "PIP_NO_COMPILE": "1",
            **({"PIP_NO_DEPS": "1"} if self._lent else {}),
            "PIP_QUIET": "2",
        }
        subprocess.run(
            ["sh", "-ec", here], cwd=self.source, env=environment, check=True
        )


def needed_by(
    product: Distribution, extras: set[str], seen: set[object] | None = None
) -> Iterator[Distribution]:
    """Yield everything that a distribution with these extras asks for, once."""
    seen = set() if seen is None else seen
    for line in product.requires or ():
        wanted = Requirement(line)
        environments = [{"extra": extra} for extra in (extras or {""})]
        marker, what = wanted.marker, (wanted.name, *sorted(wanted.extras))
        if what in seen or (marker and not any(map(marker.evaluate, environments))):
            continue
        seen.add(what)
        found = distribution(wanted.name)
        yield found
        yield from needed_by(found, wanted.extras, seen)


def clean_environment() -> dict[str, str]:
    """Return our environment without what would lead back to the checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CHATORDER_", "OPENAI_", "PYTHON", "VIRTUAL_ENV"))
    }
