"""Outside files read into rows: parse, check, refuse, and say what was not used. Nothing is decided here."""
