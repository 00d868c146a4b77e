"""An assessment as text, JSON or a page."""
