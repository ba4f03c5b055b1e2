"""Policy sections 5 and 7: substances and medicines."""

from tests.rules.eligibility_cases import codes, decide, pairs, tiers
from tests.rules.tables import each


def use(substance, **answers):
    return tiers(decide(substances=[{"substance": substance, **answers}]), substance)


CURRENT = ("less_than_monthly", "monthly", "weekly", "daily")
OTHERS = ("opioid", "cocaine", "stimulant", "sedative", "other")


@each("substance", ["ketamine", "pcp"])
def test_recreational_ketamine_and_pcp(substance):
    for current in CURRENT:
        assert use(substance, use=current, disorder="none") == ["exclude"]
    assert use(substance, use="past") == ["review"]
    assert use(substance, use="never") == []
    assert use(substance) == ["information"]
    assert use(substance, use="weekly") == ["exclude", "information"]


@each("substance", ["alcohol", "cannabis"])
def test_alcohol_and_cannabis_need_no_disorder_answer(substance):
    assert [use(substance, use=how) for how in ("never", "past", *CURRENT)] == [[]] * 6
    assert use(substance) == ["information"]


@each("substance", OTHERS)
def test_other_current_use_asks_about_a_disorder(substance):
    assert [use(substance, use=how) for how in CURRENT] == [["information"]] * 4
    assert [use(substance, use=how) for how in ("never", "past")] == [[], []]
    assert use(substance) == ["information"]
    # Daily use of opioids excludes also without a disorder, so how often they are used is asked.
    assert use(substance, disorder="none") == (["information"] if substance == "opioid" else [])


@each(
    ("how", "opioid"),
    [
        ("never", []),
        ("past", []),
        ("less_than_monthly", ["review"]),
        ("monthly", ["review"]),
        ("weekly", ["review"]),
        ("daily", ["exclude"]),
        (None, ["information"]),
    ],
)
def test_no_disorder_is_no_finding_but_for_opioids(how, opioid):
    """UX-09. The policy is silent on opioids without a prescription: as strict as with one (section 7)."""
    assert use("opioid", use=how, disorder="none") == opioid
    assert use("sedative", use=how, disorder="none") == []
    over = {"disorder": "remission", "remission_months": 12}
    assert use("opioid", use=how, **over) == {
        "daily": ["exclude", "review"],
        None: ["information", "review"],
    }.get(how, ["review"])
    assert use("cocaine", use=how, **over) == ["review"]


@each(
    ("disorder", "how", "general", "opioid"),
    [
        ("mild", "weekly", ["review"], ["exclude"]),
        ("mild", "past", ["review"], ["review"]),
        ("mild", None, ["review"], ["exclude"]),
        ("moderate", "less_than_monthly", ["exclude"], ["exclude"]),
        ("severe", "daily", ["exclude"], ["exclude"]),
        ("severe", None, ["exclude"], ["exclude"]),
        ("moderate", "past", ["review"], ["review"]),
        ("moderate", "never", ["information"], ["information"]),
        # Leaving the use away must not make a case better than a contradiction does.
        ("mild", "never", ["review"], ["information"]),
    ],
)
def test_use_disorders(disorder, how, general, opioid):
    assert use("alcohol", use=how, disorder=disorder) == general
    assert use("cannabis", use=how, disorder=disorder) == general
    assert use("opioid", use=how, disorder=disorder) == opioid


@each("substance", ["alcohol", "opioid"])
@each(
    ("months", "tier"),
    [(0, "information"), (11.9, "information"), (12, "review"), (13, "review"), (None, "information")],
)
def test_remission(substance, months, tier):
    assert use(substance, use="past", disorder="remission", remission_months=months) == [tier]


def test_a_substance_without_a_name_is_asked():
    assert tiers(decide(substances=[{"use": "daily"}]), "substances") == ["information"]


def take(*medicines, **changes):
    listed = [one if isinstance(one, dict) else {"name": one, "frequency": "daily"} for one in medicines]
    return decide(medicines=listed, **changes)


