"""The pictures of the demo shop. `python -m bot.simulator.shop.pictures` draws them."""

from pathlib import Path

from bot.simulator.shop.drawing import (
    Colour,
    Shape,
    block,
    circle,
    ellipse,
    paint,
    png,
    polygon,
    ring,
    stroke,
)

SIZE = 192  #: Pixels of each side.

SAND, MIST, LEAF, ROSE = (
    (244, 233, 215),
    (223, 232, 238),
    (223, 236, 217),
    (246, 223, 219),
)
WHITE, CREAM, MILK = (255, 255, 255), (250, 241, 222), (240, 219, 187)
CRUST, BROWN, DARK, COFFEE = (214, 146, 66), (150, 92, 46), (84, 52, 32), (102, 63, 36)
RED, GREEN, PINE, YELLOW = (212, 62, 50), (104, 168, 78), (44, 106, 76), (246, 200, 62)
BLUE, SKY, STEEL, INK = (62, 116, 176), (158, 204, 228), (150, 160, 170), (62, 70, 80)

Layers = tuple[tuple[Shape, Colour], ...]

_CUP: Layers = (
    (ellipse(50, 80, 38, 6), WHITE),
    (ring(74, 54, 11, 5), WHITE),
    (block(26, 38, 72, 78, 14), WHITE),
    (block(26, 38, 72, 56), WHITE),
    (ellipse(49, 39, 23, 6), MILK),
)
_CROISSANT: Layers = (
    (ellipse(22, 62, 13, 9), BROWN),
    (ellipse(78, 62, 13, 9), BROWN),
    (ellipse(33, 52, 15, 15), CRUST),
    (ellipse(67, 52, 15, 15), CRUST),
    (ellipse(50, 47, 17, 20), (228, 164, 84)),
    (stroke(40, 35, 36, 62, 2), BROWN),
    (stroke(60, 35, 64, 62, 2), BROWN),
    (stroke(26, 44, 24, 62, 2), BROWN),
    (stroke(74, 44, 76, 62, 2), BROWN),
)
_BOTTLE: Layers = (
    (block(43, 12, 57, 22, 2), BLUE),
    (block(44, 20, 56, 36), SKY),
    (block(32, 32, 68, 90, 10), SKY),
    (block(32, 48, 68, 70), WHITE),
    (stroke(40, 56, 60, 56, 3), BLUE),
    (stroke(40, 63, 54, 63, 3), SKY),
)

