"""Words that the simulated property company is put together from.

Every person and firm is invented; telephone numbers come from the ranges that Ofcom keeps free for drama, e-mail
addresses from domains that nobody can own.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words("""
    Adam Aisha Alan Alice Amelia Amir Andrew Anita Anna Arjun Beatrice Ben Bronwen Callum Carys
    Catherine Charlotte Chloe Claire Connor Daniel David Deborah Dylan Edward Eleanor Elif Ellie
    Emily Emma Ewan Farah Fatima Fiona Freya George Georgia Grace Graham Hannah Harriet Harry Hassan
    Helen Hugo Ian Imogen Isaac Isla Jack Jacob James Jane Jasmine Jason Jennifer Joanna Jonathan
    Joshua Julia Karen Katarzyna Keith Kieran Laura Leah Leo Lewis Liam Lucy Luke Maeve Malik Marcus
    Margaret Maria Mark Martha Matthew Megan Michael Mohammed Molly Nadia Naomi Natalie Nathan Neil
    Niamh Nicola Nikhil Oliver Olivia Omar Oscar Owen Patrick Paul Peter Philip Phoebe Piotr Priya
    Rachel Rebecca Rhys Richard Robert Rosie Ruth Ryan Samantha Samuel Sandra Sarah Sean Shanice
    Simon Sophie Stephen Susan Tariq Thomas Tobias Victoria Vikram Wei William Yasmin Zara Zoe
""")

LAST_NAMES = _words("""
    Abbott Adeyemi Ahmed Akhtar Allen Anderson Archer Bailey Baker Banerjee Barker Barnes Begum Bell
    Bennett Bishop Bowen Bradley Brennan Brooks Brown Burton Butler Byrne Campbell Carter Chapman
    Chen Clarke Coleman Collins Cooper Cox Craig Cross Dawson Desai Dixon Doyle Edwards Elliott
    Ellis Evans Fernandes Fisher Fletcher Ford Foster Fraser Gallagher Gibson Gill Goodwin Gordon
    Graham Grant Green Griffiths Hall Hamilton Harper Harris Harrison Hart Harvey Hayes Henderson
    Hill Hodgson Holmes Howard Hughes Hussain Ibrahim Iqbal Jackson Jenkins Johnston Jones Joshi
    Kaur Kelly Kennedy Khan King Knight Kowalski Lambert Lawson Lee Lewis Lloyd MacDonald Malhotra
    Marsh Marshall Mason Mbeki McKenzie Mills Mitchell Moore Morgan Morris Murphy Murray Nguyen
    Nowak Okafor Osborne Owusu Palmer Parker Parsons Patel Pearce Perry Phillips Powell Price
    Pritchard Rahman Reid Reynolds Richards Roberts Robinson Rogers Rossi Rowe Russell Ryan Saunders
    Scott Shah Sharma Shaw Silva Simpson Singh Spencer Stevens Stewart Stone Sullivan Taylor Thomas
    Thornton Tucker Turner Walker Walsh Ward Watson Webb White Wilkinson Williams Wong Wood Wright
    Yilmaz Young Zhang
""")

FIRM_WORDS = _words("""
    Acorn Albion Alder Amber Anchor Arrow Ashdown Aspen Avon Beacon Birchwood Blackthorn Bluebell
    Bramble Bridge Brightwater Brindle Cardinal Castle Cedar Chalk Chequer Clifton Clover Compass
    Copper Coral Cornerstone Crescent Crown Dovetail Eastgate Elm Ember Falcon Fern Fieldway
    Fountain Foxglove Gable Garnet Gilt Greenway Hawthorn Hazel Heron Highfield Holly Hopscotch Ivy
    Juniper Kestrel Keystone Kingfisher Lantern Larch Linden Lighthouse Magpie Maple Marigold Meadow
    Meridian Millstone Moorland Mulberry Northgate Oakfield Orchard Otter Parkside Pebble Pennine
    Pinnacle Poplar Primrose Quarry Quill Ravenswood Redwood Regent Riverside Robin Rosewood Rowan
    Saffron Sandstone Severn Silver Skylark Sparrow Spindle Stonebridge Swift Sycamore Thistle
    Tideway Tower Valley Vine Walnut Waterloo Westgate Wharf Wildflower Willow Windmill Woodland
    Wren
