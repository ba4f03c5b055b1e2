"""PCL-5, the PTSD checklist for DSM-5 (past month). Wording unaltered; in the public domain (US Government)."""

from collections.abc import Sequence
from dataclasses import dataclass

from harmoniously.core.questions.instruments.base import Band, Instrument, Item, Option, Score, answered, score_sum

_TEXTS = (
    "Repeated, disturbing, and unwanted memories of the stressful experience?",
    "Repeated, disturbing dreams of the stressful experience?",
    (
        "Suddenly feeling or acting as if the stressful experience were actually happening again (as if you "
        "were actually "
        "back there reliving it)?"
    ),
    "Feeling very upset when something reminded you of the stressful experience?",
    (
        "Having strong physical reactions when something reminded you of the stressful experience (for example, heart "
        "pounding, trouble breathing, sweating)?"
    ),
    "Avoiding memories, thoughts, or feelings related to the stressful experience?",
    (
        "Avoiding external reminders of the stressful experience (for example, people, places, "
        "conversations, activities, "
        "objects, or situations)?"
    ),
    "Trouble remembering important parts of the stressful experience?",
    (
        "Having strong negative beliefs about yourself, other people, or the world (for example, having "
        "thoughts such as: "
        "I am bad, there is something seriously wrong with me, no one can be trusted, the world is "
        "completely dangerous)?"
    ),
    "Blaming yourself or someone else for the stressful experience or what happened after it?",
    "Having strong negative feelings such as fear, horror, anger, guilt, or shame?",
    "Loss of interest in activities that you used to enjoy?",
    "Feeling distant or cut off from other people?",
    (
        "Trouble experiencing positive feelings (for example, being unable to feel happiness or have loving "
        "feelings for "
        "people close to you)?"
    ),
    "Irritable behavior, angry outbursts, or acting aggressively?",
    "Taking too many risks or doing things that could cause you harm?",
    "Being “superalert” or watchful or on guard?",
    "Feeling jumpy or easily startled?",
    "Having difficulty concentrating?",
    "Trouble falling or staying asleep?",
)

PCL5 = Instrument(
    key="pcl5",
    name="PCL-5",
    title="PTSD Checklist for DSM-5",
    preamble=(
        "Below is a list of problems that people sometimes have in response to a very stressful experience. Please "
        "read each problem carefully and then select one of the answers to indicate how much you have been bothered "
        "by that problem in the past month. In the past month, how much were you bothered by:"
    ),
    items=tuple(Item(f"item_{number}", text) for number, text in enumerate(_TEXTS, start=1)),
    options=(
        Option(0, "Not at all"),
        Option(1, "A little bit"),
        Option(2, "Moderately"),
        Option(3, "Quite a bit"),
        Option(4, "Extremely"),
    ),
    attribution=(
        "Weathers FW, Litz BT, Keane TM, Palmieri PA, Marx BP, Schnurr PP (2013). The PTSD Checklist for DSM-5 "
        "(PCL-5). Scale available from the National Center for PTSD at www.ptsd.va.gov."
    ),
    source="National Center for PTSD, PCL-5 (2013), cut point 33; house policy 2026.1 section 3",
    bands=(Band(0, "below threshold"), Band(33, "provisional PTSD")),
)

_SYMPTOM_PRESENT = 2  # "Moderately" or higher counts as a symptom (National Center for PTSD)


@dataclass(frozen=True)
class Pcl5Clusters:
    """Symptoms rated 2 or higher in each DSM-5 cluster, and whether the cluster pattern is met."""

    b: int
    c: int
    d: int
    e: int

    @property
    def met(self) -> bool:
        return self.b >= 1 and self.c >= 1 and self.d >= 2 and self.e >= 2


def score_pcl5(items: Sequence[int | None]) -> Score:
    """Score twenty answers of 0 to 4 (None = unanswered): total 0 to 80 and whether it reaches 33.

    Raises ValueError for a wrong number of items or a value out of range.
    """
    return score_sum(PCL5, items)


def pcl5_clusters(items: Sequence[int | None]) -> Pcl5Clusters | None:
    """The DSM-5 clusters (B 1-5, C 6-7, D 8-14, E 15-20); None when an item is unanswered."""
    values = answered(PCL5, items)
    if values is None:
        return None
    present = [value >= _SYMPTOM_PRESENT for value in values]
    return Pcl5Clusters(b=sum(present[:5]), c=sum(present[5:7]), d=sum(present[7:14]), e=sum(present[14:]))
