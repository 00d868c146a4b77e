-- needs: procedures, procedure_items, procedure_tests, procedure_safety
-- Which check items belong to which procedure (by code, by group, or the group without the neuraxial ones), and their atoms.
CREATE TABLE knowledge.procedure_item_index AS
WITH scopes AS (
    SELECT i.row_id, unnest(string_split(coalesce(i.scopes, s.scope), '|')) AS scope
    FROM knowledge.procedure_items i LEFT JOIN knowledge.procedure_safety s ON s.row_id = i.safety_row
)
SELECT DISTINCT c.row_id AS item_row, p.procedure_code
FROM scopes c JOIN knowledge.procedures p ON c.scope = 'ANY' OR c.scope = p.procedure_code
    OR list_contains(string_split(p.groups, ';'), split_part(c.scope, '-', 1))
       AND (NOT contains(c.scope, '-') OR NOT list_contains(string_split(p.groups, ';'), split_part(c.scope, '-', 2)));

CREATE TABLE knowledge.procedure_atoms AS
SELECT item_row, clause, fact, op, value, try_cast(value AS DOUBLE) AS number FROM knowledge.procedure_tests;

-- Each item with what is said of it. An item that is not checked, or a matter of technique, neither clears nor blocks (decides: FALSE);
-- it is told only where it holds, and so is one that a table calls no severity at all (always_told: FALSE).
CREATE TABLE knowledge.procedure_item_told AS
SELECT i.row_id AS item_row, i.item, s.severity, i.why, i."do", i.settle, i.source, i.sureness, coalesce(s.row_id, i.row_id) AS row_id,
    (i.sureness = 'unchecked' OR i.note = 'technique') IS NOT true AS decides,
    i.sureness <> 'unchecked' AND i.note IS DISTINCT FROM 'technique' AND s.severity IS DISTINCT FROM 'none' AS always_told
FROM knowledge.procedure_items i LEFT JOIN knowledge.procedure_safety s ON s.row_id = i.safety_row;
