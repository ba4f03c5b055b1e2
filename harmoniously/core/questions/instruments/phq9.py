"""PHQ-9, the depression module of the Patient Health Questionnaire. Wording unaltered, in English and Spanish."""

from collections.abc import Sequence

from harmoniously.core.questions.instruments.base import Band, Instrument, Item, Option, Score, Wording, score_sum

_SPANISH = Wording(
    language="es",
    title="Cuestionario sobre la salud del paciente-9",
    preamble="Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?",
    items=(
        "Poco interés o placer en hacer cosas",
        "Se ha sentido decaído(a), deprimido(a) o sin esperanzas",
        "Ha tenido dificultad para quedarse o permanecer dormido(a), o ha dormido demasiado",
        "Se ha sentido cansado(a) o con poca energía",
        "Sin apetito o ha comido en exceso",
        (
            "Se ha sentido mal con usted mismo(a) – o que es un fracaso o que ha quedado mal con usted mismo(a) o con "
            "su familia"
        ),
        (
            "Ha tenido dificultad para concentrarse en ciertas actividades, tales como leer el periódico o ver la "
            "televisión"
        ),
        (
            "¿Se ha movido o hablado tan lento que otras personas podrían haberlo notado? o lo contrario – muy "
            "inquieto(a) o agitado(a) que ha estado moviéndose mucho más de lo normal"
        ),
        "Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera",
    ),
    options=("Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días"),
    attribution=(
        "Elaborado por los doctores Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke y colegas, mediante una "
        "subvención educativa otorgada por Pfizer Inc. No se requiere permiso para reproducir, traducir, presentar o "
        "distribuir."
    ),
    source="PHQ-9, Spanish for the USA, phqscreeners.com",
)

PHQ9 = Instrument(
    key="phq9",
    name="PHQ-9",
    title="Patient Health Questionnaire-9",
    preamble="Over the last 2 weeks, how often have you been bothered by any of the following problems?",
    items=(
        Item("interest", "Little interest or pleasure in doing things"),
        Item("mood", "Feeling down, depressed, or hopeless"),
        Item("sleep", "Trouble falling or staying asleep, or sleeping too much"),
        Item("energy", "Feeling tired or having little energy"),
        Item("appetite", "Poor appetite or overeating"),
        Item(
            "self_worth",
            "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
        ),
        Item(
            "concentration",
            "Trouble concentrating on things, such as reading the newspaper or watching television",
        ),
        Item(
            "movement",
            "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or "
            "restless that you have been moving around a lot more than usual",
        ),
        Item("self_harm", "Thoughts that you would be better off dead or of hurting yourself in some way"),
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
    source="Kroenke, Spitzer, Williams, J Gen Intern Med 2001;16:606-613; house policy 2026.1 section 3",
    bands=(
        Band(0, "minimal"),
        Band(5, "mild"),
        Band(10, "moderate"),
        Band(15, "moderately severe"),
        Band(20, "severe"),
    ),
    wordings=(_SPANISH,),
)


def score_phq9(items: Sequence[int | None]) -> Score:
    """Score nine answers of 0 to 3 (None = unanswered): total 0 to 27 and its severity band.

    Raises ValueError for a wrong number of items or a value out of range.
    """
    return score_sum(PHQ9, items)
