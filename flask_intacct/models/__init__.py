"""Our tables. ``init_app`` copies them into the host's metadata, so that its migrations and ``create_all`` see them.

Every name is literal, because a host's naming convention may lack the one we would need. Key columns are NOT NULL
("" where there is nothing: NULLs never clash and so guard nothing), except those named ``live`` and ``exclusive``,
which are NULL exactly when they should not clash. There is no foreign key into the host's tables: local ids are text.
"""

from ..clock import UtcDateTime as UtcDateTime
from .base import MAX_ID as MAX_ID
from .base import SCHEMA_VERSION as SCHEMA_VERSION
from .base import Base as Base
from .base import MessageText as MessageText
from .base import now as now
from .connection import Connection as Connection
from .connection import Gate as Gate
from .connection import Lease as Lease
from .connection import Meta as Meta
from .connection import Session as Session
from .connection import SignIn as SignIn
from .record import Cursor as Cursor
from .record import Link as Link
from .record import Record as Record
from .record import Rejection as Rejection
from .record import Touch as Touch
from .states import IllegalTransition as IllegalTransition
from .states import transition as transition
from .states import transition_all as transition_all
from .work import Attempt as Attempt
from .work import Dismissal as Dismissal
from .work import Event as Event
from .work import Issue as Issue
from .work import Notice as Notice
from .work import Operation as Operation
from .work import Phase as Phase
from .work import Run as Run
