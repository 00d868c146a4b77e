"""Fictional people: drawn from published distributions and correlations, never from anybody's record."""
