"""GAD-7, generalised anxiety. Wording unaltered, in English and Spanish; the first option is "Not at all"."""

from collections.abc import Sequence

from harmoniously.core.questions.instruments.base import Band, Instrument, Item, Option, Score, Wording, score_sum

_SPANISH = Wording(
    language="es",
    title="GAD-7",
    preamble="Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?",
    items=(
        "Se ha sentido nervioso(a), ansioso(a) o con los nervios de punta",
        "No ha sido capaz de parar o controlar su preocupación",
        "Se ha preocupado demasiado por motivos diferentes",
        "Ha tenido dificultad para relajarse",
        "Se ha sentido tan inquieto(a) que no ha podido quedarse quieto(a)",
        "Se ha molestado o irritado fácilmente",
        "Ha tenido miedo de que algo terrible fuera a pasar",
    ),
    options=("Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días"),
    attribution=(
        "Elaborado por los doctores Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke y colegas, mediante una "
        "subvención educativa otorgada por Pfizer Inc. No se requiere permiso para reproducir, traducir, presentar o "
        "distribuir."
    ),
    source="GAD-7, Spanish for the USA, phqscreeners.com",
)

GAD7 = Instrument(
    key="gad7",
    name="GAD-7",
    title="Generalized Anxiety Disorder-7",
    preamble="Over the last 2 weeks, how often have you been bothered by the following problems?",
    items=(
        Item("nervous", "Feeling nervous, anxious or on edge"),
        Item("control", "Not being able to stop or control worrying"),
        Item("worry", "Worrying too much about different things"),
        Item("relax", "Trouble relaxing"),
        Item("restless", "Being so restless that it is hard to sit still"),
        Item("irritable", "Becoming easily annoyed or irritable"),
        Item("afraid", "Feeling afraid as if something awful might happen"),
    ),
    options=(
        Option(0, "Not at all"),
        Option(1, "Several days"),
        Option(2, "More than half the days"),
        Option(3, "Nearly every day"),
    ),
    attribution=(
        "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational "
        "grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute."
    ),
    source="Spitzer, Kroenke, Williams, Löwe, Arch Intern Med 2006;166:1092-1097; house policy 2026.1 section 3",
    bands=(Band(0, "minimal"), Band(5, "mild"), Band(10, "moderate"), Band(15, "severe")),
    wordings=(_SPANISH,),
)


def score_gad7(items: Sequence[int | None]) -> Score:
    """Score seven answers of 0 to 3 (None = unanswered): total 0 to 21 and its severity band.

    Raises ValueError for a wrong number of items or a value out of range.
    """
    return score_sum(GAD7, items)
