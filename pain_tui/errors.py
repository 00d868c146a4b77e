"""The errors a user sees: what is wrong, where, which value, what is allowed, what to do next.

Anything that is not a `PainTuiError` is a bug of ours. Exit codes are those of docs/cli.md.
"""


class PainTuiError(Exception):
    """A problem the user can act on. `hint` says what to do next; `exit_code` goes to the shell."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(PainTuiError):
    """The command was called with words or values that it does not take."""

    exit_code = 2


class InputError(PainTuiError):
    """No input could be used."""

    exit_code = 3


class RuleError(PainTuiError):
    """A knowledge table or a rule does not pass its checks."""

    exit_code = 3


class StoreError(PainTuiError):
    """The patient file is missing, locked, damaged, too new, or the passphrase is wrong."""

    exit_code = 4


class ModelError(PainTuiError):
    """The forecast model is missing, changed, or does not fit the knowledge."""

    exit_code = 3


class KnowledgeExpired(PainTuiError):
    """The knowledge is past its `use_until` date."""

    exit_code = 6
