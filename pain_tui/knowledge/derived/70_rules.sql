-- needs: procedures
-- What a procedure involves, as yes/no, for the columns that rules about an option may use.
CREATE TABLE knowledge.procedure_flags AS
SELECT procedure_code, asra2018_class AS bleeding_class,
    array_position(['none', 'low', 'intermediate', 'high'], asra2018_class) AS bleeding_rank,
    list_contains(g, 'needle') AS is_needle, list_contains(g, 'neuraxial') AS is_neuraxial, list_contains(g, 'implant') AS is_implant,
    list_contains(g, 'fluoro') AS uses_xray, list_contains(g, 'steroid') AS uses_steroid, list_contains(g, 'contrast') AS uses_contrast,
    list_contains(g, 'rf') AS uses_heat
FROM (SELECT *, string_split(groups, ';') AS g FROM knowledge.procedures);
