"""Policy section 2: treatment resistance."""

from tests.rules.eligibility_cases import NDRI_FAILED, SSRI_FAILED, codes, decide, pairs, tiers, verdicts
from tests.rules.tables import each


@each(
    ("change", "verdict"),
    [
        # weeks: one below, on, one above 4 and 6
        ({"weeks_at_dose": 3.9}, "too_short"),
        ({"weeks_at_dose": 4}, "borderline"),
        ({"weeks_at_dose": 5.9}, "borderline"),
        ({"weeks_at_dose": 6}, "failed_adequate"),
        ({"weeks_at_dose": 7}, "failed_adequate"),
        ({"weeks_at_dose": None}, "unknown"),
        # improvement around 25 and 50
        ({"improvement_percent": 0}, "failed_adequate"),
        ({"improvement_percent": 25}, "failed_adequate"),
        ({"improvement_percent": 25.5}, "partial"),
        ({"improvement_percent": 26}, "partial"),
        ({"improvement_percent": 49.9}, "partial"),
        ({"improvement_percent": 50}, "responded"),
        ({"improvement_percent": 100}, "responded"),
        ({"improvement_percent": None}, "unknown"),
        # side effects before 4 weeks
        ({"stopped_because": "side_effects", "weeks_at_dose": 3}, "intolerance"),
        ({"stopped_because": "side_effects", "weeks_at_dose": 4}, "borderline"),
        ({"stopped_because": "side_effects", "weeks_at_dose": 10}, "failed_adequate"),
        ({"stopped_because": "side_effects", "weeks_at_dose": None}, "unknown"),
        ({"stopped_because": None}, "failed_adequate"),
        # what it was taken for
        *[
            ({"taken_for": other}, "wrong_indication")
            for other in ("anxiety", "ptsd", "ocd", "pain", "sleep", "smoking", "other")
        ],
        ({"taken_for": None}, "unknown"),
        # dose
        ({"max_daily_dose_mg": 49.9}, "under_dosed"),
        ({"max_daily_dose_mg": 50}, "failed_adequate"),
        ({"max_daily_dose_mg": None}, "unknown"),
        # the episode is shown, not used
        ({"episode": "previous"}, "failed_adequate"),
        ({"episode": None}, "failed_adequate"),
    ],
)
def test_verdict(change, verdict):
    assert verdicts(change) == [verdict]


@each(
    ("change", "verdict"),
    [
        ({"medicine": "mystery", "taken_for": "sleep"}, "unknown"),
        ({"medicine": "lithium", "taken_for": "sleep"}, "not_counted"),
        ({"taken_for": "sleep", "stopped_because": "side_effects", "weeks_at_dose": 1}, "wrong_indication"),
        ({"stopped_because": "side_effects", "weeks_at_dose": 1, "max_daily_dose_mg": 5}, "intolerance"),
        ({"weeks_at_dose": 1, "max_daily_dose_mg": 5, "improvement_percent": 80}, "too_short"),
        ({"max_daily_dose_mg": 5, "improvement_percent": 80}, "under_dosed"),
        ({"improvement_percent": 80, "weeks_at_dose": 5, "taken_for": None}, "responded"),
        ({"improvement_percent": 30, "weeks_at_dose": 5, "max_daily_dose_mg": None}, "partial"),
        ({"improvement_percent": None, "weeks_at_dose": 5}, "unknown"),
    ],
)
def test_the_first_verdict_that_applies_wins(change, verdict):
    assert verdicts(change) == [verdict]