@each(
    ("name", "expected"),
    [
        ("oxycodone ER", {("exclude", "oxycodone")}),
        ("Percocet 5/325", {("exclude", "oxycodone")}),
        ("oxycodone-acetaminophen", {("exclude", "oxycodone")}),
        ("Tylenol #3", {("exclude", "codeine")}),
        ("Tylenol with codeine", {("exclude", "codeine")}),
        ("Tylenol w/ codeine No. 3", {("exclude", "codeine")}),
        ("hydrocodone/APAP", {("exclude", "hydrocodone")}),
        ("Vicodin ES", {("exclude", "hydrocodone")}),
        ("methadone", {("exclude", "methadone")}),
        ("tramadol", {("exclude", "tramadol")}),
        ("Suboxone film", {("review", "buprenorphine")}),
        ("buprenorphine/naloxone", {("review", "buprenorphine")}),
        ("Xanax", {("review", "alprazolam")}),
        ("Ambien CR", {("review", "zolpidem")}),
        ("gabapentin", {("review", "gabapentin")}),
        ("Flexeril", {("review", "cyclobenzaprine")}),
        ("Benadryl", {("review", "diphenhydramine")}),
        ("Theo-24 300 mg", {("exclude", "theophylline")}),
        ("aminophylline", {("exclude", "aminophylline")}),
        ("Biaxin", {("information", "clarithromycin")}),
        ("ketoconazole", {("review", "ketoconazole")}),
        ("Paxlovid", {("review", "ritonavir")}),
        ("Stribild", {("review", "cobicistat")}),
        ("itraconazole", {("review", "itraconazole")}),
        ("ticlopidine", {("review", "ticlopidine")}),
        ("Plavix", {("review", "clopidogrel")}),
        ("rifampin", {("review", "rifampin")}),
        ("Tegretol XR", {("review", "carbamazepine")}),
        ("phenytoin sodium", {("review", "phenytoin")}),
        ("St. John’s Wort", {("review", "st_johns_wort")}),
        ("grapefruit juice", {("note", "grapefruit")}),
        ("Nardil", {("review", "phenelzine")}),
        ("selegiline", {("review", "selegiline")}),
        ("rasagiline", {("review", "rasagiline")}),
        ("Adderall XR 20 mg", {("review", "amphetamine")}),
        ("Vyvanse", {("review", "lisdexamfetamine")}),
        ("lisdexamfetamine dimesylate", {("review", "lisdexamfetamine")}),
        ("Sudafed", {("review", "pseudoephedrine")}),
        ("Namenda", {("review", "memantine")}),
        ("amantadine", {("review", "amantadine")}),
        ("Robitussin DM", {("review", "dextromethorphan")}),
        ("Auvelity", {("review", "dextromethorphan"), ("note", "bupropion")}),
        ("Lamictal", {("note", "lamotrigine")}),
        ("Synthroid", {("note", "levothyroxine")}),
        ("lisinopril", {("note", "lisinopril")}),
        ("Diovan HCT", {("note", "valsartan"), ("note", "hydrochlorothiazide")}),
        ("Maxzide", {("note", "triamterene"), ("note", "hydrochlorothiazide")}),
        ("St John's wort extract", {("review", "st_johns_wort")}),
        ("SeroquelXR", {("review", "quetiapine")}),
        ("lithium carbonate 300", {("note", "lithium")}),
        ("Zoloft", {("note", "sertraline")}),
        ("Effexor XR", {("note", "venlafaxine")}),
        ("bupropion XL", {("note", "bupropion")}),
        ("Seroquel", {("review", "quetiapine")}),
        ("Symbyax", {("review", "olanzapine"), ("note", "fluoxetine")}),
        ("ketamine", {("review", "ketamine")}),
        ("mirtazapine", set()),
        ("trazodone", set()),
        ("Lipitor", set()),
        ("Tylenol", set()),
        ("Vitamin D3 2000 IU", set()),
        ("phenobarbital", {("review", "unrecognised_medicine")}),
        ("Xanaks", {("review", "unrecognised_medicine")}),
        ("", {("review", "unrecognised_medicine")}),
        ("Sudafed PE", {("review", "pseudoephedrine"), ("review", "unrecognised_medicine")}),
        ("oxycodone something", {("exclude", "oxycodone"), ("review", "unrecognised_medicine")}),
    ],
)
def test_a_medicine_every_day(name, expected):
    assert pairs(take(name)) - pairs(take()) == expected


