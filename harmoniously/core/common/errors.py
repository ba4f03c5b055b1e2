"""What a service says when it will not do a thing."""


class RuleViolation(Exception):
    """A refusal with a reason that is fit to be shown to the person who asked."""

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class IllegalMove(RuleViolation):
    """The row is not in a state from which this step is allowed."""


class Conflict(RuleViolation):
    """Somebody else was faster; nothing was written."""
