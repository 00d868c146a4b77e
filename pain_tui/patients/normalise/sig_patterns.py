"""The shapes of a written direction: numbers, pieces, 'every 4-6 h', '3 times a day', 'max 6 a day'."""

import re

N = r"\d+(?:\.\d+)?|\.\d+"
TO = r"\s*(?:-|–|to|or)\s*"
PIECES = (
    r"tablets?|tabs?|capsules?|caps?|pills?|patch(?:es)?|films?|strips?|lozenges?|suppositor(?:y|ies)|sprays?|puffs?|drops?|"
    r"units?|ml|mls|mg|mcg|g|gm|ug|µg|mcg/h(?:r)?|tsp|teaspoons?"
)
RANGE = rf"(?P<low>{N})(?:{TO}(?P<high>{N}))?"
QUANTITY = re.compile(rf"(?<![\w.])(?<!\d-){RANGE}\s*(?P<unit>{PIECES})(?![\w/])")
BARE = re.compile(
    rf"^(?:take|use|give|apply)?\s*{RANGE}\s+"
    r"(?=every|each|q\s?\d|once|twice|daily|nightly|at |in |po\b|by |up to|to be taken|\d+(?:\s*-\s*\d+)? times|"
    r"(?:sl|sc|im|iv|pr)\b|"
    r"(?:bd|bid|bds|b\.d\.|tds|tid|t\.d\.s\.|qds|qid|q\.d\.s\.|od|om|on|qhs|qam|qpm|nocte|mane|prn)\b)"
)
EVERY = re.compile(
    rf"(?:every|each|q)\s*{RANGE}\s*-?\s*"
    r"(?P<unit>h(?:ou)?rs?|hrly|hourly|h|days?|d|weeks?|wks?|w|months?|minutes?|min)\b"
)
HOURLY = re.compile(rf"(?<![\w.]){RANGE}\s*-?\s*(?P<unit>hourly|hrly)\b")
TIMES = re.compile(
    rf"(?P<up>(?:up to|not? more than|max(?:imum)?(?: of)?)\s*)?{RANGE}\s*"
    r"(?:(?:x|times?)\s*(?:/|per|a|an|each|every|in)?|/|per|a|each)"
    rf"\s*(?P<period>{N})?\s*(?P<unit>d(?:ays?)?|dy|daily|w(?:ee)?ks?(?:ly)?|month(?:ly)?|h(?:ou)?rs?)\b"
)
MOST = re.compile(
    r"(?:,|;|\()?\s*(?:max(?:imum)?(?: of)?|not? more than|(?:do )?not (?:to )?exceed|up to)\.?:?"
    rf"\s*(?P<n>{N})\s*(?P<unit>{PIECES}|doses|times)?\s*"
    r"(?:/|per|a|in(?: a)?|each|every)\s*(?:d(?:ay)?|24\s*h(?:ou)?(?:r)?s?)\b\)?"
)
DAILY_DOSE = re.compile(
    rf"(?:,|;|\()?\s*max(?:imum)?\.? (?:daily|total daily|24 hour|24h) (?:dose|amount)(?: of| is)?:?\s*"
    rf"(?P<n>{N})\s*(?P<unit>{PIECES}|doses|times)?(?![\w/])\)?"
)
FOR = re.compile(rf"\b(?:for|x)\s*(?P<n>{N})\s*(?P<unit>d(?:ays?)?|weeks?|wks?|months?|mo)\b")
CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:h]([0-5]\d)\b|\b(1[0-2]|[1-9])\s*(am|pm)\b")
WHAT_FOR = (
    r"(?:\s*(?:for|:)?\s*(?:breakthrough|severe|moderate)?"
    r"\s*(?:pain|migraine|nausea|sleep|anxiety))?"
)
WORD_NUMBERS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "eight": "8",
    "ten": "10",
    "twelve": "12",
    "one and a half": "1.5",
    "two and a half": "2.5",
    "half a": "0.5",
    "one half": "0.5",
    "half": "0.5",
    "½": "0.5",
    "1/2": "0.5",
    "1 1/2": "1.5",
    "1½": "1.5",
    "¼": "0.25",
    "1/4": "0.25",
}
FILLER = re.compile(
    r"\b(?:take|use|give|apply|inject|insert|place|chew|swallow|dissolve|inhale|by mouth|po|orally"
    r"|sl|im|iv|sc)\b"
)
NOT_A_DIRECTION = re.compile(
    r"(?:#|\bdisp(?:ense)?\.?:?|\bqty\.?:?|\brefills?:?)\s*\d+(?:\s*(?:/|for)\s*\d+\s*d(?:ays?)?\b)?"
)
SAME_IN_MASS = re.compile(
    rf"\b(tablets?|tabs?|capsules?|caps?)\s*\(\s*(?:{N})\s*(?:mg|mcg|g|ml)(?:\s*total)?\s*\)"
)
PER_HOUR = re.compile(r"\b(mcg|ug|µg|micrograms?|mg)\s*(?:per|an|/)\s*h(?:ou)?r?\b")
TWICE_OVER = re.compile(rf"({N})\s*\(\s*\1\s*\)")
TIMES_X = re.compile(r"\bx\s?(\d+)(?=\s*(?:/|a |per |daily))")
PER = re.compile(r"\b(once|twice|thrice|times?)\s+(?:per|each|every|in a)\s+(day|week|month)\b")
# A count that was not understood: a direction with one of these left over is not read at all.
COUNT_LEFT = re.compile(
    r"\d|\b(?:twice|thrice|times|double|couple|several|few|alternate|alternating|other|odd|even"
    r"|second|third|fourth|extra|additional|another|repeat|plus)\b"
)
# A time of day that was not understood: then the times of day that were cannot be the whole count.
TIME_LEFT = re.compile(
    r"\b(?:morning|noon|midday|afternoon|evening|night|bedtime|breakfast|lunch|dinner|supper|tea)\b"
)
# Words that are common in running text: only when they are the whole direction.
ONLY_ALONE = {"on", "om", "in", "it", "ut", "ud", "now", "once", "then", "od", "am", "pm", "apply", "i", "t"}

