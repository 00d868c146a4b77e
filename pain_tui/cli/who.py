"""Who is at the keyboard."""


def actor() -> str:
    """The operating system's user name."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
