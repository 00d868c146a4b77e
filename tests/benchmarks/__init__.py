"""The tools that measure: what they time is what was painted."""
