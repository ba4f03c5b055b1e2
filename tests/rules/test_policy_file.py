"""The policy file: what it must hold, what is refused and where, and what a new version may change (UX-09, I8)."""

import hashlib
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from harmoniously.core.common.published import SUMS, digests
from intake import again
from intake import policy as policy_module
from intake.case import CONDITION_CODES
from intake.case_reader import read_case
from intake.eligibility import assess
from intake.policy import CURRENT, POLICIES, PolicyError, find_policy, load_policy, read_policy, versions
from intake.policy_table import line_of
from intake.rules.codes import finding_codes
from tests.rules.eligibility_cases import CLEAN
from tests.rules.tables import each


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """pytest's own leaves an empty directory behind; the rules run outside of what clears up after the others."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


TABLE = tomllib.loads((POLICIES / f"{CURRENT}.toml").read_text(encoding="utf-8"))


def changed(**changes):
    """The policy file with what stands at some paths replaced; None takes it away. Copies only what leads there."""
    table = {**TABLE}
    for path, value in changes.items():
        *parents, last = path.split("/")
        here = table
        for parent in parents:
            here[parent] = here = {**here[parent]}
        if value is None:
            del here[last]
        else:
            here[last] = value
    return table


def test_the_current_policy_is_complete():
    policy = load_policy()
    assert policy.version == CURRENT
    assert len(policy.states_served) == 51
    assert policy == read_policy(TABLE)


def test_a_director_can_change_a_tier_alone():
    tiers = {"conditions/hypertension/tier": "exclude", "conditions/schizophrenia/tier": "review"}
    policy = read_policy(changed(**tiers))
    case = read_case({**CLEAN, "conditions": [{"code": "hypertension"}, {"code": "schizophrenia"}]})
    tiers = {finding.about: finding for finding in assess(case, policy).findings}
    assert (tiers["hypertension"].tier, tiers["schizophrenia"].tier) == ("exclude", "review")
    assert "tell us and we will look again" in tiers["hypertension"].patient_text


@each(
    ("path", "value", "problem"),
    [
        ("version", None, "version: is missing"),
        ("version", 2026, "version: must be a text"),
        ("effective_on", "today", "effective_on: must be a date"),
        ("colour", "blue", "colour: is not known"),
        ("states/served", "all", "states.served: must be a list of texts"),
        ("states/extra", 1, "states.extra: is not known"),
        ("numbers/resistance/minimum_weeks", None, "numbers.resistance.minimum_weeks: is missing"),
        ("numbers/resistance/minimum_weeks", 6, "numbers.resistance.minimum_weeks: must be a table"),
        ("numbers/resistance/minimum_weeks/source", None, "numbers.resistance.minimum_weeks.source: is missing"),
        ("numbers/resistance/minimum_weeks/value", "6", "numbers.resistance.minimum_weeks.value: must be a number"),
        ("numbers/resistance/minimum_weeks/value", True, "numbers.resistance.minimum_weeks.value: must be a number"),
        ("numbers/timing/letter_weeks", {"value": 1, "source": "x"}, "numbers.timing.letter_weeks: is not known"),
        ("antidepressants/SSRI/tier", "fine", "antidepressants.SSRI.tier: must be one of"),
        ("antidepressants/SSRI/ingredients/sertraline/minimum", None, "sertraline.minimum: is missing"),
        ("antidepressants/SSRI/ingredients/sertraline/maximum", 200, "sertraline.maximum: is not known"),
        ("antidepressants/SSRI/ingredients/sertraline/never", 1, "sertraline.never: must be true or false"),
        ("antidepressants/SSRI/ingredients/sertraline/names", ["Prozac"], "'Prozac' is listed for"),
        ("antidepressants/SSRI/ingredients/sertraline/names", ["20 mg"], "'20 mg' is listed for"),
        ("antidepressants/SSRI/ingredients/sertraline/names", ["tablets"], "has no word that identifies it"),
        ("antidepressants/SSRI/ingredients/lithium", {"names": [], "minimum": 1}, "lithium: is listed twice"),
        ("antidepressants/SSRI/ingredients/sertraline/products", [{"forms": ["round"]}], "round is not a release form"),
        ("antidepressants/SSRI/ingredients/sertraline/products", [{"labelled": 5}], "labelled and equals go together"),
        ("conditions/flu", {"rule": "fixed"}, "conditions.flu: is not a condition code"),
        ("conditions/bipolar", None, "conditions.bipolar: is missing"),
        ("conditions/dementia/tier", None, "conditions.dementia.tier: is missing"),
        ("medicines/benzodiazepine", None, "medicines.benzodiazepine: is missing"),
        ("combinations/mix", {"names": [], "components": ["nothing"]}, "nothing is not in the catalogue"),
        ("combinations/mix", {"names": [], "components": []}, "nothing is not in the catalogue"),
        # no duplicate brand, with both owners and the key of the later one
        (
            "medicines/z_drug/ingredients/zolpidem",
            ["Ambien", "Xanax"],
            "medicines.z_drug.ingredients.zolpidem: 'Xanax' is listed for alprazolam and for zolpidem",
        ),
        ("medicines/z_drug/ingredients/zolpidem", ["Ambien", "AMBIEN"], "zolpidem: 'AMBIEN' is listed twice"),
        ("medicines/z_drug/ingredients/Ambien Pill", [], "Ambien Pill: must be lower snake case"),
        # no missing class
        ("antidepressants/sertraline", {"names": [], "minimum": 50}, "antidepressants.sertraline: has no class"),
        ("antidepressants/SSRI/ingredients", None, "antidepressants.SSRI: has no class"),
        # unit and minimum
        ("antidepressants/SSRI/ingredients/sertraline/unit", "grains", "sertraline.unit: must be one of"),
        ("antidepressants/SSRI/ingredients/sertraline/unit", "tablets", "sertraline.unit_mg: is missing"),
        ("antidepressants/SSRI/ingredients/sertraline/minimum", 0, "sertraline.minimum: must be more than 0"),
        ("antidepressants/SSRI/ingredients/sertraline/minimum", -1, "sertraline.minimum: must be a number of 0 or"),
        ("antidepressants/SSRI/ingredients/sertraline/borderline_from", 50, "borderline_from: must be less than"),
        ("antidepressants/SSRI/ingredients/sertraline/products", [{"never": True}], "products.0: needs names or forms"),
        # an interaction without a source
        ("medicines/z_drug/source", None, "medicines.z_drug.source: is missing"),
        ("medicines/z_drug/source", " ", "medicines.z_drug.source: must be a text"),
        ("antidepressants/MAOI/medicine_source", None, "antidepressants.MAOI.medicine_source: is missing"),
        ("antidepressants/SARI/source", None, "antidepressants.SARI.source: is missing"),
        ("conditions/dementia/source", None, "conditions.dementia.source: is missing"),
        ("conditions/dementia/about", "old age", "conditions.dementia.about: must be one of dementia, pregnancy"),
        # a finding that does not exist
        ("wording", {"sitter.gone": {}}, "wording.sitter.gone: is not the code of a finding"),
        ("wording", {"condition.dementia.recent": {}}, "condition.dementia.recent: is not the code of a finding"),
        ("wording", {"sitter.missing": {"patient": "x"}}, "wording.sitter.missing.clinician: is missing"),
        # numbers that contradict each other
        ("numbers/blood_pressure/systolic_high/value", 139, "systolic_high: must not be less than systolic_limit"),
        ("numbers/resistance/minimum_weeks/value", 3, "minimum_weeks: must not be less than borderline_weeks"),
        ("numbers/blood_pressure/high_days/value", 0, "numbers.blood_pressure.high_days: must be 1 or more"),
        ("states/served", ["California"], "states.served: 'California' is not the two letters of a state"),
    ],
)
def test_a_policy_that_is_refused(path, value, problem):
    also = {"antidepressants/SSRI/ingredients/citalopram/names": value} if value == ["20 mg"] else {}
    with pytest.raises(PolicyError) as caught:
        read_policy(changed(**also, **{path: value}))
    assert problem in str(caught.value)


def test_a_changed_number_changes_the_decision():
    table = changed(**{"numbers/blood_pressure/systolic_limit/value": 120}, version="2027.1")
    decision = assess(read_case(CLEAN), read_policy(table))
    assert (decision.outcome, decision.policy_version) == ("needs_information", "2027.1")


def test_a_condition_and_a_medicine_can_be_set_to_no_finding():
    policy = read_policy(changed(**{"conditions/dementia/tier": "none"}))
    decision = assess(read_case({**CLEAN, "conditions": [{"code": "dementia"}]}), policy)
    assert not [f for f in decision.findings if f.about == "dementia"]


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "cannot be read"), (b"version = ", "is not TOML"), (b"\xff", "is not TOML")]
)
def test_a_policy_file_that_cannot_be_used(tmp_path, content, problem):
    file = tmp_path / "policy.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PolicyError, match=problem):
        load_policy(file)


SLIPS = [
    ('zolpidem = ["Ambien"', 'zolpidem = ["Xanax"', "line {}: medicines.z_drug.ingredients.zolpidem: 'Xanax'"),
    ("minimum_weeks = { value = 6", 'minimum_weeks = { value = "6"', "line {}: numbers.resistance.minimum_weeks"),
    ("[conditions.dementia]", "[conditions.dementias]", "line {}: conditions.dementias: is not a condition code"),
    ('["Viibryd"], minimum = 40,', "[],", "line {}: antidepressants.serotonin modulator.ingredients.vilazodone."),
    ("adult_age = {", "adult_age = ", "at line {},"),
]


def test_a_refusal_names_the_line(tmp_path):
    text = (POLICIES / f"{CURRENT}.toml").read_text(encoding="utf-8")
    for old, new, said in SLIPS:
        assert text.count(old) == 1, old
        number = text[: text.index(old)].count("\n") + 1
        file = tmp_path / f"{number}.toml"
        file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(PolicyError) as caught:
            load_policy(file)
        assert said.format(number) in str(caught.value)


def test_what_is_missing_is_looked_for_where_it_belongs():
    text = 'top = 1\n[a]\n[a."b c".d] # said\ne = { f = 1 }\n'
    assert [line_of(text, path) for path in ("a.b c.d.e.f", "a.b c.d.x", "a.x", "x", "top")] == [4, 3, 2, None, 1]


def test_a_policy_is_found_by_its_version_or_its_file(tmp_path):
    assert CURRENT in versions()
    assert find_policy(CURRENT) is load_policy() is find_policy(str(POLICIES / f"{CURRENT}.toml"))
    with pytest.raises(PolicyError, match=r"is neither a version \(.*2026.1.*\) nor a file"):
        find_policy(str(tmp_path / "none.toml"))


def test_a_published_version_is_never_edited_in_place(tmp_path, monkeypatch):
    """I8. Every file below policies/ is recorded as it was published; an edited one is refused, a draft is not."""
    kept = {name: hashlib.sha256((POLICIES / name).read_bytes()).hexdigest() for name in digests(POLICIES)}
    below = {file.relative_to(POLICIES).as_posix() for file in POLICIES.rglob("*.toml")}
    assert below == set(kept), "Record a new version in intake/policies/SHA256SUMS (docs/eligibility.md)."
    assert kept == digests(POLICIES), "A published version was edited: restore it and publish a new one."
    assert {f"{CURRENT}.toml", f"again/{CURRENT}.toml"} <= below

    text = (POLICIES / f"{CURRENT}.toml").read_text(encoding="utf-8")
    (tmp_path / "2026.1.toml").write_text(text.replace("{ value = 140,", "{ value = 141,"), encoding="utf-8")
    (tmp_path / "2027.1.toml").write_text(text.replace('version = "2026.1"', 'version = "2027.1"'), encoding="utf-8")
    (tmp_path / SUMS).write_text(f"{kept['2026.1.toml']}  2026.1.toml\n", encoding="utf-8")
    monkeypatch.setattr(policy_module, "POLICIES", tmp_path)
    assert versions() == ("2026.1",)
    for name in ("2026.1", str(tmp_path / "2026.1.toml")):
        with pytest.raises(PolicyError, match="2026.1.toml was edited after it was published"):
            find_policy(name)
    with pytest.raises(PolicyError, match="neither a version"):
        find_policy("2027.1")
    assert find_policy(str(tmp_path / "2027.1.toml")).version == "2027.1"
    monkeypatch.setattr(again, "POLICIES", tmp_path)
    with pytest.raises(PolicyError, match="No such file"):
        again.load_waits.__wrapped__("2026.1")


def test_every_code_is_known():
    policy = load_policy()
    rules = {code: rule.rule for code, rule in policy.conditions.items()}
    codes = finding_codes(rules, (group.key for group in policy.groups.values()))
    assert rules.keys() == CONDITION_CODES
    assert {"sitter.missing", "condition.bipolar.letter_missing", "medicine.z_drug", "off_label"} <= codes
    assert not {"condition.dementia.recent", "medicine.alprazolam"} & codes


def test_a_new_version_words_a_finding_anew_and_the_old_one_keeps_its_words():
    words = {"patient": "Find an adult who stays with you.", "clinician": "No sitter yet."}
    newer = read_policy(changed(version="2027.1", wording={"sitter.missing": words}))
    case = read_case({**CLEAN, "adult_sitter": None})
    old, new = (
        {finding.code: finding for finding in assess(case, policy).findings} for policy in (load_policy(), newer)
    )
    assert (new["sitter.missing"].patient_text, new["sitter.missing"].clinician_text) == tuple(words.values())
    assert old["sitter.missing"].patient_text not in words.values()
    assert {code: (one.tier, one.about, one.facts) for code, one in old.items()} == {
        code: (one.tier, one.about, one.facts) for code, one in new.items()
    }
