"""Messages: what our own code has to say to people, kept as an id and values, and rendered when it is shown.

The literals are in the shelves of the catalogue. An id is never used again for another meaning: `tests/messages.lock`
holds all that there ever were.
"""

from .message import NOTHING as NOTHING
from .message import Message as Message
from .message import dotted as dotted
from .message import dump as dump
from .message import kept as kept
from .message import listed as listed
from .message import load as load
from .message import named as named
from .message import noun as noun
from .message import plain as plain
from .message import quoted as quoted
from .message import read as read
from .message import render as render
from .message import sentence as sentence
from .message import sentences as sentences
