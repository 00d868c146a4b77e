-- A signed plan says that the options and their harms were discussed with the person; unknown for older rows.
ALTER TABLE plan ADD COLUMN discussed BOOLEAN;
