"""`retrievepdf`: an invoice as a page to print."""

from __future__ import annotations

import base64

from ..books.documents import find
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.xmltree import upper
from ..store.values import plain


def retrieve_pdf(call: Call) -> str:
    """The invoice that is named by its record number."""
    node = upper(call.node)
    asked = node.children[0] if len(node.children) == 1 else None
    if asked is None or asked.tag != "ARINVOICE":
        name = asked.tag[:40] if asked is not None else "nothing"
        raise refuse("DL02000001", f"API operation 'RETRIEVEPDF' cannot be performed on objects of type {name}")
    call.need("READ", "ARINVOICE")
    key = upper(asked).get("RECORDNO")
    if not key:
        raise invalid("The required field RECORDNO is missing.")
    row = find(call, "ARINVOICE", key)
    lines = [
        f"Invoice {row['RECORDID']} (simulated)",
        f"{row.get('CUSTOMERNAME', '')}  {plain(row['WHENCREATED'])}",
        f"{plain(row['TRX_TOTALENTERED'])} {row['CURRENCY']}",
    ]
    content = base64.b64encode(_page(lines)).decode()
    return f"<data><arinvoice>{element('recordno', key)}{element('pdfdata', content)}</arinvoice></data>"


def _page(lines: list[str]) -> bytes:
    """A PDF of one page."""
    safe = [
        line.encode("latin-1", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"") for line in lines
    ]
    drawn = b"BT /F1 12 Tf 72 760 Td 16 TL " + b" ".join(b"(" + line + b") Tj T*" for line in safe) + b" ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return body + head + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
