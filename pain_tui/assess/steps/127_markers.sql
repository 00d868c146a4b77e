-- Which markers of susceptibility, addiction or inflammation are on record, what is the evidence, and which options of the
-- condition do without an opioid?
-- Reads case_genotype_call, problems, plan, options, knowledge.genes_shown, susceptibility_evidence, comt_haplotypes,
-- marker_words, marker_conditions, class_members. Makes markers, marker_conditions and without_opioids.
-- Nothing reads these tables but the output: a marker has weight zero in every probability, tier and order.
CREATE OR REPLACE TEMP TABLE markers AS
WITH recorded AS (
    -- one row a marker; the same marker read with other bases conflicts, and then none of them is used
    SELECT c.person, c.gene, c.rsid, any_value(g.position) AS position, any_value(CASE WHEN r.role IS NOT NULL THEN r.role ELSE g.role END) AS role,
        CASE WHEN count(DISTINCT list_sort(string_split(coalesce(c.alleles, c.diplotype), '/'))) FILTER (c.state = 'called') > 1 THEN 'conflicting'
             WHEN bool_or(c.state = 'called') THEN 'called' ELSE min(c.state) END AS state,
        CASE WHEN count(DISTINCT list_sort(string_split(coalesce(c.alleles, c.diplotype), '/'))) FILTER (c.state = 'called') > 1
             THEN string_agg(DISTINCT CASE WHEN c.state = 'called' THEN coalesce(c.diplotype, c.alleles) END, ' and ' ORDER BY CASE WHEN c.state = 'called' THEN coalesce(c.diplotype, c.alleles) END)
             ELSE max(CASE WHEN c.state = 'called' THEN coalesce(c.diplotype, c.alleles) END) END AS bases
    FROM case_genotype_call c JOIN knowledge.genes_shown g ON g.gene = c.gene
    LEFT JOIN (SELECT gene, min(role) AS role FROM knowledge.genes WHERE role IN ('addiction', 'susceptibility', 'inflammation') GROUP BY gene) r ON r.gene = c.gene
    WHERE g.scheme = 'marker' AND c.rsid IS NOT NULL AND c.state <> 'not_tested'
    GROUP BY c.person, c.gene, c.rsid
),
studied AS (
    SELECT unnest(string_split(variant, '|')) AS rsid, gene, outcome,
        concat_ws(' ', effect_measure, round(estimate, 3)::VARCHAR, CASE WHEN ci95 IS NOT NULL THEN '(' || ci95 || ')' END) AS effect,
        n, design, source, note
    FROM knowledge.susceptibility_evidence
),
-- COMT: which pairs of published haplotypes the unphased bases allow
comt AS (
    SELECT person, map_from_entries(list((rsid, list_sort(string_split(bases, '/'))))) AS read FROM recorded
    WHERE gene = 'COMT' AND state = 'called' AND rsid IN ('rs6269', 'rs4633', 'rs4818', 'rs4680') GROUP BY person HAVING count(*) = 4
),
pairs AS (
    SELECT c.person, string_agg(a.haplotype || '/' || b.haplotype, ' or ' ORDER BY a.haplotype, b.haplotype) AS pairs
    FROM comt c JOIN knowledge.comt_haplotypes a ON true JOIN knowledge.comt_haplotypes b ON a.haplotype <= b.haplotype
    WHERE read['rs6269'] = list_sort([a.rs6269, b.rs6269]) AND read['rs4633'] = list_sort([a.rs4633, b.rs4633])
      AND read['rs4818'] = list_sort([a.rs4818, b.rs4818]) AND read['rs4680'] = list_sort([a.rs4680, b.rs4680]) GROUP BY c.person
)
SELECT r.person, r.gene, r.rsid, r.role, r.state, r.bases, 0 AS weight,
    coalesce(list({'outcome': s.outcome, 'effect': s.effect, 'n': s.n, 'design': s.design, 'source': s.source, 'note': s.note}
        ORDER BY s.n DESC NULLS LAST, s.outcome, s.source) FILTER (s.rsid IS NOT NULL), []) AS evidence,
    concat_ws(' ', CASE WHEN count(s.rsid) = 0 THEN any_value(u.say) END,
        CASE WHEN r.gene = 'COMT' THEN replace(any_value(k.say), '{pairs}', any_value(p.pairs)) END, any_value(w.say)) AS say, r.position
FROM recorded r LEFT JOIN studied s ON s.gene = r.gene AND s.rsid = r.rsid LEFT JOIN pairs p ON p.person = r.person
JOIN knowledge.marker_words w ON w.code = 'weight' JOIN knowledge.marker_words u ON u.code = 'unreplicated' JOIN knowledge.marker_words k ON k.code = 'comt'
GROUP BY r.person, r.gene, r.rsid, r.role, r.state, r.bases, r.position;

CREATE OR REPLACE TEMP TABLE marker_conditions AS
SELECT b.person, b.problem, b.condition, any_value(w.say) AS say
FROM problems b JOIN knowledge.marker_words w
    ON w.code = CASE WHEN b.condition IN (SELECT condition FROM knowledge.marker_conditions) THEN 'some_marker' ELSE 'no_marker' END
WHERE b.condition IS NOT NULL GROUP BY b.person, b.problem, b.condition;

CREATE OR REPLACE TEMP TABLE without_opioids AS
WITH opioids AS (SELECT DISTINCT term FROM knowledge.class_members WHERE drug_class = 'opioid_any'),
with_opioid AS (
    SELECT DISTINCT person, problem, option FROM (SELECT person, problem, option, unnest(drugs) AS drug FROM options) o
    WHERE o.drug IN (SELECT term FROM opioids)
)
SELECT o.person, o.problem, o.option, o.name, p.position, w.say
FROM options o JOIN plan p USING (person, problem, option) JOIN knowledge.marker_words w ON w.code = 'recorded'
WHERE o.person IN (SELECT person FROM markers WHERE state = 'called' AND role IN ('susceptibility', 'addiction'))
  AND NOT EXISTS (SELECT 1 FROM with_opioid x WHERE x.person = o.person AND x.problem = o.problem AND x.option = o.option);
