"""Values, filters, old functions: what is written and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_intacct.gateway import Client, Function, UserFormat, formats, functions
from flask_intacct.gateway import filters as f
from flask_intacct.gateway.errors import RequestError, UnknownFormat
from flask_intacct.gateway.redact import Secrets, redact

from .canned import Canned, CannedGateway, reply, result

JUNE = date(2025, 6, 1)


@pytest.mark.parametrize(("text", "value"), [("06/01/2025", JUNE), ("6/1/2025", JUNE), ("06/01/2025 10:00:00", JUNE)])
def test_dates_are_read(text: str, value: date) -> None:
    assert formats.to_date(text) == value


@pytest.mark.parametrize(
    "text", ["2025-06-01", "13/01/2025", "06/01/25", "06/01/2025x", "June", "\N{ARABIC-INDIC DIGIT SIX}/1/2025"]
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day"):
        formats.to_date(text)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_dates_survive_both_ways(value: date) -> None:
    assert formats.to_date(formats.from_date(value)) == value


def test_timestamps_are_utc_and_honour_the_users_offset() -> None:
    assert formats.to_timestamp("06/01/2025 10:00:00") == datetime(2025, 6, 1, 10, tzinfo=UTC)
    behind = UserFormat(offset=timedelta(hours=-8))
    assert formats.to_timestamp("06/01/2025 10:00:00", behind) == datetime(2025, 6, 1, 18, tzinfo=UTC)
    moment = datetime(2025, 6, 1, 18, tzinfo=UTC)
    assert formats.from_timestamp(moment, behind) == "06/01/2025 10:00:00"
    assert formats.from_timestamp(moment.astimezone(timezone(timedelta(hours=2)))) == "06/01/2025 18:00:00"


@pytest.mark.parametrize("text", ["12/31/9999 23:59:59", "13/01/2025 00:00:00", "06/01/2025 25:00:00"])
def test_times_that_can_not_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month|hour"):
        formats.to_timestamp(text, UserFormat(offset=timedelta(hours=-8)))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.from_timestamp(datetime(2025, 6, 1))  # noqa: DTZ001


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_decimals_are_exact_both_ways(value: Decimal) -> None:
    assert formats.to_decimal(formats.to_text(value)) == value


@pytest.mark.parametrize("text", ["1,000.00", "1e5", "NaN", "12.3.4", "£5", "\N{ARABIC-INDIC DIGIT THREE}"])
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        formats.to_decimal(text)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("F", False), ("T", True), ("FALSE", False), ("", None), (None, None)]
)
def test_booleans_are_read(text: str | None, value: bool | None) -> None:
    assert formats.to_bool(text) is value


def test_null_and_absent_differ_from_empty_only_by_name() -> None:
    row = {"A": None, "B": " x ", "C": [{"D": "1"}]}
    assert (formats.text(row, "A"), formats.text(row, "B"), formats.text(row, "Z")) == ("", "x", "")
    assert formats.lines(row, "C") == [{"D": "1"}]
    assert formats.lines(row, "A") == []
    assert [formats.to_date(""), formats.to_timestamp(None), formats.to_decimal(" ")] == [None, None, None]


@pytest.mark.parametrize("value", [1.5, object(), Decimal("NaN"), b"x", datetime(2025, 1, 1)])  # noqa: DTZ001
def test_values_without_an_exact_form_are_refused(value: object) -> None:
    with pytest.raises(RequestError):
        formats.to_text(value)


@given(st.text())
def test_cleaned_text_is_always_xml(value: str) -> None:
    ElementTree.fromstring(f"<a>{formats.clean(value).replace('&', '&amp;').replace('<', '&lt;')}</a>")


@pytest.mark.parametrize("name", ["", "1a", "a b", "a><b", "@x", "#text", "xmlns", "a" * 200, "é"])
def test_odd_element_names_are_refused(name: str) -> None:
    with pytest.raises(RequestError):
        Function("create", {"CLASS": {name: "x"}})


GOOD = {"RECORDNO": "48", "LOCALE": "en_US", "DATEFORMAT": "/mdY", "GMTOFFSET": "-0800", "CLOCK": "24"}
AFTERNOON = datetime(2026, 3, 4, 15, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "day", "moment"),
    [
        ({"GMTOFFSET": "+0000"}, "03/04/2026", "03/04/2026 15:05:09"),
        ({"GMTOFFSET": "+0000", "DATEFORMAT": "/dmY", "LOCALE": "en_GB"}, "04/03/2026", "04/03/2026 15:05:09"),
        ({"GMTOFFSET": "+09:30", "DATEFORMAT": ".ymd", "CLOCK": "12"}, "26.03.04", "26.03.05 12:35:09 AM"),
        ({"GMTOFFSET": "-0800", "DATEFORMAT": "-Ymd", "CLOCK": "12"}, "2026-03-04", "2026-03-04 07:05:09 AM"),
        ({"GMTOFFSET": "-0030", "DATEFORMAT": "mdY"}, "03 04 2026", "03 04 2026 14:35:09"),
        ({"GMTOFFSET": "+0000", "CLOCK": "12"}, "03/04/2026", "03/04/2026 03:05:09 PM"),
    ],
)
def test_dates_and_times_are_read_and_written_in_the_users_form(change: dict[str, str], day: str, moment: str) -> None:
    form = UserFormat.parse(GOOD | change)
    assert formats.to_date(day, form) == date(2026, 3, 4)
    dated = formats.to_date(moment, form)
    assert dated is not None
    assert dated.replace(day=4) == date(2026, 3, 4)
    assert formats.to_timestamp(moment, form) == AFTERNOON
    assert (formats.from_date(date(2026, 3, 4), form), formats.from_timestamp(AFTERNOON, form)) == (day, moment)
    assert UserFormat.parse(form.row()) == form


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2069, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from("/.- "),
    st.sampled_from(["mdY", "dmY", "Ymd", "mdy", "dmy", "ymd"]),
    st.sampled_from(["12", "24"]),
    st.integers(-720, 840),
)
def test_times_survive_both_ways_in_every_form(
    moment: datetime, separator: str, order: str, clock: str, minutes: int
) -> None:
    form = UserFormat(date_format=separator + order, offset=timedelta(minutes=minutes), clock=clock)
    moment = moment.replace(microsecond=0)
    assert formats.to_timestamp(formats.from_timestamp(moment, form), form) == moment


@pytest.mark.parametrize(
    "change",
    [
        *({"DATEFORMAT": order} for order in (None, "", "/", "/mdx", "/ydm", "/mdYY", "_mdY", "/MdY", "mdYY", "/m/Y")),
        *({"CLOCK": clock} for clock in (None, "", "23")),
        *({"LOCALE": locale} for locale in (None, "", "de_DE", "en_ZA", "fr_CA")),
        *({"GMTOFFSET": offset} for offset in ("", None, "PST", "+9900", "+0075", "+1430", "-1230", "0800")),
    ],
)
def test_a_format_that_could_be_misread_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UnknownFormat, match="format"):
        UserFormat.parse(GOOD | change)


@pytest.mark.parametrize("offset", ["+0000", "-00:00", "+1400", "-1200", "+0545", "+09:30"])
def test_offsets_come_with_and_without_a_colon(offset: str) -> None:
    UserFormat.parse(GOOD | {"GMTOFFSET": offset})


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026 15:05:09 +0000", "03/04/2026 15:05:09Z", "03/04/2026 16:05:09+01:00", "03/04/2026 03:05:09 PM z",
        "03/05/2026 00:35:09 +0930", "03/04/2026T07:05:09-0800", "03/04/2026 07:05:09",
    ],
)  # fmt: skip
def test_a_time_that_tells_its_own_zone_is_read_in_that(text: str) -> None:
    assert formats.to_timestamp(text, UserFormat.parse(GOOD)) == AFTERNOON


@pytest.mark.parametrize("zone", ["+9900", "+0075", " PST", " +1", "+01:00:00", " Z Z", "+1430"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match=r"zone|form"):
        formats.to_timestamp(f"03/04/2026 15:05:09{zone}")


@pytest.mark.parametrize("text", ["03/04/2026", "4.3.26", "2026.03.04", "26.13.01", "26.03.04 13:00:00 PM"])
def test_what_is_not_of_the_users_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"form|month|hour"):
        formats.to_timestamp(text, UserFormat(date_format=".ymd"))


@pytest.mark.parametrize("time", ["24:00:00", "12:60:00", "12:00:60", "99:99:99", "00:00:00 AM"])
def test_a_time_that_there_is_not_is_refused_for_its_date_too(time: str) -> None:
    with pytest.raises(ValueError, match=r"hour|minute|second"):
        formats.to_date(f"03/04/2026 {time}")


def test_what_is_sent_can_be_held_to_the_documented_form() -> None:
    form = UserFormat.parse(GOOD | {"DATEFORMAT": ".dmy", "CLOCK": "12", "GMTOFFSET": "+0100"}, written="documented")
    assert formats.from_date(date(2026, 3, 4), form) == "03/04/2026"
    assert formats.from_timestamp(AFTERNOON, form) == "03/04/2026 16:05:09"
    assert formats.to_date("04.03.26", form) == date(2026, 3, 4)


def test_a_year_that_two_digits_can_not_tell_is_not_written() -> None:
    with pytest.raises(ValueError, match="1969"):
        formats.from_date(date(1969, 1, 1), UserFormat(date_format="/mdy"))


@pytest.mark.parametrize(("text", "value"), [("12", 12), ("12.0", 12), ("-3.00", -3), ("", None), (None, None)])
def test_whole_numbers_are_read_also_with_a_point(text: str | None, value: int | None) -> None:
    assert formats.to_integer(text) == value


@pytest.mark.parametrize("text", ["12.5", "1e3", "x"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        formats.to_integer(text)


def test_user_formatting_over_the_wire(gateway: CannedGateway, client: Client) -> None:
    inside = (
        "<data><userformatting><recordno>48</recordno><locale>en_US</locale><dateformat>/mdY</dateformat><gmtoffset>+0100</gmtoffset>"
        "<clock>24</clock></userformatting></data>"
    )
    gateway.script = lambda asked: Canned(reply(asked, result(asked, inside)))
    assert client.user_formatting().offset == timedelta(hours=1)
    assert gateway.calls[0].function["readUserFormatting"] == {"userId": "ws"}


def test_filters_write_the_gateways_elements() -> None:
    made = f.all_(
        f.eq("STATE", "Posted"),
        f.ge("WHENMODIFIED", datetime(2025, 6, 1, tzinfo=UTC)),
        None,
        f.any_(f.is_null("A"), f.is_not_null("B"), f.between("C", 1, 2)),
        f.eq("D", True),
    )
    assert made.body() == {
        "and": {
            "equalto": [{"field": "STATE", "value": "Posted"}, {"field": "D", "value": "true"}],
            "greaterthanorequalto": [{"field": "WHENMODIFIED", "value": "06/01/2025 00:00:00"}],
            "or": [
                {
                    "isnull": [{"field": "A"}],
                    "isnotnull": [{"field": "B"}],
                    "between": [{"field": "C", "value": ["1", "2"]}],
                }
            ],
        }
    }


def test_every_comparison_has_its_element() -> None:
    made = [f.ne("A", 1), f.lt("A", 1), f.le("A", 1), f.gt("A", 1), f.like("A", "x%"), f.not_like("A", "x_")]
    assert [part.operator for part in made] == [
        "notequalto",
        "lessthan",
        "lessthanorequalto",
        "greaterthan",
        "like",
        "notlike",
    ]
    assert f.not_in("A", [1]).body() == {"notin": {"field": "A", "value": "1"}}


def test_long_lists_are_split_at_the_gateways_limit() -> None:
    made = f.in_("A", range(2500))
    assert made.operator == "or"
    assert [len(part.values) for part in made.parts] == [1000, 1000, 500]
    assert f.not_in("A", range(1001)).operator == "and"


def test_one_condition_stands_alone() -> None:
    assert f.all_(f.eq("A", 1), None) == f.any_(f.eq("A", 1)) == f.eq("A", 1)


@pytest.mark.parametrize(
    "wrong",
    [lambda: f.in_("A", []), lambda: f.all_(None), lambda: f.eq("A", None), lambda: f.eq("A><", 1)],
)
def test_conditions_that_say_nothing_are_refused(wrong: Callable[..., Any]) -> None:
    with pytest.raises(RequestError):
        wrong()


@pytest.mark.parametrize(
    "options", [{"page_size": 0}, {"page_size": 2001}, {"offset": -1}, {"fields": ["*"]}, {"fields": []}]
)
def test_queries_that_the_gateway_would_refuse_are_not_built(options: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        functions.query("CLASS", **({"fields": ["NAME"]} | options))


def test_redaction_masks_secrets_wherever_they_stand() -> None:
    text = (
        "<control><senderid>me</senderid><password>p1</password></control><LOGIN><userid>u1</userid></LOGIN>"
        '<sessionid a="b">s1</sessionid><VENDOR.ACHACCOUNTNUMBER>n1</VENDOR.ACHACCOUNTNUMBER><password/>'
        "<IBAN><![CDATA[i1<x>]]></IBAN><filter><field>TAXID</field><value>t1</value><value>t2</value></filter>"
        "<query>TAXID = 't3' AND NAME like 'kept'</query><Password>cut off"
    )
    kept = redact(text.encode())
    for secret in ("p1", "u1", "s1", "n1", "i1", "t1", "t2", "t3", "cut off"):
        assert secret not in kept
    for plain in ("<senderid>me</senderid>", "kept", "<password/>"):
        assert plain in kept


def test_redaction_keeps_logs_short() -> None:
    kept = redact(b"<a>" + b"x" * 1_000_000)
    assert len(kept) < 101_000
    assert kept.endswith("bytes in all)")


def test_other_builders_write_their_elements(gateway: CannedGateway, client: Client) -> None:
    client.execute(
        [
            functions.read_related("CLASS", [1, 2], "RUDD", ["NAME"], control_id="1"),
            functions.get_list("supdoc", start=10, most=5, control_id="2"),
            functions.delete("CLASS", [3, 4], control_id="3"),
            functions.update("CLASS", {"RECORDNO": 3, "NAME": ""}, {"RECORDNO": 4}, control_id="4"),
            functions.inspect("APBILL", True, control_id="5"),
        ]
    )
    related, listed, deleted, updated, inspected = gateway.calls[0].functions
    assert related["readRelated"] == {"object": "CLASS", "keys": "1,2", "relation": "RUDD", "fields": "NAME"}
    assert listed["get_list"] == {"@object": "supdoc", "@start": "10", "@maxitems": "5"}
    assert deleted["delete"] == {"object": "CLASS", "keys": "3,4"}
    assert updated["update"] == {"CLASS": [{"RECORDNO": "3", "NAME": None}, {"RECORDNO": "4"}]}
    assert inspected["inspect"] == {"@detail": "1", "object": "APBILL"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8"])
def test_redaction_masks_secrets_in_other_encodings(encoding: str) -> None:
    assert "s3cret" not in redact("<password>s3cret</password>".encode(encoding)).replace("\0", "")


@pytest.mark.parametrize(
    "form",
    ["a&'b<c", "a&amp;'b&lt;c", "a&amp;&#039;b&lt;c", "a&amp;amp;'b&amp;lt;c", "a%26%27b%3Cc", "a&amp;&#x27;b&lt;c"],
)
def test_a_known_secret_is_masked_in_any_of_its_forms(form: str) -> None:
    assert redact(f"<p>it was {form}.</p>".encode(), Secrets("a&'b<c", "", "abc")) == "<p>it was ***.</p>"
