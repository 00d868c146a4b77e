"""Fuzzing: every reader and parser that takes something from outside, one function each (targets.py)."""
