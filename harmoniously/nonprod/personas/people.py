"""The invented people of the demo whom a visitor may be with one click. The seed makes them; the page lists them."""

from dataclasses import dataclass

from harmoniously.core.accounts.roles import Role


@dataclass(frozen=True)
class Persona:
    """One person to be: an account of the demo, and what to look at as that person."""

    key: str
    email: str
    name: str
    role: Role
    story: str


PERSONAS: tuple[Persona, ...] = (
    Persona(
        "patient",
        "patient@demo.example",
        "Robin Meadow",
        Role.PATIENT,
        "In treatment for three months: a session ahead, scores, visits and messages.",
    ),
    Persona(
        "visitor",
        "visitor@demo.example",
        "Wren Lakeside",
        Role.PATIENT,
        "A video visit begins within minutes of each start of the demo. Join it, and be Dr Jordan Rivers elsewhere.",
    ),
    Persona(
        "newcomer",
        "newcomer@demo.example",
        "Sky Harbour",
        Role.PATIENT,
        "Signed up today. The intake is still to be answered.",
    ),
    Persona(
        "prescriber",
        "prescriber@demo.example",
        "Dr Jordan Rivers",
        Role.PRESCRIBER,
        "The queue of cases to review, prescriptions to sign, alerts.",
    ),
    Persona(
        "therapist",
        "therapist@demo.example",
        "Pat Lindqvist-Grove",
        Role.THERAPIST,
        "Integration visits with patients.",
    ),
    Persona(
        "coordinator",
        "coordinator@demo.example",
        "Casey Brook",
        Role.COORDINATOR,
        "The schedule of all clinicians and the worklist of whoever did not answer.",
    ),
    Persona(
        "administrator", "administrator@demo.example", "Lee Orchard", Role.ADMINISTRATOR, "People, licences, formulary."
    ),
)
BY_KEY = {persona.key: persona for persona in PERSONAS}
