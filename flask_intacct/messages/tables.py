"""What the host's own rows and tables do not give or take."""

from __future__ import annotations

from .marks import Literals, literal

TABLES: Literals = {
    "exception": literal("%(what)s (reference %(reference)s)"),
    "exception.at": literal("%(kind)s in %(place)s"),
    "exception.of": literal("%(kind)s of %(constraint)s"),
    "entry.fails": literal("%(entry)s= fails: %(reason)s"),
    "entry.no_money": literal("%(entry)s= gives %(value)s, which is no amount of money"),
    "entry.no_number": literal("%(entry)s= gives %(value)s, which is no number"),
    "entry.no_date": literal("%(entry)s= gives %(value)s, which is no date"),
    "entry.other_row": literal("%(entry)s= gives a %(model)s, which is described as no %(noun)s"),
    "entry.several": literal("several rows of %(source)s have %(values)s there"),
    "entry.word": literal("%(entry)s %(word)s"),
    "entry.word.status": literal("status"),
    "entry.word.type": literal("type"),
    "entry.word.control": literal("control account"),
    "entry.word.role": literal("role"),
    "entry.word.roles": literal("roles"),
    "unlisted.roles": literal("It counts as no role."),
    "unlisted.type": literal("It counts as an account of no known type."),
    "unlisted.status": literal("They count as drafts and are never sent."),
    "column": literal("%(column)s of the table %(table)s"),
    "column.unfilled": literal("the column %(column)s must be filled, and no entry fills it"),
    "column.no_word": literal("the column %(column)s knows no %(value)s"),
    "column.longest": literal("the column %(column)s takes at most %(longest)s characters"),
    "column.value": literal("the column %(column)s can't hold %(value)s"),
    "column.text": literal("the column %(column)s can't hold text"),
    "column.other": literal("the column %(column)s can't hold a %(type)s"),
    "column.taken": literal("the column %(column)s holds each value once, and a row here has %(value)s"),
    "column.twice": literal(
        "the column %(column)s holds each value once, and another record that comes in has %(value)s"
    ),
    "table.default": literal(
        "The default of the column %(columns)s of the table %(table)s failed: %(reason)s. A worker has no request and"
        " nobody signed in: fill the column in create=."
    ),
    "table.refuses": literal(
        "The table %(table)s does not take it: %(reason)s. Use create= or update= to give it what it wants."
    ),
    "table.refuses_column": literal(
        "The table %(table)s does not take it (column %(columns)s): %(reason)s. Use create= or update= to give it what"
        " it wants."
    ),
    "table.refuses_unnamed": literal(
        "The application's table does not take it: %(reason)s. Use create= or update= to give it what it wants."
    ),
    "place.none": literal("the application describes no %(noun)s"),
    "place.contact": literal("its %(role)s can't be brought in: %(reason)s"),
    "keep.unknown": literal("it can't be told whether it is still needed (%(reason)s)"),
    "keep.unsaid": literal("the application did not say whether it is still needed"),
}
