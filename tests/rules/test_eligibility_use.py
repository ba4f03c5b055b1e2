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
    assert use(substance, disorder="none") == []


def test_no_disorder_is_no_finding_but_for_opioids():
    assert use("cocaine", use="weekly", disorder="none") == []
    assert use("opioid", use="weekly", disorder="none") == ["review"]
    assert use("opioid", use="past", disorder="none") == []


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


def test_opioids_without_a_prescription_count_beside_a_benzodiazepine():
    street = [{"substance": "opioid", "use": "weekly", "disorder": "none"}]
    assert ("exclude", "lorazepam") in pairs(take("Ativan", substances=street))
    assert ("exclude", "lorazepam") not in pairs(take("Ativan", substances=[{"substance": "opioid", "use": "past"}]))
    assert ("exclude", "lorazepam") not in pairs(take("Ativan", substances=None))
    # When nobody said whether it is current, it is asked, however the trouble with it was answered.
    for disorder in ({"disorder": "none"}, {"disorder": "remission", "remission_months": 24}):
        unsaid = [{"substance": "opioid", **disorder}]
        assert ("information", "opioid") in pairs(take("Ativan", substances=unsaid))
        assert ("information", "opioid") not in pairs(take("Ambien", substances=unsaid))


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
