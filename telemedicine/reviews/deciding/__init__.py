"""A decision in two steps: written and looked at as the patient will read it, then confirmed; for a moment undone.

`services` are the verbs, `preview` is what the patient will read and what follows, `starting` the words to start from.
"""