@each(
    ("name", "frequency", "tier"),
    [
        ("oxycodone", "daily", "exclude"),
        ("oxycodone", "as_needed", "review"),
        ("oxycodone", "short_course", "review"),
        ("oxycodone", None, "information"),
        ("buprenorphine", "daily", "review"),
        ("buprenorphine", "as_needed", "review"),
        ("buprenorphine", None, "information"),
        ("alprazolam", None, "review"),
        ("theophylline", None, "exclude"),
    ],
)
def test_frequency(name, frequency, tier):
    assert tiers(take({"name": name, "frequency": frequency}), name) == [tier]


@each("opioid", ["oxycodone", "buprenorphine"])
@each("frequency", ["daily", "as_needed", "short_course", None])
def test_any_opioid_with_a_benzodiazepine_excludes_both(opioid, frequency):
    decision = take({"name": opioid, "frequency": frequency}, {"name": "Klonopin", "frequency": "as_needed"})
    assert {("exclude", opioid), ("exclude", "clonazepam")} <= pairs(decision)
    texts = [f.patient_text for f in decision.findings if f.code == "medicine.opioid_with_benzodiazepine"]
    assert len(texts) == 2
    assert all("Do not stop these on your own" in text for text in texts)


def street(**how_often):
    return [{"substance": one, "use": how, "disorder": "none"} for one, how in how_often.items()]


@each("how", [*CURRENT, "past", "never", None])
def test_opioids_and_sedatives_without_a_prescription_count_as_that_pair(how):
    """UX-09. The policy says "any opioid" and is silent on the street: used now it excludes, and is asked about."""
    pair = {("exclude", "opioid"), ("exclude", "sedative"), ("exclude", "lorazepam"), ("exclude", "tramadol")}
    as_needed = {"name": "tramadol", "frequency": "as_needed"}
    found = {
        frozenset(one for one in pairs(decision) if one in pair or (how is None and one[0] == "information"))
        for decision in (
            take("Ativan", substances=street(opioid=how)),
            take(as_needed, substances=street(sedative=how)),
            decide(medicines=None, substances=street(opioid="monthly", sedative=how)),
        )
    }
    if how is None:
        # Nobody said whether it is current; a list of medicines that was not answered is asked for as well.
        asked = {("information", "opioid")}, {("information", "sedative")}
        assert found == {*map(frozenset, asked), frozenset({("information", "sedative"), ("information", "medicines")})}
    elif how in CURRENT:
        both = {("exclude", "opioid"), ("exclude", "lorazepam")}, {("exclude", "tramadol"), ("exclude", "sedative")}
        assert found == {*map(frozenset, both), frozenset({("exclude", "opioid"), ("exclude", "sedative")})}
    else:
        assert found == {frozenset()}


def test_a_sedative_from_the_street_is_asked_about_only_beside_an_opioid():
    """UX-09. However the trouble with it was answered; a Z-drug is no benzodiazepine and no opioid."""
    for disorder in ({"disorder": "none"}, {"disorder": "remission", "remission_months": 24}, {"disorder": "mild"}):
        unsaid = [{"substance": "sedative", **disorder}]
        assert ("information", "sedative") in pairs(take("Butrans", substances=unsaid))
        assert ("information", "sedative") not in pairs(take("Ambien", substances=unsaid))
    assert not {"exclude"} & {tier for tier, _ in pairs(take("Ambien", "Xanax", substances=street(sedative="daily")))}
    assert ("exclude", "lorazepam") not in pairs(take("Ativan", substances=None))
    (told,) = {
        f.patient_text
        for f in decide(substances=street(opioid="weekly", sedative="daily")).findings
        if f.code == "substance.opioid_with_sedative"
    }
    assert "Do not stop them suddenly on your own" in told


def test_an_opioid_with_a_z_drug_is_not_that_pair():
    assert "medicine.opioid_with_benzodiazepine" not in codes(take("oxycodone", "Ambien"))


def test_nobody_is_told_to_stop():
    for name in ("oxycodone", "Xanax", "theophylline", "Biaxin", "Lamictal", "Zoloft", "Nardil"):
        for finding in take(name).findings:
            if finding.code.startswith("medicine."):
                assert any(words in finding.patient_text for words in ("Keep taking it", "Do not stop", "finish it"))


def test_a_misspelt_medicine_is_suggested():
    (finding,) = [f for f in take("Xanaks").findings if f.about == "unrecognised_medicine"]
    assert "Xanax" in finding.facts["suggestions"]


def test_a_medicine_without_a_name_is_asked():
    assert tiers(take({"dose": "5 mg"}), "medicines") == ["information"]
