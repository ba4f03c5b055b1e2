"""The catalogue of medicines in a policy file: ingredients with their names, classes, minimum doses and interactions.

Refused where it is read: an ingredient or a name with two owners, an ingredient outside a class, a dose without a
minimum or in a unit that is not known, a rule without its source. Every refusal names its key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from intake.dose import Dose, read_dose
from intake.names import FORMS, NameIndex, normalise_listed
from intake.policy_table import PolicyError, Table

TIERS = ("exclude", "information", "review", "note", "none")
OPIOIDS = ("opioid_full_agonist", "opioid_partial_agonist")
BENZODIAZEPINE = "benzodiazepine"
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


@dataclass(frozen=True)
class Product:
    """How one product of an ingredient differs: by brand (`names`, normalised) or by release form."""

    names: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    never: bool = False
    minimum: float | None = None
    labelled: float | None = None
    equals: float | None = None
    weekly: bool = False
    dose: Dose | None = None


@dataclass(frozen=True)
class Antidepressant:
    """Minimum adequate dose in mg a day; from `borderline_from` up to the minimum a dose is borderline."""

    ingredient: str
    drug_class: str
    source: str
    minimum: float
    borderline_from: float | None = None
    never: bool = False
    counted: bool = True
    course_weeks: float | None = None
    products: tuple[Product, ...] = ()
    dose: Dose = Dose()


@dataclass(frozen=True)
class MedicineGroup:
    """What a group of medicines taken now means: its tier ("none" = no finding) and what is said about it."""

    key: str
    tier: str
    source: str
    patient: str = ""
    clinician: str = ""


class Catalogue:
    """Collects every name of every medicine, and refuses an ingredient or a name that is listed twice."""

    def __init__(self) -> None:
        self.spellings: dict[str, list[str]] = {}
        self.owners: dict[str, str] = {}
        self.components: dict[str, tuple[str, ...]] = {}
        self.class_groups: dict[str, MedicineGroup] = {}

    def add(self, table: Table, key: str, names: tuple[str, ...]) -> None:
        if not _KEY.fullmatch(key):
            raise PolicyError(table.at(key), "must be lower snake case, such as st_johns_wort")
        if key in self.spellings:
            raise PolicyError(table.at(key), "is listed twice")
        self.spellings[key] = []
        self._own(table.at(key), key, (key.replace("_", " "), *names))

    def _own(self, path: str, key: str, names: tuple[str, ...]) -> None:
        """Give a key its names; a name leads to one key only, else the later one would hide the earlier."""
        for name in names:
            plain = normalise_listed(name)
            if not plain:
                raise PolicyError(path, f"{name!r} has no word that identifies it")
            if self.owners.setdefault(plain, key) != key:
                raise PolicyError(path, f"{name!r} is listed for {self.owners[plain]} and for {key}")
            if name.casefold() in map(str.casefold, self.spellings[key][1:]):
                raise PolicyError(path, f"{name!r} is listed twice")
            self.spellings[key].append(name)

    def read_antidepressants(self, table: Table) -> Mapping[str, Antidepressant]:
        found = {}
        for drug_class, row in table.tables():
            if not drug_class.strip() or not row.has("ingredients"):
                raise PolicyError(row.path, "has no class: an ingredient stands under the class that it belongs to")
            source = row.text("source")
            group = MedicineGroup(drug_class, row.choice("tier", TIERS), source)
            if group.tier != "none":
                group = replace(
                    group,
                    source=row.text("medicine_source"),
                    patient=row.text("patient"),
                    clinician=row.text("clinician"),
                )
            ingredients = row.table("ingredients")
            for ingredient, entry in ingredients.tables():
                names = entry.texts("names")
                self.add(ingredients, ingredient, names)
                self.class_groups[ingredient] = group
                found[ingredient] = self._antidepressant(ingredient, drug_class, source, entry)
            row.finish()
        return MappingProxyType(found)

    def _antidepressant(self, ingredient: str, drug_class: str, source: str, entry: Table) -> Antidepressant:
        products = entry.get("products") if entry.has("products") else []
        one = Antidepressant(
            ingredient=ingredient,
            drug_class=drug_class,
            source=source,
            minimum=entry.number("minimum"),
            borderline_from=entry.number("borderline_from") if entry.has("borderline_from") else None,
            never=entry.flag("never", False),
            counted=entry.flag("counted", True),
            course_weeks=entry.number("course_weeks") if entry.has("course_weeks") else None,
            products=tuple(
                self._product(ingredient, Table(entry.at(f"products.{at}"), product))
                for at, product in enumerate(products)
            ),
            dose=read_dose(entry) or Dose(),
        )
        if one.counted and not one.minimum and not one.course_weeks:
            raise PolicyError(entry.at("minimum"), "must be more than 0 for what is counted")
        if one.borderline_from is not None and one.borderline_from >= one.minimum:
            raise PolicyError(entry.at("borderline_from"), "must be less than the minimum")
        if entry.has("components"):
            self.components[ingredient] = entry.texts("components")
        entry.finish()
        return one

    def _product(self, ingredient: str, entry: Table) -> Product:
        names = entry.texts("names") if entry.has("names") else ()
        forms = entry.texts("forms") if entry.has("forms") else ()
        for form in forms:
            if form not in FORMS:
                raise PolicyError(entry.at("forms"), f"{form} is not a release form that names are read for")
        self._own(entry.path, ingredient, names)
        product = Product(
            names=frozenset(normalise_listed(name) for name in names),
            forms=frozenset(forms),
            never=entry.flag("never", False),
            minimum=entry.number("minimum") if entry.has("minimum") else None,
            labelled=entry.number("labelled") if entry.has("labelled") else None,
            equals=entry.number("equals") if entry.has("equals") else None,
            weekly=entry.flag("weekly", False),
            dose=read_dose(entry),
        )
        if bool(product.labelled) != bool(product.equals):
            raise PolicyError(entry.path, "labelled and equals go together")
        if not names and not forms:
            raise PolicyError(entry.path, "needs names or forms, else nothing leads to it")
        entry.finish()
        return product

    def read_treatments(self, table: Table) -> frozenset[str]:
        for key in table.raw:
            self.add(table, key, table.texts(key))
        return frozenset(table.raw)

    def read_medicines(self, table: Table) -> Mapping[str, MedicineGroup]:
        """The group of every ingredient, antidepressant classes included."""
        groups = dict(self.class_groups)
        for key, row in table.tables():
            group = MedicineGroup(
                key, row.choice("tier", TIERS), row.text("source"), row.text("patient"), row.text("clinician")
            )
            ingredients = row.table("ingredients")
            for ingredient in ingredients.raw:
                self.add(ingredients, ingredient, ingredients.texts(ingredient))
                groups[ingredient] = group
            row.finish()
        for key in (*OPIOIDS, BENZODIAZEPINE):
            if not table.has(key):
                raise PolicyError(table.at(key), "is missing")
        return MappingProxyType(groups)

    def read_combinations(self, table: Table) -> Mapping[str, tuple[str, ...]]:
        for key, row in table.tables():
            self.add(table, key, row.texts("names"))
            self.components[key] = row.texts("components")
            row.finish()
        for key, parts in self.components.items():
            for part in parts or ("nothing",):
                if part not in self.spellings:
                    raise PolicyError(f"components of {key}", f"{part} is not in the catalogue")
        return MappingProxyType(self.components)

    def listed(self) -> Mapping[str, tuple[str, ...]]:
        """Every catalogue key with its names as they are written, the plain ingredient first."""
        return MappingProxyType({key: tuple(names) for key, names in self.spellings.items()})

    def index(self) -> NameIndex:
        return NameIndex(self.spellings)
