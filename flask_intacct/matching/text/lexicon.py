"""Words of the trade in several languages: what says nothing, what means the same, what turns the meaning."""

from __future__ import annotations

from .folding import stem

_LITTLE = (
    "and the of a an for in",
    "und der die das des den zu zum zur im fur",
    "et de du le la les l d aux au sur pour en",
    "en van y e os da do dei della di il el los las por para con com",
    "och og av til till med vid",
)
STOP = frozenset(" ".join(_LITTLE).split())

_SHORT = {
    "accounts payable": "a/p", "accounts receivable": "a/r", "profit loss": "p&l p/l", "repairs maintenance": "r&m",
    "general administrative": "g&a", "cost goods sold": "cogs", "property plant equipment": "ppe pp&e",
    "capital expenditure": "capex", "foreign exchange": "fx", "national insurance": "nic", "depreciation": "depn",
    "management": "mgmt mgt", "payments": "pmts",
    "lieferungen leistungen": "l+l lul l.u.l", "abschreibungen": "afa", "korperschaftsteuer": "kst",
    "gewerbesteuer": "gewst",
    "geringwertige wirtschaftsguter": "gwg", "betriebs geschaftsausstattung": "bga", "ausserordentliche": "ao",
    "kraftfahrzeug": "kfz", "sonderposten": "sopo", "pauschalwertberichtigung": "pwb", "einzelwertberichtigung": "ewb",
    "rabais remises ristournes": "rrr", "valeurs mobilieres placement": "vmp",
    "hacienda publica": "hp", "seguridad social": "ss", "largo plazo": "l/p lp", "corto plazo": "c/p cp",
    "rekening courant": "r/c",
}  # fmt: skip
SHORT = {short: words for words, shorts in _SHORT.items() for short in shorts.split()}
"""How accountants shorten what they write most."""

_SYNONYMS = (
    "debtor receivable debitoren debiteuren", "creditor payable kreditoren crediteuren",
    "stock inventory inventories voorraad", "turnover revenue sales umsatz erlose ventas vendite omzet",
    "sundry misc miscellaneous", "solicitor legal lawyer attorney rechtsberatung juridische",
    "refuse rubbish waste garbage trash bins mull", "inspection visit",
    "telephone phone telecoms telefon telephonie telefono", "arrears overdue late",
    "audit revision auditoria revisione",
    "advertising marketing advertisement werbung publicite publicidad reclame",
    "wages salaries payroll lohne gehalter salaire sueldo salari lonen",
    "car vehicle motor fahrzeuge vehicule vehiculo",
    "cleaning reinigung nettoyage limpieza pulizia schoonmaak stadning",
    "rent rental miete loyer alquiler arrendamiento affitto huur hyra hyror",
    "insurance versicherung assurance seguro assicurazione verzekering forsakring",
    "interest zinsen zins interet intereses interessi ranta", "bank banque banco banca",
    "electricity strom electricite electricidad elettricita elektriciteit elektra",
    "water wasser eau eaux agua acqua vatten", "heating heizung heizkosten chauffage calefaccion verwarming",
    "repairs reparatur instandhaltung reparation reparacion riparazioni reparatie",
    "maintenance wartung entretien mantenimiento manutenzione onderhoud underhall",
    "postage porto affranchissement", "stationery papeterie buromaterial kantoorbenodigdheden",
    "land grundstuck terrain terreno mark", "building gebaude batiment construcciones fabbricati gebouwen byggnad",
    "machinery maschinen machines maquinaria macchinari", "furniture mobel mobilier mobiliario mobili meubilair",
    "depreciation abschreibung amortissement amortizacion ammortamento afschrijving avskrivning",
    "capital kapital kapitaal capitale", "loan darlehen emprunt prestamo prestiti leningen",
    "customer kunden client cliente klanten", "supplier vendor lieferant fournisseur proveedor fornitori leverancier",
    "cash kasse caisse caja cassa kas", "deposit kaution cautionnement fianza depositi borg",
    "prepayment prepaid", "accrual accrued", "gardening landscaping landscape", "landlord owner",
    "contractor subcontractor", "travel reisekosten deplacement viaje viaggi reiskosten",
)  # fmt: skip
SYNONYM = {stem(word): number for number, group in enumerate(_SYNONYMS, 1) for word in group.split()}
"""Words of accounts that mean the same, in one country's terms or another's and in several languages, by stem."""

CUT_LETTERS = {"o": "ohne"}
"""Words cut to a letter and a full stop ("a.d.Auflösung o.USt") that turn the meaning; all others say nothing."""