#: File name without ending -> background and layers, painted in this order.
PICTURES: dict[str, tuple[Colour, Layers]] = {
    "latte": (SAND, (*_CUP, (ellipse(49, 39, 12, 3), WHITE))),
    "espresso": (SAND, (*_CUP, (ellipse(49, 39, 21, 5), COFFEE))),
    "tea": (
        LEAF,
        (
            (ellipse(50, 84, 30, 5), WHITE),
            (
                polygon((34, 22), (66, 22), (60, 50), (66, 82), (34, 82), (40, 50)),
                WHITE,
            ),
            (polygon((36, 32), (64, 32), (59, 50), (63, 79), (37, 79), (41, 50)), RED),
        ),
    ),
    "iced": (
        MIST,
        (
            (polygon((30, 20), (70, 20), (64, 90), (36, 90)), WHITE),
            (polygon((32, 34), (68, 34), (63, 87), (37, 87)), (206, 160, 108)),
            (block(38, 38, 50, 50, 2), CREAM),
            (block(51, 46, 62, 57, 2), CREAM),
            (stroke(58, 8, 50, 60, 3), GREEN),
        ),
    ),
    "croissant": (SAND, _CROISSANT),
    "chocolate-croissant": (
        SAND,
        (
            *_CROISSANT,
            (stroke(36, 42, 62, 36, 3), DARK),
            (stroke(34, 51, 66, 45, 3), DARK),
            (stroke(40, 59, 64, 54, 3), DARK),
        ),
    ),
    "roll": (
        SAND,
        (
            (ring(50, 52, 24, 18), CRUST),
            (ring(50, 52, 26, 4), (230, 170, 92)),
            (circle(34, 34, 2), CREAM),
            (circle(62, 31, 2), CREAM),
            (circle(75, 50, 2), CREAM),
            (circle(68, 70, 2), CREAM),
            (circle(46, 77, 2), CREAM),
            (circle(27, 62, 2), CREAM),
        ),
    ),
    "bread": (
        SAND,
        (
            (block(14, 38, 86, 76, 18), BROWN),
            (block(16, 36, 84, 70, 17), CRUST),
            (stroke(32, 42, 38, 58, 4), CREAM),
            (stroke(48, 42, 54, 58, 4), CREAM),
            (stroke(64, 42, 70, 58, 4), CREAM),
        ),
    ),
    "cake": (
        ROSE,
        (
            (ellipse(50, 80, 38, 6), WHITE),
            (polygon((18, 50), (82, 40), (82, 76), (18, 76)), (224, 168, 104)),
            (polygon((18, 60), (82, 55), (82, 62), (18, 66)), CREAM),
            (polygon((18, 44), (82, 32), (82, 42), (18, 52)), WHITE),
            (circle(66, 29, 7), RED),
        ),
    ),
    "cookie": (
        SAND,
        (
            (circle(50, 52, 34), BROWN),
            (circle(50, 50, 33), (222, 166, 96)),
            (circle(40, 40, 5), DARK),
            (circle(62, 44, 5), DARK),
            (circle(50, 62, 5), DARK),
            (circle(34, 58, 4), DARK),
            (circle(66, 64, 4), DARK),
        ),
    ),
    "sandwich": (
        SAND,
        (
            (block(16, 62, 84, 76, 6), CRUST),
            (block(14, 56, 86, 64, 4), YELLOW),
            (block(14, 50, 86, 58, 4), GREEN),
            (block(18, 45, 82, 53, 3), RED),
            (block(16, 28, 84, 48, 12), CRUST),
        ),
    ),
    "beans": (
        SAND,
        (
            (polygon((28, 14), (72, 14), (76, 90), (24, 90)), DARK),
            (block(34, 42, 66, 70, 4), CREAM),
            (ellipse(50, 56, 8, 11), COFFEE),
            (stroke(50, 47, 50, 65, 2), CREAM),
        ),
    ),
    "tomato": (
        LEAF,
        (
            (ellipse(50, 58, 33, 29), RED),
            (
                polygon((50, 36), (30, 28), (46, 28), (50, 14), (54, 28), (70, 28)),
                GREEN,
            ),
        ),
    ),
    "vegetable": (
        LEAF,
        (
            (stroke(28, 72, 72, 34, 22), PINE),
            (stroke(28, 70, 70, 33, 17), GREEN),
            (stroke(74, 30, 82, 22, 5), PINE),
        ),
    ),
    "lemon": (
        LEAF,
        (
            (ellipse(50, 54, 34, 26), YELLOW),
            (circle(83, 54, 6), YELLOW),
            (ellipse(46, 50, 22, 14), (250, 216, 104)),
            (ellipse(30, 24, 12, 6), GREEN),
        ),
    ),
    "cheese": (
        SAND,
        (
            (polygon((12, 52), (78, 26), (88, 44), (88, 52)), (252, 224, 140)),
            (block(12, 52, 88, 80), YELLOW),
            (circle(32, 66, 6), (226, 172, 44)),
            (circle(56, 62, 4), (226, 172, 44)),
            (circle(70, 71, 6), (226, 172, 44)),
        ),
    ),
    "carton": (
        MIST,
        (
            (polygon((30, 34), (42, 14), (58, 14), (70, 34)), SKY),
            (block(30, 34, 70, 90), WHITE),
            (block(30, 54, 70, 76), BLUE),
        ),
    ),
    "egg": (
        SAND,
        (
            (ellipse(36, 56, 20, 26), (236, 204, 168)),
            (ellipse(64, 58, 20, 26), CREAM),
        ),
    ),
    "sack": (
        SAND,
        (
            (block(26, 20, 74, 90, 8), (206, 178, 132)),
            (block(30, 12, 70, 24, 4), (180, 150, 104)),
            (block(34, 42, 66, 70, 4), CREAM),
            (stroke(42, 52, 58, 52, 3), PINE),
            (stroke(42, 60, 54, 60, 3), PINE),
        ),
    ),
    "bottle": (LEAF, (*_BOTTLE, (block(32, 48, 68, 70), YELLOW))),
    "water": (MIST, _BOTTLE),
    "jar": (
        ROSE,
        (
            (block(28, 30, 72, 88, 10), RED),
            (block(30, 16, 70, 30, 3), STEEL),
            (block(28, 46, 72, 70), CREAM),
            (circle(50, 58, 8), RED),
        ),
    ),
    "roll-paper": (
        MIST,
        (
            (block(26, 26, 74, 86, 4), WHITE),
            (ellipse(50, 26, 24, 9), (232, 236, 240)),
            (ellipse(50, 26, 8, 3), BROWN),
            (stroke(30, 60, 70, 60, 1), SKY),
        ),
    ),
    "tshirt": (
        MIST,
        (
            (stroke(30, 30, 18, 46, 17), RED),
            (stroke(70, 30, 82, 46, 17), RED),
            (block(28, 22, 72, 86, 4), RED),
            (ellipse(50, 21, 11, 8), MIST),
        ),
    ),
    "apron": (
        SAND,
        (
            (ring(50, 20, 13, 4), PINE),
            (block(36, 26, 64, 52, 3), GREEN),
            (block(24, 46, 76, 88, 5), GREEN),
            (block(38, 58, 62, 76, 3), PINE),
        ),
    ),
    "paint": (
        MIST,
        (
            (ring(50, 32, 27, 3), STEEL),
            (block(24, 36, 76, 88, 4), STEEL),
            (block(24, 50, 76, 78), WHITE),
            (ellipse(50, 36, 26, 7), CREAM),
            (circle(50, 64, 9), BLUE),
        ),
    ),
    "tool": (
        MIST,
        (
            (stroke(50, 36, 50, 88, 8), BROWN),
            (block(28, 20, 72, 38, 4), INK),
            (polygon((72, 22), (86, 36), (72, 36)), INK),
        ),
    ),
    "box": (
        SAND,
        (
            (block(20, 34, 80, 84, 2), (206, 160, 108)),
            (polygon((20, 34), (32, 20), (68, 20), (80, 34)), (226, 186, 138)),
            (block(44, 20, 56, 56), CREAM),
        ),
    ),
    "bulb": (
        MIST,
        (
            (circle(50, 40, 26), YELLOW),
            (block(40, 58, 60, 72, 2), YELLOW),
            (block(40, 70, 60, 86, 4), STEEL),
            (stroke(42, 76, 58, 76, 2), INK),
        ),
    ),
}


def draw(name: str) -> bytes:
    """Return one picture as a PNG file."""
    background, layers = PICTURES[name]
    return png(paint(background, layers, SIZE), SIZE)


def main() -> None:
    folder = Path(__file__).parent
    for name in PICTURES:
        (folder / f"{name}.png").write_bytes(draw(name))


if __name__ == "__main__":
    main()
