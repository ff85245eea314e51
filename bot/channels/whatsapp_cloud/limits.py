"""What the Graph API takes at most: one table. Lengths are in UTF-16 units.

Meta does not say what it counts; UTF-16 units are never fewer than code points.
Source: Meta's OpenAPI document (v23.0); text body, callback data and the rows of all
sections together: Meta's Cloud API reference, "Messages".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    name: str  #: As said to people: "the title of a button".
    most: int


TEXT_BODY = Limit("the text", 4096)
INTERACTIVE_BODY = Limit("the text above the choices", 1024)
CAPTION = Limit("the caption", 1024)
HEADER = Limit("the header", 60)
FOOTER = Limit("the footer", 60)
BUTTONS = Limit("the buttons", 3)
BUTTON_TITLE = Limit("the title of a button", 20)
BUTTON_ID = Limit("the id of a button", 256)
LIST_BUTTON = Limit("the button that opens the list", 20)
ROWS = Limit("the rows of a list", 10)
ROW_TITLE = Limit("the title of a row", 24)
ROW_DESCRIPTION = Limit("the description of a row", 72)
ROW_ID = Limit("the id of a row", 200)
RECIPIENT = Limit("the recipient", 160)
CALLBACK = Limit("the callback data", 512)
