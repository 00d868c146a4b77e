"""The screens: they format, they never calculate."""
