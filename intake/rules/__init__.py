"""The eligibility rules, one module per part of the policy. Pure: no Django, no clock, no database.

Every rule takes the case and the policy and returns findings; none of them knows the outcome.
"""
