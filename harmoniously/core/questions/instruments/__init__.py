"""Screening instruments: wording exactly as published, and pure scoring.

Nothing here knows Django, the clock or the database. The bands belong to the published instruments (house policy
2026.1, section 3); thresholds that a medical director may change are in the eligibility policy instead.
"""

from harmoniously.core.questions.instruments.base import Band, Instrument, Item, Option, Score, Wording
from harmoniously.core.questions.instruments.cssrs import (
    CSSRS_SCREEN,
    CSSRS_SINCE_LAST,
    CssrsAnswers,
    CssrsSinceLastAnswers,
    SuicideRisk,
    asks_cssrs,
    suicide_risk,
    suicide_risk_since_last,
)
from harmoniously.core.questions.instruments.gad7 import GAD7, score_gad7
from harmoniously.core.questions.instruments.pcl5 import PCL5, Pcl5Clusters, pcl5_clusters, score_pcl5
from harmoniously.core.questions.instruments.peg import PEG, score_peg
from harmoniously.core.questions.instruments.phq9 import PHQ9, score_phq9

INSTRUMENTS = {one.key: one for one in (PHQ9, GAD7, PCL5, PEG, CSSRS_SCREEN, CSSRS_SINCE_LAST)}

__all__ = [
    "CSSRS_SCREEN",
    "CSSRS_SINCE_LAST",
    "GAD7",
    "INSTRUMENTS",
    "PCL5",
    "PEG",
    "PHQ9",
    "Band",
    "CssrsAnswers",
    "CssrsSinceLastAnswers",
    "Instrument",
    "Item",
    "Option",
    "Pcl5Clusters",
    "Score",
    "SuicideRisk",
    "Wording",
    "asks_cssrs",
    "pcl5_clusters",
    "score_gad7",
    "score_pcl5",
    "score_peg",
    "score_phq9",
    "suicide_risk",
    "suicide_risk_since_last",
]