# German words of prescriptions, and one spelling for each.
GERMAN = tuple(
    (re.compile(rf"(?<!\w)(?:{words})(?!\w)"), said)
    for words, said in (
        (r"bei bedarf|b\. ?b\.|bedarfsweise", "prn"),
        (r"t\u00e4glich|taeglich|tgl\.?|pro tag|am tag", "daily"),
        (r"w\u00f6chentlich|pro woche", "weekly"),
        (r"alle (\d+) (?:stunden|std\.?|h)", r"every \1 h"),
        (r"alle (\d+) tage?", r"every \1 days"),
        (r"morgens", "in the morning"),
        (r"mittags", "at noon"),
        (r"abends", "in the evening"),
        (r"nachts|zur nacht", "at bedtime"),
        (r"tropfen|tr(?:o)?pf\.?|gtts?\.?", "drops"),
        (r"tabletten?|tabl?\.|tbl\.?", "tablets"),
        (r"kapseln?|kps\.?", "capsules"),
        (r"pflaster", "patches"),
    )
)
# '1-0-1' and '1-0-0-2': how many in the morning, at noon, in the evening, at night. '3x1': three times a day one.
PLANNED = re.compile(
    r"(?<![\w.,/-])(\d{1,2}(?:\.5)?(?:-\d{1,2}(?:\.5)?){2,3})(?![\w.,/-])\s*(drops|tablets|capsules)?"
)
TIMES_MANY = re.compile(
    r"(?<![\w.,/-])([1-6])\s*x\s*(\d{1,2}(?:\.5)?)(?![\w.,/-])\s*(drops|tablets|capsules|mg|mcg|g|ml|daily|times)?"
)
COMMA = re.compile(r"(?<![\d.,])(\d+),(\d+)(?![\d.,])")
