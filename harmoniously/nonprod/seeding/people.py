"""Names and circumstances of invented patients; nobody real is meant."""

from dataclasses import dataclass
from datetime import date
from random import Random

from harmoniously.core.common.states import ZONE_OF_STATE
from harmoniously.nonprod.seeding.practice import EAST, WEST

_FIRST = (
    "Alder,Aspen,Basil,Bay,Birch,Brook,Cedar,Clay,Clover,Coral,Cove,Dale,Dune,Ember,Fern,Finch,Flint,Forest,Glen,"
    "Hazel,Heath,Indigo,Iris,Ivy,Jasper,Juniper,Lake,Lark,Laurel,Linden,Maple,Marlow,Meadow,Moss,Olive,Pine,Quill,"
    "Rain,Reed,Ridge,River,Rowan,Sage,Sky,Sorrel,Tamar,Teal,Vale,Willow,Wren"
)
_LAST = (
    "Appleyard,Barnwood,Copperfield,Dewhurst,Elmsworth,Fairweather,Greenhalgh,Hollowell,Inglewood,Jesmond,Kettlewell,"
    "Lockridge,Millbrook,Northcote,Oakenshaw,Pemberley,Quarrington,Redfern,Stonebridge,Thistlewood,Underhill,"
    "Vanterpool,Wetherby,Yarrow-Castellanos"
)
FIRST_NAMES, LAST_NAMES = tuple(_FIRST.split(",")), tuple(_LAST.split(","))
STREETS = ("Orchard Row", "Mill Lane", "Harbour Street", "Meadow Drive", "Hillcrest Avenue")


@dataclass(frozen=True)
class Person:
    """One invented patient."""

    name: str
    preferred: str
    email: str
    born: date
    sex: str
    state: str
    street: str
    phone: str
    sitter: str

    @property
    def zone(self) -> str:
        """The zone that most of the state keeps."""
        return ZONE_OF_STATE[self.state]


def invent(rng: Random, number: int, *, year: int, name: str = "", email: str = "", state: str = "") -> Person:
    """The person with this number in a year, grown up and under 65; the same random source gives the same person."""
    first = name.split()[0] if name else FIRST_NAMES[number % len(FIRST_NAMES)]
    last = name.split(maxsplit=1)[1] if name else LAST_NAMES[(number * 7) % len(LAST_NAMES)]
    return Person(
        name=f"{first} {last}",
        preferred=first,
        email=email or f"{first}.{last}{number}@demo.example".lower().replace("-", ""),
        born=date(year - rng.randint(23, 63), rng.randint(1, 12), rng.randint(1, 28)),
        sex=rng.choice(("female", "male")),
        state=state or rng.choice(WEST + EAST),
        street=f"{rng.randint(1, 900)} {rng.choice(STREETS)}",
        phone=f"+1555010{number % 100:02d}{rng.randint(10, 99)}"[:12],
        sitter=f"{rng.choice(FIRST_NAMES)} {last}",
    )
