"""When a message is answered, and which words bring it to a clinician."""

from datetime import date, timedelta

from harmoniously.core.alerts.crisis_words import suggests_crisis
from telemedicine.conversation.rules import answer_by, public_holidays, working_day

# Public holidays of the years as the Office of Personnel Management publishes them.
OPM = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}

DANGER = """
I want to die|i wanna die|I don’t want to live anymore|I am suicidal|thinking about killing myself|I killed myself in my
dream|I do NOT want to kill myself|I have been cutting myself again|everyone is better off without me|I wish I were dead
I wish I had never been born|no reason to live|I don't want to wake up|I can't go on|life isn't worth living|kms
ending it all|I took all of my lozenges|I overdosed|unalive myself|a burden to my family|I am not safe at home
sucidal|kill my self|killll myself|thoughts of death|I should just die|I want to hurt someone|nobody would miss me
Quiero morir|me quiero matar|voy a matarme|quitarme la vida|acabar con mi vida|no quiero seguir viviendo|ya no puedo más
ojalá estuviera muerta|estarían mejor sin mí|hacerme daño|pensé en suicidarme|ME CORTÉ los brazos|sin ganas de vivir
I don't want to be here at all anymore|I do not want to be here in this world|I don't want to be here on this earth
I can't go on the way things are|I can't go on a day longer|I don't want to go on my own like this|there is no point in
living|I wish I was never born|I wish I were never born|I don't see a reason to live|I don't think I want to live
I want to end it|I feel like dying|I am done living|I have no will to live|I took 20 pills|I took too many lozenges
I took a lot of my tablets|I swallowed thirty sleeping pills|I swallowed too many troches|took about 12 troches
Me tomé veinte pastillas|me tomé muchas pastillas|me tomé demasiadas pastillas|mejor estaría muerto
mejor estaría muerta|quiero dormir y no despertar
I took 3 pills|I took four tablets|I swallowed several pills|I took some pills|I just took a few pills|took 3 or 4 pills
I have taken four of my pills|I took two extra pills|I took an extra lozenge|I took a double dose|I took twice my dose
I took ten pills as usual|I took 3 pills to sleep for ever|I took 4 lozenges at once
I took 3 pills and cry every night|I took three pills and nobody cares as usual
Me tomé tres pastillas
me tomé unas pastillas|tomé varias pastillas|tomé dos pastillas de más|tomé doble dosis
don´t want to live|don＇t want to live|I want 2 die|me kiero morir|su1cide|sui-cide|d0nt want 2 l!ve|killmyself
I want it all to end|I just wanted everything to stop|I wish it was all over|I see no way out
I swallowed a whole bottle of tylenol|I took my whole weeks supply|I drank bleach|I took two doses today
I don't deserve to live|it is not worth being alive|I've been cutting again|I won't be around much longer
I want the pain to stop forever|I'm going to drive into a tree|I could crash my car on purpose
I hear voices telling me to kill|no le veo sentido a la vida|me tomé toda la caja|voces me dicen que me mate
sui\u00adcide|kill\u200bmyself|k\u0456ll myself|k\u0131ll myself|\u24da\u24d8\u24db\u24db my\u0489self
"""
HARMLESS = """
May I take it in the evening?|my father died last year|killing time|dying to know the result|the battery is dead
I cut my finger|I feel sad and hopeless|me corté el pelo|no puedo más tarde|I took all of it as told
is it safe to drive?|I cannot go on Tuesday|I do not want to be here late|take my life insurance
¿Puedo tomar todas las comidas?|I want to live better|Should I end the session?|I am so tired
I took 1 lozenge|I took my two lozenges|I took 100 mg tablets|I do not want to be here at 5|I can't go on the trip
I took 2 pills as prescribed|I took my lozenge|I took my three lozenges|I took 3 tablets as directed
I took three lozenges for my session|I take 3 pills a day|I took four pills every morning|I have taken 3 pills daily
I took some pills for my headache|I took a pill|I took 3 of them as you told me|me tomé tres pastillas como me indicaron
tomé mis tres pastillas|tomé tres pastillas para la sesión|I took two lozenges, 3 hours after lunch
I don't want to be here on Monday|I do not want to be here in time|I don't want to be here for the visit
I want the cramps to stop|I want it to be over quickly next time|no way out of this page
I've been cutting down on sugar again|I drove into town|I took two doses so far|I want the nausea to stop
I drank a whole bottle of water|I won't be here on Monday|it is not worth the money|I deserve to live well
I can't go on a long walk|I want to end it early|I swallowed one tablet|me tomé dos pastillas|dormir y despertar bien
"""


def test_the_promised_day_is_the_next_working_day():
    """Each row: the day of writing, the day by which it is answered."""
    for written, answered in (
        ("2026-11-23", "2026-11-24"),  # a Monday
        ("2026-11-25", "2026-11-27"),  # before Thanksgiving
        ("2026-11-27", "2026-11-30"),  # a Friday
        ("2026-11-28", "2026-11-30"),
        ("2026-11-29", "2026-11-30"),
        ("2026-07-02", "2026-07-06"),  # 4 July is a Saturday: Friday is free
        ("2027-12-30", "2028-01-03"),  # New Year is a Saturday: 31 December is free
    ):
        assert answer_by(date.fromisoformat(written)) == date.fromisoformat(answered), written
    for year, days in OPM.items():
        assert public_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}, year
    day = date(2026, 1, 1)
    for _each in range(800):
        due = answer_by(day)
        assert working_day(due)
        assert timedelta() < due - day <= timedelta(days=5), day
        day += timedelta(days=1)


def test_words_that_may_mean_danger_and_words_that_do_not():
    """I3: inflections, accents, apostrophes, line breaks; a negation suppresses nothing."""
    for words in (
        DANGER.strip().replace("my\ndream", "my dream").replace("in\nliving", "in living").replace("\n", "|").split("|")
    ):
        assert suggests_crisis(words), words
        assert suggests_crisis(f"Thank you. {words.upper().replace(' ', chr(10))}, sorry"), words
        assert not suggests_crisis(f"x{words.split()[0]}"), words
    assert all(suggests_crisis(words) for words in ("to k i l l myself", "s.u.i.c.i.d.e", "w-a-n-n-a d i e"))
    for words in HARMLESS.strip().replace("\n", "|").split("|"):
        assert not suggests_crisis(words), words
