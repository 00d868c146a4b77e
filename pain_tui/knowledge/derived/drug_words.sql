-- needs: drug_names
-- Every plain word for a drug (ingredient, alias, brand) and the ingredients it means; for the calculators, which take a
-- bare name. Names with strength or directions are read by patients/normalise.
CREATE TABLE knowledge.drug_words AS
WITH named AS (
    SELECT lower(unnest(list_filter([ingredient] || coalesce(string_split(aliases, '|'), []) || coalesce(string_split(brands_us, '|'), [])
        || coalesce(string_split(brands_intl, '|'), []), lambda w: w IS NOT NULL AND trim(w) <> ''))) AS word,
        lower(ingredient) AS ingredient, kind, lower(members) AS members
    FROM knowledge.drug_names WHERE kind IN ('ingredient', 'combination')
)
SELECT DISTINCT trim(word) AS word, trim(unnest(CASE WHEN kind = 'combination' THEN string_split(coalesce(members, replace(ingredient, '/', '|')), '|') ELSE [ingredient] END)) AS ingredient
FROM named;
