"""Invented content for the style guide: every component in every state that it has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator

from harmoniously.core.common import charts
from harmoniously.core.common.forms import (
    BloodPressureField,
    CardCheckboxSelectMultiple,
    CardRadioSelect,
    DatePartsField,
    HeightField,
    WeightField,
)

START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
BANDS = (
    charts.Band(0, 4, "minimal"),
    charts.Band(5, 9, "mild"),
    charts.Band(10, 14, "moderate"),
    charts.Band(15, 19, "moderately severe"),
    charts.Band(20, 27, "severe"),
)
SLEEP = [("well", "Well"), ("some", "Some nights badly"), ("bad", "Most nights badly")]
HELP = [("therapy", "Talking therapy"), ("medicine", "Medicine"), ("none", "Nothing yet")]


class ExampleForm(forms.Form):
    """One of every kind of field."""

    name = forms.CharField(label="Name", help_text="As it stands on your ID.")
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    state = forms.ChoiceField(label="State", choices=[("", "Choose a state"), ("NY", "New York"), ("CA", "California")])
    notes = forms.CharField(label="Anything else", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    sleep = forms.ChoiceField(
        label="How did you sleep this week?",
        help_text="We ask because poor sleep changes how a dose feels.",
        choices=SLEEP,
        widget=CardRadioSelect(hints={"some": "Two or three nights"}),
    )
    tried = forms.MultipleChoiceField(
        label="What have you tried?", choices=HELP, widget=CardCheckboxSelectMultiple(), required=False
    )
    born = DatePartsField(label="Date of birth", help_text="For example 3 14 1985.", birthday=True)
    height = HeightField(label="Height")
    weight = WeightField(label="Weight")
    pressure = BloodPressureField(label="Blood pressure", help_text="Sit for five minutes first.")
    agree = forms.BooleanField(label="I have read this and agree.")


def examples() -> dict[str, Any]:
    """What the style guide shows beside the form."""
    scores = (21, 19, 18, 14, 15, 11, 9, 8)
    readings = [
        charts.Reading(START + timedelta(days=14 * at), value, next(b.name for b in BANDS if b.low <= value <= b.high))
        for at, value in enumerate(scores)
    ]
    sessions = [START + timedelta(days=20 + 9 * at) for at in range(8)]
    return {
        "chart": charts.trend(readings, top_score=27, bands=BANDS, sessions=sessions),
        "no_chart": charts.trend([], top_score=27, bands=BANDS),
        "bars": charts.bars(
            [
                charts.Bar("Taken in the morning", 62, "62 %", 51, 72),
                charts.Bar("Taken in the evening", 48, "48 %", 30, 66),
                charts.Bar("Taken at noon", None, "too few"),
            ],
            top=100,
        ),
        "steps": ["Intake", "Fee", "Visit", "Treatment"],
        "rows": [
            {"label": "Name", "value": "Ada Example", "change_url": "#form"},
            {"label": "Medicines", "lines": ["sertraline 100 mg", "lisinopril 10 mg"], "change_url": "#form"},
            {"label": "Allergies", "value": "", "change_url": "#form"},
        ],
        "tasks": [
            {"title": "About you", "url": "#tasks", "state": "Done", "tone": "success"},
            {"title": "Your mood", "url": "#tasks", "state": "In progress", "tone": "info", "hint": "About 4 minutes"},
            {"title": "Consent", "url": "", "state": "Cannot start yet", "tone": "neutral"},
        ],
        "moments": [
            {"title": "Visit with your prescriber", "when": "Monday 5 January, 10:00 am Eastern", "state": "done"},
            {"title": "First session", "when": "Sunday 25 January, 7:00 pm Eastern", "state": "now", "text": "Today."},
            {"title": "Check-in", "when": "Monday 26 January", "state": "later"},
        ],
        "tab_items": [
            {"title": "Waiting", "url": "#tabs", "active": True, "count": 4},
            {"title": "Mine", "url": "#mine"},
            {"title": "Done", "url": "#done"},
        ],
        "grid": {
            "caption": "Week of 5 January",
            "days": ["Mon 5", "Tue 6", "Wed 7", "Thu 8", "Fri 9"],
            "rows": [_clinician("R. Example, NP", 0), _clinician("S. Sample, MD", 1)],
        },
        "people": Paginator(["Ada Example", "Ben Sample", "Cleo Placeholder"], 1).page(2),
        "keys": [("j", "next line"), ("k", "line before"), ("x", "chooses the line")],
        "moment": START,
    }


def _clinician(name: str, shift: int) -> dict[str, Any]:
    visit = {"time": "10:00 am", "title": "Evaluation", "url": "#grid", "tone": "brand"}
    check = {"time": "2:30 pm", "title": "Check-in", "url": "#grid", "tone": "info"}
    cells = [[visit], [], [check], [visit, check], []]
    return {"name": name, "cells": cells[shift:] + cells[:shift]}
