-- What is known of the person that medicines and procedures are checked against?
-- Reads fact_cells, knowledge.checked_facts. Makes person_cells: one row a fact. These facts are the person's, the same in every problem:
-- those of the first are taken. A table of its own, so that what else is entered leaves the checks as they are.
CREATE OR REPLACE TEMP TABLE person_cells AS
SELECT c.person, c.fact, c.value
FROM fact_cells c JOIN (SELECT person, min(problem) AS problem FROM fact_cells GROUP BY person) USING (person, problem)
JOIN knowledge.checked_facts USING (fact);