@each(
    ("name", "dose", "verdict"),
    [
        ("Brisdelle", 100, "under_dosed"),
        ("Brisdelle 7.5 mg", None, "under_dosed"),
        ("Silenor", 300, "under_dosed"),
        ("selegiline", 10, "under_dosed"),
        ("Eldepryl", 10, "under_dosed"),
        ("selegiline patch", 6, "failed_adequate"),
        ("selegiline transdermal system", 5, "under_dosed"),
        ("Paxil CR 20", 20, "under_dosed"),
        ("paroxetine controlled release", 24, "under_dosed"),
        ("Pexeva", 20, "failed_adequate"),
        ("Prozac Weekly", 90, "failed_adequate"),
        ("Prozac Weekly", 89, "under_dosed"),
        ("fluoxetine weekly 90 mg", 12.86, "failed_adequate"),
        ("Prozac 90 mg once a week", 90, "failed_adequate"),
        ("Prozac 90 mg once a week", 45, "under_dosed"),
        ("fluoxetine weekly 90 mg", 20, "failed_adequate"),
        ("fluoxetine weekly 90 mg", 10, "under_dosed"),
        ("Aplenzin", 348, "failed_adequate"),
        ("Aplenzin", 347, "under_dosed"),
        ("bupropion hydrobromide", 174, "under_dosed"),
        ("bupropion HCl", 300, "failed_adequate"),
        ("Auvelity", 105, "under_dosed"),
        ("bupropion/dextromethorphan", 210, "failed_adequate"),
        ("bupropion", 210, "under_dosed"),
    ],
)
def test_products_that_differ(name, dose, verdict):
    assert verdicts({"medicine": name, "max_daily_dose_mg": dose}) == [verdict]


@each(
    ("change", "verdict"),
    [
        ({"medicine": "Zurzuvae", "max_daily_dose_mg": 50, "weeks_at_dose": 2}, "failed_adequate"),
        ({"medicine": "Zurzuvae", "max_daily_dose_mg": 50, "weeks_at_dose": 1.9}, "too_short"),
        ({"medicine": "Zurzuvae", "max_daily_dose_mg": 40, "weeks_at_dose": 2}, "under_dosed"),
        (
            {"medicine": "Zurzuvae", "max_daily_dose_mg": 50, "weeks_at_dose": 1, "stopped_because": "side_effects"},
            "intolerance",
        ),
        (
            {"medicine": "Zurzuvae", "max_daily_dose_mg": 50, "weeks_at_dose": 2, "stopped_because": "side_effects"},
            "failed_adequate",
        ),
        ({"medicine": "Zulresso", "max_daily_dose_mg": None, "weeks_at_dose": 0.36}, "failed_adequate"),
        ({"medicine": "Zulresso", "max_daily_dose_mg": None, "weeks_at_dose": 0.3}, "too_short"),
        ({"medicine": "Zulresso", "max_daily_dose_mg": None, "weeks_at_dose": None}, "unknown"),
    ],
)
def test_a_neurosteroid_course_is_one_trial(change, verdict):
    assert verdicts(change) == [verdict]


NOT_COUNTED = [
    "aripiprazole", "Rexulti", "cariprazine", "Seroquel", "olanzapine", "lithium", "lurasidone", "therapy", "CBT",
    "TMS", "ECT", "Spravato", "ketamine", "Xanax", "buspirone",
]  # fmt: skip


@each("name", NOT_COUNTED)
def test_what_is_recorded_and_not_counted(name):
    assert verdicts({"medicine": name}) == ["not_counted"]


class TestPeriodsOfOneIngredient:
    def test_the_best_keeps_its_verdict(self):
        short = {"medicine": "Zoloft", "weeks_at_dose": 5}
        assert verdicts(short, {"medicine": "sertraline", "weeks_at_dose": 6}) == [
            "duplicate_ingredient",
            "failed_adequate",
        ]

    def test_then_the_higher_dose(self):
        assert verdicts(
            {"max_daily_dose_mg": 200, "weeks_at_dose": 6}, {"max_daily_dose_mg": 100, "weeks_at_dose": 30}
        ) == [
            "failed_adequate",
            "duplicate_ingredient",
        ]

    def test_then_the_longer_one(self):
        assert verdicts({"weeks_at_dose": 6}, {"weeks_at_dose": 8}) == ["duplicate_ingredient", "failed_adequate"]

    def test_of_equals_the_first(self):
        assert verdicts({}, {}, {}) == ["failed_adequate", "duplicate_ingredient", "duplicate_ingredient"]

    def test_unknown_competes_below_borderline(self):
        assert verdicts({"improvement_percent": None, "max_daily_dose_mg": None}, {"weeks_at_dose": 5}) == [
            "duplicate_ingredient",
            "borderline",
        ]

    def test_what_cannot_count_keeps_its_own_verdict(self):
        assert verdicts({"weeks_at_dose": 2}, {}, {"improvement_percent": 30}, {"improvement_percent": 60}) == [
            "too_short",
            "failed_adequate",
            "partial",
            "responded",
        ]

    def test_doses_of_different_products_compare_in_the_same_terms(self):
        aplenzin = {"medicine": "Aplenzin", "max_daily_dose_mg": 348, "weeks_at_dose": 6}
        bupropion = {"medicine": "bupropion", "max_daily_dose_mg": 310, "weeks_at_dose": 6}
        assert verdicts(aplenzin, bupropion) == ["duplicate_ingredient", "failed_adequate"]


