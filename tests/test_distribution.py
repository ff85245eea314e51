"""What we hand out works where the checkout is not: the wheel, the image, compose."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from tests.image import ROOT, Image, clean_environment, read_dockerfile

PACKAGES = ("bot", "catalog", "orders", "prompts")
SECRET = "a-secret-of-the-distribution-test-only"
STOP_SECONDS = 10.0
START_SECONDS = 60.0


pytestmark = pytest.mark.chaos
#: As pip installs it from nothing; the suite takes the dependencies that it has.
WHOLE = os.environ.get("CHATORDER_CHAOS") == "long"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    built = Image(tmp_path_factory.mktemp("image"), lent=not WHOLE)
    built.build()
    return built


def environment(image: Image, port: int = 8080) -> dict[str, str]:
    return {
        **clean_environment(),
        "PATH": f"{image.bin}{os.pathsep}{os.environ['PATH']}",
        "CHATORDER_SECRET_KEY": SECRET,
        "CHATORDER_PORT": str(port),
        "CHATORDER_READER": "rules",
    }


def run(image: Image, folder: Path, *words: str) -> str:
    """Run an installed command in an empty folder and return what it said."""
    done = subprocess.run(
        [image.bin / words[0], *words[1:]],
        cwd=folder,
        env=environment(image),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@contextmanager
def served(image: Image, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the image's own entry point and command until its /ready says 200."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            entry_point(image), cwd=folder, env=environment(image, port), stderr=log
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while status(f"http://127.0.0.1:{port}/ready") != 200:
            said = (folder / "log").read_text(encoding="utf-8")
            assert process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def entry_point(image: Image) -> list[str]:
    """Return ENTRYPOINT and CMD of the image as they would be run."""
    steps = {step.word: step.rest for step in read_dockerfile()}
    program, *words = json.loads(steps["ENTRYPOINT"]) + json.loads(steps["CMD"])
    return [str(image.bin / program), *words]


# -- the wheel ------------------------------------------------------------------------


def shipped_files() -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(
    image: Image,
) -> None:
    [wheel] = image.wheels.glob("chatorder-*.whl")
    inside = {
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if not re.match(r"chatorder-[^/]+\.dist-info/", name)
    }
    assert inside == shipped_files()


def test_what_is_installed_needs_no_tool_of_the_developers(image: Image) -> None:
    listed = run(image, image.folder, "python", "-m", "pip", "list", "--format=json")
    installed = {package["name"].lower() for package in json.loads(listed)}
    assert "chatorder" in installed
    assert "uvloop" in installed, "the image takes what makes it fast"
    assert not installed & {"pytest", "mypy", "ruff", "playwright", "hypothesis"}


def test_the_code_that_runs_is_the_installed_one(image: Image, tmp_path: Path) -> None:
    told = run(image, tmp_path, "python", "-c", "import bot; print(bot.__file__)")
    assert Path(told.strip()).is_relative_to(image.bin.parent)


# -- commands, outside the checkout ---------------------------------------------------


def test_help_names_the_commands(image: Image, tmp_path: Path) -> None:
    told = run(image, tmp_path, "chatorder", "--help")
    for command in ("demo", "serve", "worker", "migrate"):
        assert command in told


def test_migrate_makes_the_database_and_may_be_repeated(
    image: Image, tmp_path: Path
) -> None:
    run(image, tmp_path, "chatorder", "migrate")
    run(image, tmp_path, "chatorder", "migrate")
    assert (tmp_path / "data" / "chatorder.db").is_file()


def test_the_image_serves_is_healthy_and_stops_when_told(
    image: Image, tmp_path: Path
) -> None:
    port = free_port()
    with served(image, tmp_path, port) as process:
        subprocess.run(
            health_check(), env=environment(image, port), timeout=10, check=True
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
    assert status(f"http://127.0.0.1:{port}/live") == 0


def health_check() -> list[str]:
    [rest] = [step.rest for step in read_dockerfile() if step.word == "HEALTHCHECK"]
    words: list[str] = json.loads(rest[rest.index("CMD ") + len("CMD ") :])
    return words


def test_the_health_check_fails_when_nothing_answers(
    image: Image, tmp_path: Path
) -> None:
    done = subprocess.run(
        health_check(),
        cwd=tmp_path,
        env=environment(image, free_port()),
        capture_output=True,
        timeout=10,
        check=False,
    )
    assert done.returncode != 0


# -- the image and compose ------------------------------------------------------------


def test_the_image_runs_as_nobody_special_and_takes_only_the_installed_part() -> None:
    steps = read_dockerfile()
    last = max(step.stage for step in steps)
    final = {step.word: step.rest for step in steps if step.stage == last}
    assert last == 1, "one stage builds, one runs"
    assert final["USER"] == "chatorder"
    assert "COPY" not in final, "the checkout stays in the stage that builds"
    assert final["VOLUME"] == f"{final['WORKDIR']}/data", (
        "settings keep files in ./data"
    )
    assert any(
        "ca-certificates" in step.rest
        for step in steps
        if (step.stage, step.word) == (last, "RUN")
    )


def compose() -> dict[str, dict[str, dict[str, object]]]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(text)
    return loaded


def test_compose_runs_each_role_from_the_one_image() -> None:
    services = compose()["services"]
    roles = {
        name: service["command"]
        for name, service in services.items()
        if service["image"] == "chatorder"
    }
    assert roles == {
        "web": ["serve", "--no-worker"],
        "worker": ["worker"],
        "migrate": ["migrate"],
    }
    assert all("restart" in service for service in services.values())
    assert services["postgres"]["image"] == "postgres:18"


def test_compose_asks_for_the_secret_and_names_only_real_settings() -> None:
    known = {f"CHATORDER_{name.upper()}" for name in Settings.model_fields}
    for name in ("web", "worker", "migrate"):
        settings = compose()["services"][name]["environment"]
        assert isinstance(settings, dict)
        assert settings.keys() <= known
        # `:?` stops compose and prints the rest of the line.
        assert settings["CHATORDER_SECRET_KEY"].startswith("${CHATORDER_SECRET_KEY:?")
