"""What the Graph API takes at most: one table. Lengths are in UTF-16 units.

Meta does not say what it counts; UTF-16 units are never fewer than code points.
Source: Meta's OpenAPI document (v23.0); text body, callback data and the rows of all
sections together, kinds that it lacks (links, requests for a place): Meta's Cloud API
reference, "Messages"; parameters of templates: "Message templates". Where Meta names no
limit (addresses, file names, ids, reactions), it is what a sound value stays below.
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
LINK_TITLE = Limit("the button that opens the page", 20)
URL = Limit("the address of the page", 2000)
FILENAME = Limit("the name of the file", 240)
SECTIONS = Limit("the sections", 10)
SECTION_TITLE = Limit("the title of a section", 24)
PRODUCTS = Limit("the products of all sections", 30)
RETAILER_ID = Limit("the retailer id of a product", 100)
CATALOG_ID = Limit("the id of the catalog", 100)
TEMPLATE_NAME = Limit("the name of the template", 512)
TEMPLATE_LANGUAGE = Limit("the language of the template", 15)
PARAMETER = Limit("a parameter of the template", 1024)
HEADER_PARAMETER = Limit("the parameter of the template's header", 60)
BUTTON_PARAMETER = Limit("the parameter of the template's button", 2000)
EMOJI = Limit("the reaction", 40)
TARGET = Limit("the id of the message", 200)
RECIPIENT = Limit("the recipient", 160)
CALLBACK = Limit("the callback data", 512)
