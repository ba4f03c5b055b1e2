"""Consent: what is agreed to, who agreed to which words, and what is stopped while an agreement is missing.

`texts` are the dated documents, `rules` decide what stands and what needs it, `selectors` read where a patient stands,
`services` are the verbs. Every app above asks here, so that no app decides on its own what a signature is worth.
"""
