"""The calculators: one clinical question each, no patient file, answered by the same steps as the screens."""
