-- needs: limits_words
-- The words of each limit with one name for what they are about ({subject}) and one for what stands beside it ({detail}).
CREATE TABLE knowledge.limit_templates AS
SELECT code, about, blocks = 'yes' AS always_blocks, regexp_replace(regexp_replace(say, '\{(label|list|drug|reason|gene)\}', '{subject}', 'g'), '\{(shown|alleles)\}', '{detail}', 'g') AS say,
    regexp_replace(remedy, '\{(list|gene)\}', '{subject}', 'g') AS remedy
FROM knowledge.limits_words;
