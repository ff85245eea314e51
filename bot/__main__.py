"""`chatorder`, and `python -m bot`."""

from bot.commands.program import build


def main() -> None:
    build()()


if __name__ == "__main__":
    main()
