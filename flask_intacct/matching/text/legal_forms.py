"""Legal forms of companies in many countries: what is written in full or with dots becomes one short word."""

from __future__ import annotations

import re

_FORMS = {
    "ltd": "ltd limited ltda lda limitada limitata teoranta teo pty pte pvt",
    "plc": "plc",
    "llp": "llp",
    "llc": "llc",
    "lp": "lp",
    "inc": "inc incorporated",
    "corp": "corp corporation",
    "cic": "cic cio",
    "dac": "dac",
    "ulc": "ulc unltd unlimited",
    "gmbh": "gmbh mbh ges gesmbh ggmbh",
    "ug": "ug",
    "ag": "ag",
    "kg": "kg kgaa",
    "ohg": "ohg gbr",
    "ek": "ek",
    "eg": "eg egmbh",
    "ev": "ev",
    "se": "se",
    "sarl": "sarl srl eurl sprl bvba",
    "sas": "sas sasu",
    "sa": "sa spa saa sae",
    "sci": "sci scs snc scop",
    "sab": "sab",
    "bv": "bv",
    "nv": "nv",
    "vof": "vof cv",
    "ab": "ab publ",
    "as": "as asa aps",
    "oy": "oy oyj abp",
    "pt": "pt tbk",
    "sia": "sia",
    "uab": "uab",
    "sl": "sl slu sau",
    "kft": "kft zrt nyrt bt",
    "doo": "doo dd ad eood ood",
    "sro": "sro spzoo",
    "kk": "kk",
    "bhd": "bhd sdn berhad",
    "ooo": "ooo oao zao pao ao",
}
LEGAL: dict[str, str] = {word: form for form, words in _FORMS.items() for word in words.split()}
"""The form of each word that stands for one; words of one form go together."""

SILENT = frozenset({
    "co", "company", "cie", "compagnie", "und", "and", "et", "en", "y", "e", "the", "of", "le", "la", "les", "de",
    "der", "die", "das", "el", "los",
})  # fmt: skip
"""Words that carry no name of their own where a legal form stands, or at the head."""

ANYWHERE = frozenset({
    "ltd", "limited", "gmbh", "plc", "llc", "llp", "inc", "incorporated", "corp", "corporation", "sarl", "bv", "ltda",
})  # fmt: skip
"""Forms that are taken off from the middle of a name, too."""

FIRST = frozenset({
    "sarl", "sas", "sasu", "sci", "eurl", "snc", "ab", "ooo", "oao", "zao", "pao", "ao", "pt", "sia", "uab",
})  # fmt: skip
"""Forms that may stand before a name: "SCI du Lac", "AB Volvo"."""

_IN_FULL = (
    (r"gesellschaft (?:mit beschrankter haftung|m\.? ?b\.? ?h\b\.?)", "gmbh"),
    (r"ug ?\(?haftungsbeschrankt\)?", "ug"),
    (r"aktiengesellschaft|akciova spolecnost", "ag"),
    (r"kommanditgesellschaft(?: auf aktien| auf)?", "kg"),
    (r"offene handelsgesellschaft|gesellschaft burgerlichen rechts", "ohg"),
    (r"eingetragene genossenschaft", "eg"),
    (r"eingetragener verein|e\. ?v\.", "ev"),
    (r"eingetragener kaufmann", "ek"),
    (r"besloten vennootschap(?: met beperkte aansprakelijkheid)?", "bv"),
    (r"naamloze vennootschap", "nv"),
    (r"community interest company", "cic"),
    (r"designated activity company", "dac"),
    (r"unlimited company", "ulc"),
    (r"limited liability company", "llc"),
    (r"limited liability partnership", "llp"),
    (r"limited partnership", "lp"),
    (r"public limited company", "plc"),
    (r"private limited|proprietary limited|private company limited by shares", "ltd"),
    (r"societe anonyme|societa per azioni|spolka akcyjna", "sa"),
    (r"sociedad anonima(?: de capital variable)?|sociedade anonima", "sa"),
    (r"societe a responsabilite limitee|societa a responsabilita limitata", "sarl"),
    (r"sociedad de responsabilidad limitada", "sarl"),
    (r"societe par actions simplifiee(?: unipersonnelle)?", "sas"),
    (r"societe civile immobiliere", "sci"),
    (r"sociedad limitada(?: unipersonal)?", "sl"),
    (r"sociedade (?:por quotas|limitada)", "ltda"),
    (r"aktiebolag(?:et)?", "ab"),
    (r"allmennaksjeselskap|aksjeselskap|aktieselskab(?:et)?|anpartsselskab(?:et)?", "as"),
    (r"osakeyhtio", "oy"),
    (r"(?:nyilvanosan |zartkoruen )?(?:mukodo )?reszvenytarsasag|korlatolt felelossegu tarsasag", "kft"),
    (r"spol(?:ecnost)?\.? (?:s ?r\.? ?o\b\.?|s rucenim omezenym)|spolka z ograniczona odpowiedzialnoscia", "sro"),
    (r"sp\.? ?z\.? ?o\.? ?o\b\.?", "sro"),
    (r"drustvo s ogranicenom odgovornoscu|druzba z omejeno odgovornostjo", "doo"),
    (r"kabushiki (?:kaisha|gaisha)", "kk"),
    (r"sendirian berhad", "bhd"),
)
_SIGNS = re.compile(
    r"schaft|einget|haftungs|e\. ?v\.|vennoots|compan|liabil|partners|private|propriet|socie|spol|sp\.? ?z|drustvo|"
    r"druzba|aktieb|selska|osakey|tarsasag|kaisha|gaisha|sendir|aktienges"
)
"""What every one of them has, so that most names need no closer look."""
_WRITTEN = re.compile("|".join(rf"(\b(?:{pattern})(?![^\W_]))" for pattern, _ in _IN_FULL))


def shortened(plain: str) -> str:
    """A folded name with legal forms that are written in full, in several words, as one short word each."""
    if not _SIGNS.search(plain):
        return plain
    return _WRITTEN.sub(lambda found: f" {_IN_FULL[(found.lastindex or 1) - 1][1]} ", plain)


def joined(words: list[str]) -> list[str]:
    """Single letters put together where they make a legal form: "g m b h"."""
    done: list[str] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and len(words[end]) == 1:
            end += 1
        run = "".join(words[at:end])
        if at and run in LEGAL and end - at > 1:
            done.append(run)
            at = end
        elif end - at > 2 and run[-2:] in LEGAL and at:
            done += [*words[at : end - 2], run[-2:]]
            at = end
        else:
            done.append(words[at])
            at += 1
    return done
