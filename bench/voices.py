"""Speak the voice notes of the evaluation sets anew.

    python -m bench.voices

Needs espeak-ng, which speaks, and opusenc, which packs it as phones do. The words are
ours; nobody's voice is in it.
"""

import subprocess
from importlib.resources import files
from pathlib import Path

#: By file: the language in which it is spoken, and the words.
WORDS = {
    "two_lattes.en": (
        "en",
        "Hi! Two lattes and a chocolate croissant, please. I will pick them up.",
    ),
    "iki_cay.tr": ("tr", "Merhaba, iki çay ve bir simit istiyorum. Gelip alacağım."),
    "dos_brownies.es": ("es", "Hola, quiero dos brownies y un zumo de naranja."),
    "dois_brownies.pt": ("pt-br", "Oi, quero dois brownies e um suco de laranja."),
    "dva_brauni.ru": ("ru", "Здравствуйте, два брауни и апельсиновый сок."),
}


def main() -> None:
    folder = Path(str(files("bot.evaluation.sets"))) / "voices"
    for name, (language, words) in WORDS.items():
        spoken = subprocess.run(
            [
                "espeak-ng",
                "-v",
                language,
                "-s",
                "140",
                "--stdout",
                words,
            ],
            capture_output=True,
            check=True,
        )
        packed = ["opusenc", "--quiet", "--bitrate", "16", "--serial", "1", "-"]
        path = folder / f"{name}.ogg"
        subprocess.run([*packed, str(path)], input=spoken.stdout, check=True)
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
