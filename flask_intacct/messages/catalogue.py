"""All literals by the ids of their messages, from the shelves."""

from __future__ import annotations

from .connecting import CONNECTING
from .deciding import DECIDING
from .documents import DOCUMENTS
from .evidence import EVIDENCE
from .failures import FAILURES
from .marks import Literals
from .overrides import OVERRIDES
from .plan import PLAN
from .reading import READING
from .runs import RUNS
from .sending import SENDING
from .words import WORDS

SHELVES = (WORDS, FAILURES, READING, SENDING, RUNS, PLAN, DECIDING, CONNECTING, DOCUMENTS, EVIDENCE, OVERRIDES)

CATALOGUE: Literals = {id: literal for shelf in SHELVES for id, literal in shelf.items()}
