-- needs: tiers
-- The tiers of the look-up tables by the origin of a finding, without those that say nothing; 1 is the highest.
CREATE TABLE knowledge.tier_of AS
WITH origins(table_name, origin) AS (VALUES
    ('drug_interactions', 'interaction'), ('drug_conditions', 'drug_condition'), ('drug_actions', 'gene_drug')
)
SELECT o.origin, t.word, t.about_use, t.tier, list_position(['STOP', 'CAUTION', 'NOTE'], t.tier) AS place
FROM knowledge.tiers t JOIN origins o USING (table_name) WHERE t.tier <> 'none';
