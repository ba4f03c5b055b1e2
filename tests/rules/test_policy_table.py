"""Policy section 2, every row of its table and every name in the catalogue: one below, on and one above each boundary.

The rows are copied from the policy, not read from its file: a slip in the file must not move the test with it.
"""

from intake.case import Case, Frequency, Medicine, StoppedBecause, TakenFor, Trial
from intake.rules.medicines import medicine_findings
from intake.rules.trials import Verdict, catalogue_key, judge_trials, product_of
from tests.rules.eligibility_cases import AS_OF, POLICY

# class: {name as typed: (ingredient, minimum mg a day, lowest borderline dose)}
SSRI = {
    "citalopram": ("citalopram", 20, None),
    "Celexa": ("citalopram", 20, None),
    "escitalopram": ("escitalopram", 10, None),
    "Lexapro": ("escitalopram", 10, None),
    "Cipralex": ("escitalopram", 10, None),
    "fluoxetine": ("fluoxetine", 20, None),
    "Prozac": ("fluoxetine", 20, None),
    "Sarafem": ("fluoxetine", 20, None),
    "Prozac Weekly 90 mg": ("fluoxetine", 90, None),
    "fluvoxamine": ("fluvoxamine", 100, 50),
    "Luvox": ("fluvoxamine", 100, 50),
    "paroxetine": ("paroxetine", 20, None),
    "Paxil": ("paroxetine", 20, None),
    "Pexeva": ("paroxetine", 20, None),
    "Paxil CR": ("paroxetine", 25, None),
    "sertraline": ("sertraline", 50, None),
    "Zoloft": ("sertraline", 50, None),
}
SNRI = {
    "venlafaxine": ("venlafaxine", 150, 75),
    "Effexor": ("venlafaxine", 150, 75),
    "Effexor XR": ("venlafaxine", 150, 75),
    "desvenlafaxine": ("desvenlafaxine", 50, None),
    "Pristiq": ("desvenlafaxine", 50, None),
    "duloxetine": ("duloxetine", 60, 40),
    "Cymbalta": ("duloxetine", 60, 40),
    "Drizalma": ("duloxetine", 60, 40),
    "levomilnacipran": ("levomilnacipran", 40, None),
    "Fetzima": ("levomilnacipran", 40, None),
    "milnacipran": ("milnacipran", 100, None),
    "Savella": ("milnacipran", 100, None),
}
OTHERS = {
    "NDRI": {
        "bupropion": ("bupropion", 300, None),
        "Wellbutrin": ("bupropion", 300, None),
        "Zyban": ("bupropion", 300, None),
        "Forfivo": ("bupropion", 300, None),
        "Aplenzin": ("bupropion", 348, None),
    },
    "NaSSA": {"mirtazapine": ("mirtazapine", 15, None), "Remeron": ("mirtazapine", 15, None)},
    "SARI": {
        "trazodone": ("trazodone", 300, None),
        "Desyrel": ("trazodone", 300, None),
        "Oleptro": ("trazodone", 300, None),
        "nefazodone": ("nefazodone", 300, None),
        "Serzone": ("nefazodone", 300, None),
    },
    "serotonin modulator": {
        "vilazodone": ("vilazodone", 40, 20),
        "Viibryd": ("vilazodone", 40, 20),
        "vortioxetine": ("vortioxetine", 10, None),
        "Trintellix": ("vortioxetine", 10, None),
        "Brintellix": ("vortioxetine", 10, None),
    },
    "MAOI": {
        "phenelzine": ("phenelzine", 45, None),
        "Nardil": ("phenelzine", 45, None),
        "tranylcypromine": ("tranylcypromine", 30, None),
        "Parnate": ("tranylcypromine", 30, None),
        "isocarboxazid": ("isocarboxazid", 30, None),
        "Marplan": ("isocarboxazid", 30, None),
        "selegiline patch": ("selegiline", 6, None),
        "Emsam": ("selegiline", 6, None),
    },
    "NMDA-NDRI": {
        "dextromethorphan-bupropion": ("dextromethorphan_bupropion", 210, None),
        "Auvelity": ("dextromethorphan_bupropion", 210, None),
    },
}
_TCA = {
    150: """amitriptyline:Elavil imipramine:Tofranil desipramine:Norpramin clomipramine:Anafranil doxepin:Sinequan
            trimipramine:Surmontil maprotiline:Ludiomil amoxapine:Asendin""",
    75: "nortriptyline:Pamelor nortriptyline:Aventyl",
    30: "protriptyline:Vivactil",
}
TCA = {
    name: (pair.split(":")[0], minimum, None)
    for minimum, pairs in _TCA.items()
    for pair in pairs.split()
    for name in pair.split(":")
}
TABLE = {"SSRI": SSRI, "SNRI": SNRI, "TCA": TCA, **OTHERS}
ROWS = [(name, drug_class, *row) for drug_class, rows in TABLE.items() for name, row in rows.items()]
NEVER = {"Brisdelle": "paroxetine", "Silenor": "doxepin", "selegiline": "selegiline", "Eldepryl": "selegiline"}
COURSES = {"zuranolone": 50, "Zurzuvae": 50, "brexanolone": None, "Zulresso": None}
_AUGMENTATION = "aripiprazole brexpiprazole cariprazine quetiapine olanzapine lithium lurasidone psychotherapy TMS ECT"
NOT_COUNTED = {"esketamine": "NMDA", "Spravato": "NMDA", "ketamine": "NMDA"} | dict.fromkeys(_AUGMENTATION.split())


