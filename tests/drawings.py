"""Pictures of products, drawn for tests, and what becomes of pictures on phones."""

import io
import random
from collections.abc import Callable, Mapping

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from catalog.domain.prints import LONGEST
from catalog.domain.sampling import Pixels

_LETTERS = "ABCDEFGHIKLMNOPRSTUVYZ"


def packaging(seed: int, *, text: str | None = None, size: int = 200) -> Image.Image:
    """Return a packshot: a box, can, bottle or bag with a label, mostly on white."""
    dice = random.Random(seed)

    def colour() -> tuple[int, ...]:
        return tuple(dice.randrange(256) for _ in range(3))

    ground = (255, 255, 255) if dice.random() < 0.8 else colour()
    image = Image.new("RGB", (size, dice.choice((size, size * 13 // 10))), ground)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    body, label, ink = colour(), colour(), colour()
    left, right = width * dice.uniform(0.15, 0.3), width * dice.uniform(0.7, 0.85)
    top, bottom = height * dice.uniform(0.05, 0.15), height * dice.uniform(0.85, 0.95)
    match dice.choice(("box", "can", "bottle", "bag")):
        case "box":
            draw.rectangle((left, top, right, bottom), fill=body)
        case "can":
            draw.rounded_rectangle((left, top, right, bottom), size / 10, fill=body)
            draw.ellipse((left, top, right, top + height / 10), fill=(190, 190, 190))
        case "bottle":
            neck = (left + right) / 2 - width * 0.07, top, (left + right) / 2
            draw.rectangle((*neck, top + height / 4), fill=label)
            shoulder = top + height * 0.15
            draw.rounded_rectangle((left, shoulder, right, bottom), size / 7, fill=body)
        case _:
            slant = width * 0.05
            corners = (left, top), (right, top), (right + slant, bottom)
            draw.polygon((*corners, (left - slant, bottom)), fill=body)
    line = height * dice.uniform(0.3, 0.5)
    strip = line + height * dice.uniform(0.2, 0.35)
    draw.rectangle((left, line, right, strip), fill=label)
    for _ in range(dice.randrange(1, 4)):
        x, y = dice.uniform(left, right), dice.uniform(top + height / 5, bottom)
        r = width * dice.uniform(0.04, 0.14)
        spot = max(left, x - r), y - r, min(right, x + r), min(bottom, y + r)
        (draw.ellipse if dice.random() < 0.5 else draw.rectangle)(spot, fill=colour())
    name = "".join(dice.choice(_LETTERS) for _ in range(dice.randrange(4, 9)))
    font = ImageFont.load_default(size=size * dice.uniform(0.06, 0.11))
    draw.text((left + 5, line + 5), name, fill=ink, font=font)
    if text is not None:
        small = ImageFont.load_default(size=size * 0.06)
        draw.text((left + 5, bottom - size * 0.1), text, fill=ink, font=small)
    return image


# -- on phones ------------------------------------------------------------------------


def jpeg(image: Image.Image, quality: int = 75) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def cropped(image: Image.Image, edge: float) -> Image.Image:
    """Return a picture without so much of each side."""
    width, height = image.size
    x, y = round(width * edge), round(height * edge)
    return image.crop((x, y, width - x, height - y))


def cropped_aside(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 10, height // 14, width, height))


def bordered(image: Image.Image) -> Image.Image:
    width, height = image.size
    page = Image.new("RGB", (width * 13 // 10, height * 14 // 10), (20, 20, 20))
    page.paste(image, (width * 15 // 100, height // 5))
    return page


def on_screen(image: Image.Image, ground: str = "black") -> Image.Image:
    """Return a screenshot of a phone that shows a picture at its full width."""
    ink = "white" if ground == "black" else "black"
    screen = Image.new("RGB", (540, 1170), ground)
    draw = ImageDraw.Draw(screen)
    font = ImageFont.load_default(size=22)
    draw.text((20, 12), "12:41", fill=ink, font=font)
    draw.rectangle((480, 16, 515, 34), outline=ink)
    draw.text((60, 70), "Kahve Evi", fill=ink, font=font)
    shown = image.resize((540, round(image.height * 540 / image.width)))
    screen.paste(shown, (0, (1170 - shown.height) // 2))
    for place in range(4):
        left = 40 + place * 135
        draw.ellipse((left, 1090, left + 40, 1130), outline=ink, width=3)
    return screen


def in_chat(image: Image.Image) -> Image.Image:
    """Return a screenshot of a chat with a picture in a bubble."""
    screen = Image.new("RGB", (540, 1170), (236, 229, 221))
    draw = ImageDraw.Draw(screen)
    font = ImageFont.load_default(size=22)
    draw.rectangle((0, 0, 540, 110), fill=(7, 94, 84))
    draw.text((110, 60), "Kahve Evi", fill="white", font=font)
    draw.rounded_rectangle((20, 150, 380, 220), 12, fill="white")
    draw.text((35, 165), "Hello, how are you", fill="black", font=font)
    shown = image.resize((380, round(image.height * 380 / image.width)))
    end = 260 + shown.height
    draw.rounded_rectangle((14, 254, 406, end + 12), 8, fill="white")
    screen.paste(shown, (20, 260))
    draw.rounded_rectangle((160, end + 40, 520, end + 110), 12, fill=(220, 248, 198))
    draw.text((175, end + 55), "a nice one", fill="black", font=font)
    draw.rounded_rectangle((10, 1100, 460, 1155), 27, fill="white")
    return screen


def captioned(image: Image.Image) -> Image.Image:
    """Return a picture with a black strip of words over its foot."""
    drawn = image.copy()
    draw = ImageDraw.Draw(drawn)
    width, height = drawn.size
    draw.rectangle((0, height * 84 // 100, width, height), fill="black")
    font = ImageFont.load_default(size=height * 0.07)
    draw.text((10, height * 0.87), "very nice  99 TL", fill="white", font=font)
    return drawn


def written_on(image: Image.Image) -> Image.Image:
    drawn = image.copy()
    font = ImageFont.load_default(size=image.height * 0.07)
    place = image.width * 0.2, image.height * 0.1
    ImageDraw.Draw(drawn).text(place, "DO YOU HAVE IT", fill="red", font=font)
    return drawn


def scaled(image: Image.Image, by: float) -> Image.Image:
    return image.resize((round(image.width * by), round(image.height * by)))


def lit(image: Image.Image, by: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(by)


#: What happens to pictures on their way, and the files that come of it.
FATES: Mapping[str, Callable[[Image.Image], bytes]] = {
    "sent again": jpeg,
    "compressed hard": lambda image: jpeg(image, 30),
    "scaled down": lambda image: jpeg(scaled(image, 0.3)),
    "cropped by 10 %": lambda image: jpeg(cropped(image, 0.05)),
    "cropped by 20 %": lambda image: jpeg(cropped(image, 0.1)),
    "cropped at one corner": lambda image: jpeg(cropped_aside(image)),
    "framed": lambda image: jpeg(bordered(image)),
    "a dark screenshot": lambda image: jpeg(on_screen(image)),
    "a light screenshot": lambda image: jpeg(on_screen(image, "white")),
    "a screenshot of a chat": lambda image: jpeg(in_chat(image)),
    "brightened": lambda image: jpeg(lit(image, 1.25)),
    "darkened": lambda image: jpeg(lit(image, 0.75)),
    "with a caption over it": lambda image: jpeg(captioned(image)),
    "written on": lambda image: jpeg(written_on(image)),
}


def held_sideways(image: Image.Image) -> bytes:
    """Return a photo as phones write it: lying, with a note on how it stands."""
    note = Image.Exif()
    note[0x0112] = 6  # Orientation: a quarter turn clockwise, and it is upright.
    out = io.BytesIO()
    lying = image.convert("RGB").rotate(90, expand=True)
    lying.save(out, "JPEG", quality=80, exif=note)
    return out.getvalue()


# -- codes ----------------------------------------------------------------------------


def code(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 3) -> Image.Image:
    made = zxingcpp.create_barcode(text, kind)
    return Image.fromarray(np.asarray(made.to_image(scale=scale))).convert("L")


def ean(text: str, scale: int = 3) -> Image.Image:
    return code(text, zxingcpp.BarcodeFormat.EAN13, scale)


def qr(text: str, scale: int = 4) -> Image.Image:
    return code(text, zxingcpp.BarcodeFormat.QRCode, scale)


def photo_of(*codes: Image.Image, turned: float = 0, size: int = 1200) -> Image.Image:
    """Return a photo with codes on a table, one below the other."""
    table = Image.new("RGB", (size, size), (205, 200, 190))
    top = size // 12
    for each in codes:
        card = Image.new("L", (each.width + 40, each.height + 40), 255)
        card.paste(each, (20, 20))
        table.paste(card, (size // 6, top))
        top += card.height + size // 20
    return table.rotate(turned, Image.Resampling.BICUBIC, fillcolor=(205, 200, 190))


def as_pixels(data: bytes) -> Pixels:
    """Return a file as a gallery compares it."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("YCbCr")
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.asarray(small, np.float32)