_CONCEPTS = {
    "eu": "eu ue eg intracommunautaire intracommunautaires intracom intracomm intra intracommunity intracomunitario "
    "intracomunitaria intracomunitarias intracomunitarios intracomunitari intracommunautair innergemeinschaftlich "
    "innergemeinschaftliche innergemeinschaftlicher innergem unionsinterne intraeu wewnatrzwspolnotowe ec cee",
    "import": "import imports importation importations einfuhr invoer importacion importaciones importazione "
    "importacao",
    "export": "export exports exportation exportations ausfuhr uitvoer exportacion exportaciones esportazione "
    "exportacao extracommunautaire extracomunitario extracom extra drittland",
    "purchase": "purchase purchases achat achats inkoop inkopen einkauf compra compras acquisto acquisti acquisition "
    "acquisitions input vorsteuer soportado soportados deductible deduct ded deductibles deducible credito erwerb",
    "sale": "sale sales vente ventes verkoop verkopen verkauf venta ventas vendita vendite output umsatzsteuer "
    "repercutido collectee coll collected collecte debito omzet leistung",
    "service": "service services prestation prestations dienst diensten dienstleistung dienstleistungen servicio "
    "servicios servizio servizi servicos servico s",
    "goods": "goods good bien biens marchandise marchandises goederen ware waren bienes beni bens m g",
    "capital": "capital investissement investissements investering investeringen immobilisation immobilisations immo "
    "immob investition inversion anlagen anlagevermogen investment investments bi",
    "reverse": "reverse verlegd verlegging autoliquidation isp inversion reversecharge rc cocontractant "
    "medecontractant",
    "exempt": "exempt exemption exonere exoneree exoneres exento exenta exenti esente esenti steuerfrei steuerfreie "
    "vrijgesteld isento isenta franchise",
    "reduced": "reduced reduit reduite reducido ermassigt ermassigter laag verlaagd ridotta reduzida intermediaire",
    "standard": "standard normal normale hoog regelsatz general ordinaria",
    "cost": "frais cost costs kosten spese gastos",
    "tax": "tva vat btw iva mwst ust tax taxe steuer moms imposta impuesto",
}
CONCEPT = {word: f"={concept}" for concept, words in _CONCEPTS.items() for word in words.split()}

_PLACES = {
    "st": "street saint", "rd": "road", "ave": "avenue av", "ln": "lane", "ct": "court crt", "blvd": "boulevard bd",
    "sq": "square", "cl": "close", "dr": "drive", "pl": "place plaza", "tce": "terrace terr", "cres": "crescent cr",
    "gdns": "gardens gdn", "gr": "grove", "pk": "park", "hse": "house", "bldg": "building", "est": "estate",
    "mans": "mansions mansion", "apts": "apartments apartment apt apts", "n": "north", "s": "south", "e": "east",
    "w": "west", "mt": "mount", "strasse": "str", "ctr": "centre center",
}  # fmt: skip
PLACES = {word: short for short, words in _PLACES.items() for word in (short, *words.split())}
"""What is shortened in the names of buildings and streets."""

_QUALIFIERS = {
    "other": "other others divers diverse autre autres sonstige sonstiges sonstiger sonst ubrige ovriga ovrigt ovr "
    "andra annan overige andere altri altre altro otros otras otro outros outras div misc miscellaneous varios varie",
    "not": "not non no nicht ej icke inte kein keine ohne sans without sin senza utan niet hors un ohn ausser",
    "short": "short court courts kurzfristig kurzfristige kortfristig kortfristiga kortfr kort korte corto curto breve",
    "long": "long longs lang langfristig langfristige langfristiga langfr lange largo longo lungo noncurrent",
    "depreciation": "accumulated depreciation amortization amortissement amortissements amort abschreibung "
    "abschreibungen afschrijving afschrijvingen avskrivning avskrivningar avskr nedskrivningar nedskr depreciations "
    "deprec ammortamento amortizacion amortizacao amortizaciones",
    "provision": "provision provisions prov ruckstellung ruckstellungen avsattning voorziening accantonamento",
    "change": "change variation variations bestandsveranderung forandring forandringar mutatie variazione variacion",
    "income": "income revenue revenues produit produits ertrag ertrage erlose erlos intakt intakter ricavi ingresos "
    "baten opbrengst opbrengsten",
    "expense": "expense expenses charge charges aufwand aufwendungen kostnad kostnader costi gastos lasten kosten cout",
    "loss": "loss losses perte pertes verlust verluste forlust forluster perdita perdite perdidas verlies",
    "gain": "gain gains gewinn vinst vinster plusvalue plusvalues utile winst ganancia",
}
QUALIFIER = {word: 1 << bit for bit, group in enumerate(_QUALIFIERS.values()) for word in group.split()}
