"""London's people whom nobody finds in Intacct at a glance; a person who looks at what each side has can tell them."""

from __future__ import annotations

from typing import Any

_NOTHING = {"email": "", "phone": "", "tax_id": "", "address1": "", "postcode": ""}

# Intacct's customer or vendor to what this office has otherwise; all else is the same.
DOUBTS: dict[str, dict[str, Any]] = {
    # One record may be it: she has another name and home, a couple pays for its one customer, they moved.
    "C10125": {"name": "Laura Hayes", "phone": "", "address1": "31 Canal Road", "postcode": "SW9 8LP"},
    "C10209": {"name": "Marcus & Sophie Kennedy", **_NOTHING},
    "C10216": {"email": "", "tax_id": "", "phone": "020 7946 0112", "address1": "8 Canal Road", "postcode": "N1 4AB"},
    # Two may be it: initials, father and son, branches of a firm.
    "C10207": {"name": "R. Simpson", **_NOTHING, "email": "rebecca@mail.example"},
    "C10276": {"name": "Simpson, R.", **_NOTHING, "email": "rosie@mail.example"},
    "C10259": {"name": "I. Coleman", "email": "", "phone": ""},
    "C10260": {"name": "I. Coleman (son)", "email": "", "phone": ""},
    "C10184": {"name": "Fountain Studio", **_NOTHING},
    "C10185": {"name": "Fountain Studio, second shop", **_NOTHING},
    "V20045": {"name": "Russell Compass", **_NOTHING},
    "V20046": {"name": "Russell Compass 2", **_NOTHING},
}

# A newcomer's reference, and the name, which a customer of Intacct in another town has too.
NAMESAKES = {"N10001": "Naomi Wong"}
