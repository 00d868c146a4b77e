"""Variants and laboratory reports read into calls, five states end to end."""
