-- A diary may follow several pains, each on a scale of its own: `symptom` is the diary's word for what was rated,
-- `intensity` a number on the scale named in `scale`. `nrs` holds ratings of 0 to 10 and nothing else.
ALTER TABLE diary ADD COLUMN symptom VARCHAR;
ALTER TABLE diary ADD COLUMN intensity DOUBLE;
UPDATE diary SET intensity = nrs, nrs = NULL WHERE scale IS NOT NULL AND scale <> '0-10';
