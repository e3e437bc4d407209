"""Legal forms: whatever a register writes in full or with dots is the same form."""

import pytest

from flask_intacct.matching.contacts.parties import party


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brzoza Sp. z o.o.", "BRZOZA SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ"),
        ("Birk A/S", "BIRK AS"),
        ("Betulla Società a responsabilità limitata", "BETULLA S.R.L."),
        ("Bouleau Société à responsabilité limitée", "BOULEAU SARL"),
        ("SCI Bouleau", "Bouleau Société Civile Immobilière"),
        ("Shirakaba Kabushiki Kaisha", "SHIRAKABA K.K."),
        ("Bříza s.r.o.", "BŘÍZA spol. s r.o."),
        ("Birch Pty Ltd", "BIRCH PTY. LIMITED"),
        ("Birch Private Limited", "Birch Pvt Ltd"),
        ("Birch LLP", "Birch Limited Liability Partnership"),
        ("AB Björk", "Björk Aktiebolag"),
        ("Berk N.V.", "Berk Naamloze Vennootschap"),
        ("Koivu Oy", "KOIVU OSAKEYHTIÖ"),
        ("Abedul SL", "ABEDUL SOCIEDAD LIMITADA"),
        ("Birke UG", "Birke UG (haftungsbeschränkt)"),
        ("Birke e.V.", "BIRKE EV"),
    ],
)
def test_form_in_full_is_the_form_in_short(one: str, other: str) -> None:
    left, right = party(one), party(other)
    assert (left.words, left.legal) == (right.words, right.legal)
    assert left.legal


@pytest.mark.parametrize("name", ["Private Limited", "AB", "Partnership for Birches", "The Company"])
def test_name_that_is_but_a_form_stays_a_name(name: str) -> None:
    assert party(name).words


def test_different_forms_stay_apart() -> None:
    assert party("Birch Ltd").legal != party("Birch LLP").legal
