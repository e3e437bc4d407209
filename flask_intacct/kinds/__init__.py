"""The registry of kinds: what differs from kind to kind stands here, and nowhere else.

A kind is one row of :mod:`.table` for each role it has. Kinds of documents have a :class:`Shape` besides: their side,
and the names of their fields in Intacct.
"""

from .fields import DIMENSION as DIMENSION
from .fields import DIMENSION_OBJECTS as DIMENSION_OBJECTS
from .fields import STAMP as STAMP
from .fields import TAX_RECORD_FIELDS as TAX_RECORD_FIELDS
from .fields import TAX_RECORDS as TAX_RECORDS
from .fields import without as without
from .forms import Form as Form
from .forms import LineForm as LineForm
from .kind import ACCOUNT as ACCOUNT
from .kind import BILL as BILL
from .kind import CONTACT as CONTACT
from .kind import CUSTOMER as CUSTOMER
from .kind import INVOICE as INVOICE
from .kind import PAYABLE as PAYABLE
from .kind import PURCHASE as PURCHASE
from .kind import RECEIVABLE as RECEIVABLE
from .kind import SALE as SALE
from .kind import SIDES as SIDES
from .kind import TAX_TYPE as TAX_TYPE
from .kind import TRACKING_CATEGORY as TRACKING_CATEGORY
from .kind import TRACKING_OPTION as TRACKING_OPTION
from .kind import VENDOR as VENDOR
from .kind import Kind as Kind
from .kind import Shape as Shape
from .kind import Side as Side
from .table import MATCHED as MATCHED
from .table import added as added
from .table import documents as documents
from .table import each as each
from .table import key as key
from .table import kind as kind
from .table import module as module
from .table import named as named
from .table import right as right
from .table import role_of as role_of
from .table import roles as roles
from .table import shape as shape
from .table import side as side