def judged(name, *, dose, weeks=6, improvement=25, stopped=StoppedBecause.NO_BENEFIT):
    (result,) = judge_trials([Trial(name, dose, weeks, TakenFor.DEPRESSION, None, improvement, stopped)], POLICY)
    return result


def verdicts_by(key, values, name, **given):
    return {value: judged(name, **{**given, key: value}).verdict.value for value in values}


def test_every_ingredient_of_the_catalogue_is_a_row_here():
    rows = {row[2] for row in ROWS} | {"zuranolone", "brexanolone", "esketamine", "ketamine"}
    assert rows == POLICY.antidepressants.keys()


def test_every_row_has_its_ingredient_and_class():
    for name, drug_class, ingredient, minimum, _ in ROWS:
        found = judged(name, dose=minimum)
        assert (found.ingredient, found.drug_class) == (ingredient, drug_class), name


def test_the_dose_of_every_row():
    for name, _, _, minimum, band in ROWS:
        lowest = band or minimum
        expected = {lowest - 1: "under_dosed", lowest - 0.1: "under_dosed", minimum: "failed_adequate"}
        expected |= {minimum + 0.1: "failed_adequate", minimum + 1: "failed_adequate"}
        if band:
            expected |= dict.fromkeys((band, band + 1, minimum - 1, minimum - 0.1), "borderline")
        if name.startswith("Prozac Weekly"):  # up to 20 is read as a daily amount, above as the capsule
            expected = {89: "under_dosed", 90: "failed_adequate", 91: "failed_adequate", 20: "failed_adequate"}
        assert verdicts_by("dose", expected, name) == expected, name


WEEKS = {3: "too_short", 3.9: "too_short", 4: "borderline", 5: "borderline", 5.9: "borderline"} | dict.fromkeys(
    (6, 6.1, 7), "failed_adequate"
)


def test_the_weeks_of_every_row():
    for name, _, _, minimum, band in ROWS:
        assert verdicts_by("weeks", WEEKS, name, dose=minimum) == WEEKS, name
        if band:  # a borderline dose stays borderline however long it was
            assert verdicts_by("weeks", [5, 6, 60], name, dose=band) == dict.fromkeys([5, 6, 60], "borderline"), name


IMPROVEMENT = {24: "failed_adequate", 25: "failed_adequate", 25.1: "partial", 26: "partial", 49: "partial"} | {
    49.9: "partial",
    50: "responded",
    51: "responded",
}


def test_the_improvement_and_the_side_effects_of_every_row():
    stopped = StoppedBecause.SIDE_EFFECTS
    early = {3: "intolerance", 3.9: "intolerance", 4: "borderline", 5: "borderline"}
    for name, _, _, minimum, _ in ROWS:
        assert verdicts_by("improvement", IMPROVEMENT, name, dose=minimum) == IMPROVEMENT, name
        assert verdicts_by("weeks", early, name, dose=minimum, stopped=stopped) == early, name


def test_products_that_are_never_adequate():
    for name, ingredient in NEVER.items():
        assert verdicts_by("dose", [1, 10, 1000, None], name) == dict.fromkeys([1, 10, 1000, None], "under_dosed")
        assert judged(name, dose=10).ingredient == ingredient


def test_a_course_has_its_own_length():
    for name, dose in COURSES.items():
        whole = 2 if dose else 60 / 168
        found = judged(name, dose=dose, weeks=whole)
        assert (found.verdict.value, found.drug_class) == ("failed_adequate", "neurosteroid")
        assert judged(name, dose=dose, weeks=whole + 0.1).verdict == Verdict.FAILED_ADEQUATE
        assert judged(name, dose=dose, weeks=whole - 0.1).verdict == Verdict.TOO_SHORT
    assert verdicts_by("dose", [49, 50, 51], "Zurzuvae", weeks=2) == {
        49: "under_dosed",
        50: "failed_adequate",
        51: "failed_adequate",
    }


def test_what_is_recorded_is_not_counted():
    for name, drug_class in NOT_COUNTED.items():
        found = judged(name, dose=1000)
        assert (found.verdict.value, found.drug_class) == ("not_counted", drug_class), name


def _said(name):
    case = Case(as_of=AS_OF, medicines=(Medicine(name, None, Frequency.DAILY),))
    return sorted((finding.code, finding.tier, finding.about) for finding in medicine_findings(case, POLICY))


def test_a_brand_and_its_generic_are_one_medicine():
    """Every name of the catalogue, as a trial and as a medicine taken now; a product that differs has rows above."""
    for key, names in POLICY.spellings.items():
        entry = POLICY.antidepressants.get(key)
        generic = _said(names[0])
        for name in names[1:]:
            assert _said(name) == generic, name
            match = POLICY.names.match(name)
            assert match.recognised, name
            assert catalogue_key(match, POLICY) == catalogue_key(POLICY.names.match(names[0]), POLICY), name
            if entry is not None and not product_of(match, entry).names | product_of(match, entry).forms:
                for dose in (entry.borderline_from or entry.minimum, entry.minimum):
                    one, other = judged(name, dose=dose), judged(names[0], dose=dose)
                    assert (one.verdict, one.drug_class) == (other.verdict, other.drug_class), name
