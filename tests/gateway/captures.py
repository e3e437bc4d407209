"""Replies as a gateway would write them, for the explanation of captured ones."""

from __future__ import annotations

import re

CONTROL = (
    "<control><status>{}</status><senderid>me</senderid><controlid>2026-06-01</controlid><uniqueid>false</uniqueid>"
    "<dtdversion>3.0</dtdversion></control>"
)
SIGNED_IN = (
    "<authentication><status>success</status><userid>ws</userid><companyid>acme</companyid><locationid></locationid>"
    "<sessiontimestamp>2026-06-01T08:00:00+00:00</sessiontimestamp>"
    "<sessiontimeout>2026-06-01T14:00:00+00:00</sessiontimeout></authentication>"
)


def fault(errorno: str, text: str = "", correction: str = "") -> str:
    return (
        f"<error><errorno>{errorno}</errorno><description></description><description2>{text}</description2>"
        f"<correction>{correction}</correction></error>"
    )


def faults(*given: str) -> str:
    return f"<errormessage>{''.join(given)}</errormessage>"


def result(status: str, function: str, control_id: str, inside: str = "") -> str:
    return (
        f"<result><status>{status}</status><function>{function}</function><controlid>{control_id}</controlid>"
        f"{inside}</result>"
    )


def reply(*results: str, authentication: str = SIGNED_IN, control: str = "success") -> bytes:
    operation = f"<operation>{authentication}{''.join(results)}</operation>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<response>{CONTROL.format(control)}{operation}</response>'.encode()


def refused(*given: str) -> bytes:
    return f"<response>{CONTROL.format('failure')}{faults(*given)}</response>".encode()


def not_signed_in(*given: str, user: str = "ws") -> bytes:
    failure = f"<authentication><status>failure</status><userid>{user}</userid><companyid></companyid></authentication>"
    return reply(faults(*given), authentication=failure)


CUSTOMERS = (
    '<data listtype="CUSTOMER" totalcount="5" offset="0" count="2" numremaining="3"><CUSTOMER><RECORDNO>1</RECORDNO>'
    "</CUSTOMER><CUSTOMER><RECORDNO>2</RECORDNO></CUSTOMER></data>"
)
MADE = '<data listtype="objects" count="1"><class><RECORDNO>5</RECORDNO><CLASSID>A</CLASSID></class></data>'
BAD = fault("BL01001973", "Could not create Class record!")
TAKEN = fault("BL34000061", "Another Class with the given value(s) A  already exists", "Use a unique value instead.")
UNDONE = fault("XL03000009", "The entire transaction in this operation has been rolled back due to an error.")
EXPIRED = fault("XL03000006", "Invalid session q.... [Support ID: Xpw%7EE02]")

