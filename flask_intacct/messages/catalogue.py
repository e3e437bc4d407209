"""All literals by the ids of their messages, from the shelves."""

from __future__ import annotations

from .causes import CAUSES
from .connecting import CONNECTING
from .deciding import DECIDING
from .documents import DOCUMENTS
from .evidence import EVIDENCE
from .failures import FAILURES
from .lacking import LACKING
from .marks import Literals
from .overrides import OVERRIDES
from .plan import PLAN
from .reading import READING
from .runs import RUNS
from .sending import SENDING
from .tables import TABLES
from .words import WORDS

SHELVES = (
    WORDS,
    CAUSES,
    CONNECTING,
    DECIDING,
    DOCUMENTS,
    EVIDENCE,
    FAILURES,
    LACKING,
    OVERRIDES,
    PLAN,
    READING,
    RUNS,
    SENDING,
    TABLES,
)

CATALOGUE: Literals = {id: literal for shelf in SHELVES for id, literal in shelf.items()}
