-- needs: genes_shown, alleles, allele_names_dated, phenotypes, phenotype_words, phenoconversion_rules, inhibitors, half_lives
-- Each gene that is shown, with its bands of the activity score, and whether any medicine changes its enzyme.
CREATE TABLE knowledge.gene_bands AS
SELECT g.gene, list({'from_score': b.from_score, 'below_score': b.below_score, 'result': b.result, 'is_top': b.is_top} ORDER BY b.from_score) FILTER (b.gene IS NOT NULL) AS bands,
    g.gene IN (SELECT enzyme FROM knowledge.modulator_effects) AS is_modulated
FROM knowledge.genes_shown g LEFT JOIN knowledge.score_bands b USING (gene) GROUP BY g.gene;
