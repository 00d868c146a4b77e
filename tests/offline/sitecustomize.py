"""Installed into every Python that the tests start: no name look-up, no bind, no connect.

Python reports such calls to audit hooks before they happen, and a hook cannot be removed again. The event
loop's own pair of sockets is neither bound nor connected on POSIX; on Windows the loopback makes it.
"""

import sys

_REFUSED = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "urllib.Request",
    }
)


class NetworkTouched(BaseException):
    """Something tried to reach the network; not an Exception, so that nothing swallows it."""


def _refuse(event: str, arguments: tuple) -> None:
    if event in _REFUSED and not _is_own_pair():
        raise NetworkTouched(f"{event} {arguments[1:]!r}")


def _is_own_pair() -> bool:
    frame = sys._getframe(2)
    return sys.platform == "win32" and any(name == "socketpair" for name in _callers(frame))


def _callers(frame):
    while frame is not None:
        yield frame.f_code.co_name
        frame = frame.f_back


if "pain_tui_tests_are_offline" not in sys.__dict__:
    sys.pain_tui_tests_are_offline = True
    sys.addaudithook(_refuse)