def resistance(*trials, **changes):
    return decide(antidepressant_trials=[{**SSRI_FAILED, **trial} for trial in trials], **changes)


SHORT_SNRI = {"medicine": "Pristiq", "max_daily_dose_mg": 50, "weeks_at_dose": 5}


@each(
    ("trials", "status"),
    [
        ([], "not_met"),
        ([{}], "not_met"),
        ([{}, {"medicine": "Lexapro", "max_daily_dose_mg": 10}], "not_met"),
        ([{}, NDRI_FAILED], "met"),
        ([{}, SHORT_SNRI], "undetermined"),
        ([SHORT_SNRI], "not_met"),
        ([{"weeks_at_dose": 5}, {"medicine": "Lexapro", "weeks_at_dose": 5}], "not_met"),
        ([{}, {"medicine": "Effexor", "max_daily_dose_mg": 75}], "undetermined"),
        ([{}, {"medicine": "mystery"}], "undetermined"),
        ([{"medicine": "mystery"}], "not_met"),
        ([{"medicine": "mystery"}, {"medicine": "mystery"}], "not_met"),
        ([{"medicine": "mystery"}, {"medicine": "riddle"}], "undetermined"),
        ([{"medicine": None}, {"medicine": None}], "undetermined"),
        ([{}, {**NDRI_FAILED, "improvement_percent": None}], "undetermined"),
        ([{}, {**NDRI_FAILED, "improvement_percent": 30}], "not_met"),
        ([{}, {**NDRI_FAILED, "improvement_percent": 60}], "not_met"),
        ([{}, NDRI_FAILED, SHORT_SNRI], "met"),
    ],
)
def test_status(trials, status):
    decision = resistance(*trials)
    assert decision.treatment_resistance.status == status
    assert ("note" if status == "met" else "information") in tiers(decision, "treatment_resistance")
    assert (("information", "treatment_resistance") in pairs(decision)) is (status != "met")
    assert decision.outcome == ("eligible_for_review" if status == "met" else "needs_information")


def test_the_european_wording_ignores_the_class():
    one_class = resistance({}, {"medicine": "Lexapro", "max_daily_dose_mg": 10}).treatment_resistance
    assert (one_class.failed_adequate, one_class.distinct_classes, one_class.two_different_medicines) == (2, 1, True)
    one_medicine = resistance({}, {}).treatment_resistance
    assert (one_medicine.failed_adequate, one_medicine.distinct_classes, one_medicine.two_different_medicines) == (
        1,
        1,
        False,
    )


@each(
    ("indications", "applies"),
    [
        (["depression"], True),
        (["postpartum_depression"], True),
        (["ocd", "depression"], True),
        (["bipolar_depression"], False),
        (["ptsd", "anxiety", "ocd", "chronic_pain"], False),
        ([], False),
        (None, False),
    ],
)
def test_where_the_rule_applies(indications, applies):
    decision = resistance({}, indications=indications)
    assert (("information", "treatment_resistance") in pairs(decision)) is applies
    assert decision.treatment_resistance.status == ("not_met" if applies else "undetermined")
    assert decision.treatment_resistance.failed_adequate == 1


def test_trials_that_nobody_was_asked_about_are_undetermined():
    decision = decide(antidepressant_trials=None)
    assert decision.treatment_resistance.status == "undetermined"
    assert {("information", "treatment_resistance"), ("information", "antidepressant_trials")} <= pairs(decision)


def test_a_partial_response_is_for_review():
    decision = resistance({}, NDRI_FAILED, {"medicine": "Pristiq", "improvement_percent": 40})
    assert ("review", "treatment_resistance") in pairs(decision)
    assert decision.outcome == "eligible_for_review"


