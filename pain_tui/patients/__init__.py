"""The patient file: schema, keys, audit, edits, readers."""
