"""Who is at the keyboard."""

import os

_NAMED_BY = ("LOGNAME", "USER", "LNAME", "USERNAME")


confirmed: str | None = None  # a local name with its log-in, once its PIN fitted (patients.users)


def actor() -> str:
    """The local name that was confirmed; else the operating system's user name, as the session states it; else the number.

    The user database is not asked: on many workstations that is a call to a name service, and this program
    makes no call to any service.
    """
    if confirmed is not None:
        return confirmed
    for variable in _NAMED_BY:
        if os.environ.get(variable):
            return os.environ[variable]
    return f"user-{os.getuid()}" if hasattr(os, "getuid") else "unknown"
