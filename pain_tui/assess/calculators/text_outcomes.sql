-- Which texts have one outcome, and with which drugs each outcome is asked about?
-- Reads asked_texts, asked_rows, written_results. Makes text_answers and questions.
CREATE OR REPLACE TEMP TABLE text_answers AS
SELECT t.gene, t.diplotype, t.symbol, t.written, w.reason,
    dense_rank() OVER (ORDER BY t.symbol, w.gene IS NULL, w.phenotype, w.score, w.at_least, w.hla_results, w.needs_copy_number, w.sureness, w.is_open) AS outcome
FROM asked_texts t LEFT JOIN written_results w ON w.gene = t.symbol AND w.written = t.written WHERE t.symbol IS NOT NULL;
CREATE OR REPLACE TEMP TABLE questions AS
SELECT outcome || '/' || inhibitors AS person, * FROM (
    SELECT DISTINCT t.outcome, coalesce(r.inhibitors, '') AS inhibitors FROM asked_rows r
    JOIN text_answers t ON t.gene = r.gene AND coalesce(t.diplotype, '') = coalesce(r.diplotype, ''));
