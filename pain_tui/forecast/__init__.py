"""The evidence model: from published trials to a forecast with its interval."""
