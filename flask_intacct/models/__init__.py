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
from .connection import ClosedPeriod as ClosedPeriod
from .connection import Connection as Connection
from .connection import Gate as Gate
from .connection import Lease as Lease
from .connection import Meta as Meta
from .connection import Session as Session
from .connection import SignIn as SignIn
from .delivery import Delivery as Delivery
from .document import DocumentColumns as DocumentColumns
from .exchange import ApiUsage as ApiUsage
from .exchange import Attempt as Attempt
from .exchange import Exchange as Exchange
from .exchange import ExchangeOperation as ExchangeOperation
from .exchange import folded as folded
from .link import Link as Link
from .link import LinkUse as LinkUse
from .link import LinkValue as LinkValue
from .link import Rejection as Rejection
from .link import Touch as Touch
from .operation import UNDER_WAY as UNDER_WAY
from .operation import Operation as Operation
from .operation import OperationDependency as OperationDependency
from .plan import PlanItem as PlanItem
from .plan import Total as Total
from .record import Cursor as Cursor
from .record import Record as Record
from .states import IllegalTransition as IllegalTransition
from .states import transition as transition
from .states import transition_all as transition_all
from .token import Token as Token
from .work import Dismissal as Dismissal
from .work import Event as Event
from .work import Issue as Issue
from .work import Notice as Notice
from .work import Phase as Phase
from .work import Run as Run
