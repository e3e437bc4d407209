"""What is compared of two records of a kind, what rules a pair out, and how sure the rest makes us.

Confidence, 0 to 100; from 95 on a pair may be taken without looking at it one by one:

====================  ==========================================================================================
contacts              two of VAT number, e-mail, name, code: 99. Name with postcode or telephone: 98. VAT number: 97
                      (no word of the names in common: 90). E-mail: 96 (80). Name: 95; with another e-mail or
                      postcode 85, with both 70. Code: 40. Other unit: at most 70. Other legal form: at most 60. Other
                      VAT number: at most 50, 30 on one fact.
accounts, options     code and name: 99. Name: 95. Code: 60 with a word in common, else 40.
categories            name: 95.
tax types             code, name, rate and direction: 99; one of code and name with them: 97. Rate and direction: 90.
                      Without a rate to compare, name 80, code 60: never certain.
====================  ==========================================================================================
"""

from __future__ import annotations

from typing import Any

from .. import kinds
from ..ledger import Account, Contact, TaxType, Value
from ..messages import Message, named
from .text import normalise

Facts = dict[str, str]

LEADS: dict[str, tuple[str, ...]] = {
    kinds.TAX_TYPE: ("rate", "code", "name"),
    kinds.ACCOUNT: ("name", "code"),
    kinds.TRACKING_CATEGORY: ("name",),
    kinds.TRACKING_OPTION: ("name", "code"),
    kinds.CONTACT: ("tax_number", "email", "name", "name_postcode", "code"),
}
"""Per kind: the facts that, equal and unique on both sides, bring two records together."""


def facts(kind: str, value: Value) -> Facts:
    """What a record says about who it is, in normal form; what says nothing is "" and equals nothing."""
    if isinstance(value, Contact):
        name, post = normalise.party(value.name), normalise.postcode(value.postcode)
        return {
            "name": name,
            "legal": normalise.legal_form(value.name),
            "code": normalise.code(value.code),
            "email": normalise.email(value.email),
            "tax_number": normalise.tax_number(value.tax_number),
            "postcode": post,
            "unit": normalise.unit(value.name, value.address1, value.address2),
            "phone": normalise.phone(value.phone),
            "name_postcode": f"{name}|{post}" if name and post else "",
        }
    name = normalise.category(value.name) if kind == kinds.TRACKING_CATEGORY else normalise.words(value.name)
    found = {"name": name, "code": normalise.code(value.code)}
    if isinstance(value, TaxType):
        treatment = normalise.treatment(value.name, value.code)
        rate = normalise.rate(value.rate)
        # At 0 % the rate says nothing without the reason for it.
        found |= {
            "percent": rate,
            "treatment": treatment,
            "rate": f"{rate}|{treatment}" if rate and (rate != "0" or treatment) else "",
        }
    if isinstance(value, Account):
        found["type"] = value.type
    return found


def vetoed(kind: str, ours: Facts, theirs: Facts) -> bool:
    """Whether two records can't be the same whatever else agrees. Direction, entity and dimension are held before."""
    if kind == kinds.ACCOUNT:
        return _differ(ours, theirs, "type")
    if kind == kinds.TAX_TYPE:
        if _differ(ours, theirs, "percent"):
            return True
        reverse = "reverse charge"
        if (ours["treatment"] == reverse) != (theirs["treatment"] == reverse):
            return True
        return _differ(ours, theirs, "treatment")
    return False


def judge(kind: str, ours: Facts, theirs: Facts, theirs_code: str) -> tuple[int, tuple[Message, ...]]:
    """The confidence in a pair that agrees in at least one fact, and at most three reasons."""
    reasons = {
        "tax_number": Message("same.tax"),
        "email": Message("same.email"),
        "name": Message("same.name"),
        "code": Message("same.code", code=theirs_code),
    }
    agreed = [name for name in reasons if ours.get(name) and ours.get(name) == theirs.get(name)]
    said = [reasons[name] for name in agreed]
    if kind == kinds.TAX_TYPE:
        return _tax_type(ours, theirs, agreed, said)
    if kind == kinds.CONTACT:
        return _contact(ours, theirs, agreed, said)
    if "name" in agreed:
        return (99 if "code" in agreed else 95), tuple(said)
    return (60 if _share_a_word(ours, theirs) else 40), (*said, Message("but.name"))


def _tax_type(ours: Facts, theirs: Facts, agreed: list[str], said: list[Message]) -> tuple[int, tuple[Message, ...]]:
    if not (ours["percent"] and theirs["percent"]):
        return (80 if "name" in agreed else 60), (*said, Message("same.no_rate"))
    treatment = ours["treatment"] if ours["treatment"] == theirs["treatment"] else ""
    same = (
        Message("same.rate_treatment", rate=ours["percent"], treatment=named("treatment", treatment))
        if treatment
        else Message("same.rate_direction", rate=ours["percent"])
    )
    return (90, 97, 99)[len(agreed)], (same, *said)


def _contact(ours: Facts, theirs: Facts, agreed: list[str], said: list[Message]) -> tuple[int, tuple[Message, ...]]:
    differ = {name: _differ(ours, theirs, name) for name in ("tax_number", "email", "postcode", "legal", "unit")}
    near = [name for name in ("postcode", "phone") if ours[name] and ours[name] == theirs[name] and "name" in agreed]
    if differ["tax_number"]:
        return (30 if len(agreed) == 1 else 50), (*said[:2], Message("but.tax"))
    against: list[Message] = []
    if len(agreed) > 1:
        sure = 99
    elif agreed[0] == "name" and near:
        sure = 98
        said += [{"postcode": Message("same.postcode"), "phone": Message("same.phone")}[name] for name in near]
    elif agreed[0] == "name":
        telling = {"email": Message("but.email"), "postcode": Message("but.postcode")}
        against = [message for name, message in telling.items() if differ[name]]
        sure = (95, 85, 70)[len(against)]
    else:
        related = _share_a_word(ours, theirs) or not (ours["name"] and theirs["name"])
        sure = {"tax_number": (97, 90), "email": (96, 80), "code": (40, 40)}[agreed[0]][0 if related else 1]
        against = [] if related else [Message("but.name")]
    if differ["legal"] and "name" in agreed and "tax_number" not in agreed:
        sure, against = min(sure, 60), [Message("but.legal")]
    if differ["unit"]:
        sure, against = min(sure, 70), [Message("but.unit")]
    return sure, (*said[: 3 - len(against)], *against)


def _differ(ours: Facts, theirs: Facts, name: str) -> bool:
    return bool(ours[name] and theirs[name] and ours[name] != theirs[name])


def _share_a_word(ours: Facts, theirs: Facts) -> bool:
    return not _long_words(ours["name"]).isdisjoint(_long_words(theirs["name"]))


def _long_words(name: str) -> set[Any]:
    return {word for word in name.split() if len(word) > 2 and word not in ("and", "the", "for")}