""")

TENANT_TRADES = (
    "Bakery",
    "Barbers",
    "Books",
    "Cafe",
    "Ceramics",
    "Cycles",
    "Dental Practice",
    "Design Studio",
    "Dry Cleaners",
    "Estates",
    "Florists",
    "Fitness",
    "Furniture",
    "Homes",
    "Hostels",
    "Kitchen",
    "Language School",
    "Nursery",
    "Opticians",
    "Pharmacy",
    "Recruitment",
    "Relocations",
    "Software",
    "Tailors",
    "Veterinary Clinic",
    "Yoga",
)

VENDOR_TRADES = (
    ("Plumbing & Heating", "5010"),
    ("Electrical", "5020"),
    ("Roofing", "5030"),
    ("Decorators", "5040"),
    ("Lifts", "5050"),
    ("Fire Protection", "5060"),
    ("Gas Services", "5070"),
    ("Cleaning Services", "5100"),
    ("Grounds Care", "5110"),
    ("Pest Control", "5120"),
    ("Waste", "5130"),
    ("Security", "5140"),
    ("Energy", "5200"),
    ("Water", "5220"),
    ("Insurance Brokers", "5300"),
    ("Property Maintenance", "5000"),
    ("Builders", "5000"),
    ("Locksmiths", "5000"),
    ("Telecom", "6120"),
    ("Stationers", "6130"),
    ("Solicitors", "6310"),
)

FIRM_FORMS = ("Ltd", "Ltd", "Ltd", "Limited", "LLP", "plc", "& Sons", "& Co")

BRANCH = "Southside"
"""What a firm's second branch has in brackets."""

STREETS = _words("""
    Abbey Albert Ashley Bath Bedford Broad Canal Castle Cathedral Cavendish Chapel Charles Church
    Clarence College Cromwell Duke Elmwood Fairfield Gladstone Grange Grosvenor Hanover Hill Kings
    Lansdowne Lime London Lower Lyndhurst Manor Market Marlborough Mill Nelson New North Norfolk Old
    Oxford Park Portland Princes Queens Regent Richmond Russell Salisbury School Somerset Spring
    Station Stanley Victoria Wellington West Windsor York
""")

STREET_KINDS = ("Street", "Road", "Road", "Avenue", "Lane", "Terrace", "Gardens", "Close", "Place", "Grove")

BUILDINGS = _words("""
    Albion Bellevue Brunswick Camden Carlton Chandos Cobden Devonshire Dunmore Eastcote Elgin
    Fairmount Gainsborough Garrick Hartley Hawksmoor Ingram Jubilee Kelmscott Kingsway Lambourne
    Langham Lister Maitland Marchmont Nightingale Norwood Orwell Palgrave Pembroke Quayside
    Ravensbourne Rivington Rutland Sackville Stanhope Telford Thornbury Tregunter Vauxhall
    Wharncliffe Wycliffe
""")

BUILDING_KINDS = ("House", "Court", "Mansions", "Lodge", "Wharf", "Works", "Gardens", "Point")

# City, telephone prefix, postcode areas with a district, weight of its customers.
CITIES = (
    ("London", "020 7946 0", ("SE1", "SE16", "E1", "E2", "N1", "NW5", "SW9", "W12"), 60),
    ("Bristol", "0117 496 0", ("BS1", "BS3", "BS6", "BS8"), 24),
    ("Manchester", "0161 496 0", ("M1", "M4", "M14", "M20"), 16),
    ("Leeds", "0113 496 0", ("LS1", "LS6", "LS11"), 10),
    ("Edinburgh", "0131 496 0", ("EH1", "EH6", "EH10"), 10),
    ("Sheffield", "0114 496 0", ("S1", "S7", "S11"), 10),
    ("Liverpool", "0151 496 0", ("L1", "L8", "L17"), 10),
    ("Leicester", "0116 496 0", ("LE1", "LE2"), 10),
)

INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