@each(
    ("name", "improvement", "about"),
    [
        ("Spravato", 25, "esketamine"),
        ("ketamine infusion", 0, "ketamine"),
        ("IV ketamine", 26, None),
        ("Spravato", None, None),
    ],
)
def test_earlier_ketamine_that_did_not_help_is_for_review(name, improvement, about):
    decision = resistance({}, NDRI_FAILED, {"medicine": name, "improvement_percent": improvement})
    reviews = {about for tier, about in pairs(decision) if tier == "review"}
    assert reviews == ({about} if about else set())


@each(
    ("typed", "suggestion"),
    [("Zolft", "Zoloft"), ("sertralin", "sertraline"), ("Welbutrin XL 300", "Wellbutrin")],
)
def test_a_spelling_is_suggested_and_never_applied(typed, suggestion):
    decision = resistance({}, NDRI_FAILED, {"medicine": typed})
    (finding,) = [f for f in decision.findings if f.about == "unrecognised_medicine"]
    assert finding.tier == "information"
    assert suggestion in finding.facts["suggestions"]
    assert suggestion in finding.patient_text
    trial = decision.treatment_resistance.trials[2]
    assert (trial.verdict, trial.ingredient, trial.drug_class) == ("unknown", None, None)


@each("name", ["Symbyax", "Zoloft and Wellbutrin", "perphenazine-amitriptyline", "", "300 mg", "Zoloft thing"])
def test_a_name_that_cannot_be_one_antidepressant_is_unknown(name):
    decision = resistance({"medicine": name})
    assert decision.treatment_resistance.trials[0].verdict == "unknown"
    assert ("information", "unrecognised_medicine") in pairs(decision)


def test_a_trial_without_a_name_is_asked_for():
    assert "antidepressant_trial.unrecognised" in codes(resistance({"medicine": None}))


@each(
    ("typed", "ingredient", "drug_class"),
    [
        ("Lexapro 10 mg", "escitalopram", "SSRI"),
        ("CIPRALEX", "escitalopram", "SSRI"),
        ("Wellbutrin XL 300", "bupropion", "NDRI"),
        ("bupropion HCl", "bupropion", "NDRI"),
        ("Zoloft150", "sertraline", "SSRI"),
        ("zoloft 50 mg, one tablet by mouth in the morning", "sertraline", "SSRI"),
        ("Zoloft® (sertraline) 50mg tablets", "sertraline", "SSRI"),
        ("venlafaxine besylate ER", "venlafaxine", "SNRI"),
        ("Drizalma Sprinkle", "duloxetine", "SNRI"),
        ("Remeron SolTab", "mirtazapine", "NaSSA"),
        ("Remeron SolTab 30 mg", "mirtazapine", "NaSSA"),
        ("Oleptro", "trazodone", "SARI"),
        ("Brintellix", "vortioxetine", "serotonin modulator"),
        ("Aventyl", "nortriptyline", "TCA"),
        ("Nardil", "phenelzine", "MAOI"),
        ("Emsam 6 mg/24 hr", "selegiline", "MAOI"),
        ("Auvelity", "dextromethorphan_bupropion", "NMDA-NDRI"),
        ("Zurzuvae", "zuranolone", "neurosteroid"),
        ("Spravato nasal spray", "esketamine", "NMDA"),
        ("Abilify", "aripiprazole", None),
        ("Abilify 5 mg (augmentation)", "aripiprazole", None),
        ("adjunctive Rexulti", "brexpiprazole", None),
        ("CBT", "psychotherapy", None),
        ("WellbutrinXL 300mg", "bupropion", "NDRI"),
        ("EFFEXORXR", "venlafaxine", "SNRI"),
        ("Remeron Sol-Tab", "mirtazapine", "NaSSA"),
        ("Prozac Pulvules", "fluoxetine", "SSRI"),
        ("compounded ketamine troches", "ketamine", "NMDA"),
        ("ketamine assisted psychotherapy", "ketamine", "NMDA"),
        ("Zoloft (current), up to 200 mg for depression", "sertraline", "SSRI"),
        ("TMS therapy", "tms", None),
        ("ECT treatments", "ect", None),
    ],
)
def test_names_resolve(typed, ingredient, drug_class):
    (trial,) = resistance({"medicine": typed}).treatment_resistance.trials
    assert (trial.ingredient, trial.drug_class) == (ingredient, drug_class)
    assert trial.to_json()["class"] == drug_class