# name: HTTP status, body, conclusion, error numbers, and per result: status, rows, written
CAPTURES: dict[str, tuple[int, bytes, str, list[str], list[tuple[str, int, int]]]] = {
    "query": (200, reply(result("success", "query", "q", CUSTOMERS)), "success", [], [("success", 2, 0)]),
    "nothing found": (
        200,
        reply(result("success", "readByQuery", "q", '<data listtype="customer" count="0" resultId=""/>')),
        "success",
        [],
        [("success", 0, 0)],
    ),
    "session": (
        200,
        reply(
            result(
                "success",
                "getAPISession",
                "s",
                "<data><api><sessionid>x</sessionid><endpoint>https://p1.intacct.com/ia/xml/xmlgw.phtml</endpoint>"
                "<locationid></locationid></api></data>",
            )
        ),
        "success",
        [],
        [("success", 1, 0)],
    ),
    "create": (200, reply(result("success", "create", "c", MADE)), "success", [], [("success", 1, 1)]),
    "old create": (
        200,
        reply(result("success", "create_invoice", "c", "<key>35</key>")),
        "success",
        [],
        [("success", 0, 1)],
    ),
    "delete": (200, reply(result("success", "delete", "d")), "success", [], [("success", 0, 0)]),
    "failure": (
        200,
        reply(result("failure", "create", "c", faults(TAKEN, BAD, BAD))),
        "failure",
        ["BL34000061", "BL01001973", "BL01001973"],
        [("failure", 0, 0)],
    ),
    "failure of a read": (
        200,
        reply(result("failure", "query", "q", faults(fault("Query Failed", "Object definition CUSTOMER1 not found")))),
        "failure",
        ["Query Failed"],
        [("failure", 0, 0)],
    ),
    "number as text": (
        200,
        reply(result("failure", "update", "u", faults(fault("Cannot update non-existing CLASS with CLASSID=UT99.")))),
        "failure",
        ["Cannot update non-existing CLASS with CLASSID=UT99."],
        [("failure", 0, 0)],
    ),
    "failure that counts nothing": (
        200,
        reply(result("failure", "create", "c", '<data listtype="objects" count="0"/>' + faults(BAD))),
        "failure",
        ["BL01001973"],
        [("failure", 0, 0)],
    ),
    "failure that wrote": (
        200,
        reply(result("failure", "create", "c", MADE + faults(TAKEN))),
        "partial",
        ["BL34000061"],
        [("failure", 1, 1)],
    ),
    "failure that wrote, and not what": (
        200,
        reply(result("failure", "create", "c", '<data listtype="objects" count="2"/>' + faults(TAKEN))),
        "partial",
        ["BL34000061"],
        [("failure", 0, 0)],
    ),
    "failure, success, failure": (
        200,
        reply(
            result("failure", "create", "1", faults(BAD)),
            result("success", "create", "2", MADE),
            result("failure", "create", "3", faults(TAKEN)),
        ),
        "partial",
        ["BL01001973", "BL34000061"],
        [("failure", 0, 0), ("success", 1, 1), ("failure", 0, 0)],
    ),
    "rolled back": (
        200,
        reply(
            result("aborted", "create", "1", faults(UNDONE)),
            result("failure", "create", "2", faults(BAD, UNDONE)),
        ),
        "failure",
        ["XL03000009", "BL01001973", "XL03000009"],
        [("aborted", 0, 0), ("failure", 0, 0)],
    ),
    "rolled back, the cause aborted too": (
        200,
        reply(
            result("aborted", "create", "1", faults(TAKEN, UNDONE)),
            result("aborted", "create", "2", faults(UNDONE)),
        ),
        "failure",
        ["BL34000061", "XL03000009", "XL03000009"],
        [("aborted", 0, 0), ("aborted", 0, 0)],
    ),
    "rolled back, and keys told": (
        200,
        reply(
            result("aborted", "create", "1", MADE + faults(UNDONE)),
            result("failure", "create", "2", MADE + faults(BAD, UNDONE)),
        ),
        "failure",
        ["XL03000009", "BL01001973", "XL03000009"],
        [("aborted", 1, 0), ("failure", 1, 0)],
    ),
    "a success rolled back": (
        200,
        reply(result("success", "create", "1", MADE + faults(UNDONE))),
        "failure",
        ["XL03000009"],
        [("success", 1, 0)],
    ),
    "a failure with an empty object": (
        200,
        reply(result("failure", "create", "c", '<data listtype="objects" count="0"><class/></data>' + faults(BAD))),
        "failure",
        ["BL01001973"],
        [("failure", 1, 0)],
    ),
    "an error outside its message": (
        200,
        reply(result("failure", "create", "c", BAD)),
        "failure",
        ["BL01001973"],
        [("failure", 0, 0)],
    ),
    "no control status": (
        200,
        f"<response><control><senderid>me</senderid></control>{faults(BAD)}</response>".encode(),
        "protocol-error",
        ["BL01001973"],
        [],
    ),
    "no control": (200, f"<response>{faults(BAD)}</response>".encode(), "control-failure", ["BL01001973"], []),
    "a control status unknown": (
        200,
        f"<response>{CONTROL.format('perhaps')}</response>".encode(),
        "control-failure",
        [""],
        [],
    ),
    "control refused, and a result": (
        200,
        reply(result("success", "query", "q", CUSTOMERS), control="failure"),
        "control-failure",
        [""],
        [],
    ),
    "no authentication": (200, reply(faults(EXPIRED), authentication=""), "auth-failure", ["XL03000006"], []),
    "no authentication status": (
        200,
        reply(faults(EXPIRED), authentication="<authentication><userid>u</userid></authentication>"),
        "protocol-error",
        ["XL03000006"],
        [],
    ),
    "not signed in, and a result": (
        200,
        not_signed_in(EXPIRED).replace(b"</operation>", result("failure", "query", "q").encode() + b"</operation>"),
        "auth-failure",
        ["XL03000006"],
        [],
    ),
    "errors within the authentication": (
        200,
        reply(authentication=f"<authentication><status>failure</status>{faults(EXPIRED)}</authentication>"),
        "auth-failure",
        ["XL03000006"],
        [],
    ),
    "accepted with errors": (
        200,
        f"<response><acknowledgement><status>success</status></acknowledgement>{CONTROL.format('success')}"
        f"{faults(BAD)}</response>".encode(),
        "control-failure",
        ["BL01001973"],
        [],
    ),
    "signed in, errors and no results": (200, reply(faults(BAD)), "auth-failure", ["BL01001973"], []),
    "in a namespace": (
        200,
        reply(result("success", "query", "q", CUSTOMERS)).replace(b"<response>", b'<response xmlns="urn:x">'),
        "success",
        [],
        [("success", 2, 0)],
    ),
    "in a namespace with a prefix": (
        200,
        re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1i:", reply(result("failure", "create", "c", MADE + faults(TAKEN)))).replace(
            b"<i:response>", b'<i:response xmlns:i="urn:x">'
        ),
        "partial",
        ["BL34000061"],
        [("failure", 1, 1)],
    ),
    "elements of another namespace": (
        200,
        reply(result("success", "query", "q", '<x:status xmlns:x="urn:y">failure</x:status>' + CUSTOMERS)),
        "success",
        [],
        [("success", 2, 0)],
    ),
    "no operation": (200, f"<response>{CONTROL.format('success')}</response>".encode(), "protocol-error", [""], []),
    "comments around": (
        200,
        b"<!-- <response> -->" + reply(result("success", "delete", "d")) + b"<!-- </response> -->",
        "success",
        [],
        [("success", 0, 0)],
    ),
    "a comment that does not end": (
        200,
        b"junk <!-- " + reply(result("success", "delete", "d")),
        "success",
        [],
        [("success", 0, 0)],
    ),
    "a comment within CDATA": (
        200,
        reply(result("success", "query", "q", CUSTOMERS.replace(">1<", "><![CDATA[<!-- ]]><"))),
        "success",
        [],
        [("success", 2, 0)],
    ),
    "two replies": (
        200,
        reply(result("success", "delete", "d")) + reply(result("success", "delete", "d")).partition(b"\n")[2],
        "protocol-error",
        [""],
        [],
    ),
    "an old failure that wrote two": (
        200,
        reply(result("failure", "create_invoice", "c", "<key>35</key><key>36</key>" + faults(BAD))),
        "partial",
        ["BL01001973"],
        [("failure", 0, 2)],
    ),
    "an old failure with an empty key": (
        200,
        reply(result("failure", "create_invoice", "c", "<key/>" + faults(BAD))),
        "failure",
        ["BL01001973"],
        [("failure", 0, 0)],
    ),
    "status unknown": (200, reply(result("perhaps", "query", "q")), "failure", [], [("perhaps", 0, 0)]),
    "wrong password": (
        200,
        not_signed_in(fault("XL03000006", "Sign-in information is incorrect")),
        "auth-failure",
        ["XL03000006"],
        [],
    ),
    "expired session": (200, not_signed_in(EXPIRED, user=""), "auth-failure", ["XL03000006"], []),
    "denied address": (
        200,
        not_signed_in(fault("XL03000006", "IP Address 10.0.0.1 Denied")),
        "auth-failure",
        ["XL03000006"],
        [],
    ),
    "wrong sender": (
        200,
        refused(fault("XL03000006", "Incorrect Intacct XML Partner ID or password.")),
        "control-failure",
        ["XL03000006"],
        [],
    ),
    "denied address before sign-in": (
        200,
        refused(fault("XL03000006", "IP Address 10.0.0.1 Denied")),
        "control-failure",
        ["XL03000006"],
        [],
    ),
    "two faults of the schema": (
        200,
        refused(fault("XL03000003", "XML Parse schema error: a."), fault("XL03000003", "XML Parse schema error: b.")),
        "control-failure",
        ["XL03000003", "XL03000003"],
        [],
    ),
    "status alone": (
        401,
        (
            b"<response><control><status>failure</status></control><errormessage><error><errorno>XMLGW_JPP0002</errorno>"
            b"<description2>Sign-in information is incorrect. Please check your request.</description2></error>"
            b"</errormessage></response>"
        ),
        "control-failure",
        ["XMLGW_JPP0002"],
        [],
    ),
    "no such company": (
        400,
        (
            b"<response><control><status>failure</status></control><errormessage><error><errorno>GW-0011</errorno>"
            b"<description>Invalid Request [Request ID 1]</description></error></errormessage></response>"
        ),
        "control-failure",
        ["GW-0011"],
        [],
    ),
    "errors without an envelope": (
        400,
        b"<errormessage><error><errorno>invalidRequest</errorno></error></errormessage>",
        "control-failure",
        ["invalidRequest"],
        [],
    ),
    "text between errors": (
        400,
        b"<errors>one<error><errorno>GW-0014</errorno></error>two<error>three</error>four</errors>",
        "control-failure",
        ["GW-0014", ""],
        [],
    ),
    "accepted": (
        200,
        f"<response><acknowledgement><status>success</status></acknowledgement>{CONTROL.format('success')}"
        "</response>".encode(),
        "accepted-async",
        [],
        [],
    ),
    "accepted and refused": (
        200,
        not_signed_in(EXPIRED).replace(
            b"<control>", b"<acknowledgement><status>success</status></acknowledgement><control>"
        ),
        "auth-failure",
        ["XL03000006"],
        [],
    ),
    "junk around": (
        200,
        b"\xef\xbb\xbfNotice: something\n" + reply(result("success", "delete", "d")) + b"\n<!-- 12 ms -->",
        "success",
        [],
        [("success", 0, 0)],
    ),
    "shouted": (
        200,
        reply(result("success", "QUERY", "q", CUSTOMERS)).replace(b"response>", b"RESPONSE>"),
        "success",
        [],
        [("success", 2, 0)],
    ),
    "rate limit": (429, b"API rate limit exceeded (GW-0010)", "protocol-error", ["GW-0010"], []),
    "rate limit without a number": (429, b"slow down", "protocol-error", [""], []),
    "html": (503, b"<!DOCTYPE html><html><body>Maintenance</body></html>", "protocol-error", [""], []),
    "html and 200": (200, b"<html><body>Sign in</body></html>", "protocol-error", [""], []),
    "cut short": (200, reply(result("success", "query", "q", CUSTOMERS))[:400], "protocol-error", [""], []),
    "empty": (200, b"", "protocol-error", [""], []),
    "json": (200, b'{"a": 1}', "protocol-error", [""], []),
    "no results": (200, reply(), "protocol-error", [""], []),
    "entities": (200, b'<!DOCTYPE r [<!ENTITY a "x">]><response>&a;</response>', "protocol-error", [""], []),
}
