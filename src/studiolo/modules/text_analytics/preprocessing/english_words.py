"""English contractions, abbreviations and irregular forms."""

from __future__ import annotations

# Contractions whose parts can't be told by their ending; the general endings stand in `ENDINGS`.
CONTRACTIONS = {
    "ain't": "is not",
    "can't": "can not",
    "cannot": "can not",
    "shan't": "shall not",
    "won't": "will not",
    "let's": "let us",
    "y'all": "you all",
    "'tis": "it is",
    "'twas": "it was",
}
IS = (
    "he",
    "she",
    "it",
    "that",
    "what",
    "who",
    "where",
    "when",
    "why",
    "how",
    "there",
    "here",
    "this",
    "everything",
)
ENDINGS = {"n't": " not", "'re": " are", "'ve": " have", "'ll": " will", "'m": " am", "'d": " would"}

# After these a full stop ends no sentence.
_ABBREVIATIONS = """
mr mrs ms dr prof st jr sr vs etc e.g i.e cf al fig no vol pp inc ltd co corp approx dept est
jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k a.m p.m
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())

# Words with an ending that is none.
_UNCHANGED = """
always as bus business analysis basis crisis axis this his series species news physics mathematics economics
politics lens gas plus yes across perhaps less unless besides sometimes whereas thus its us christmas canvas
atlas bias virus campus census status focus bonus
morning evening nothing something anything everything during ceiling sibling darling pudding herring
outstanding interesting
hundred sacred naked wicked rugged beloved red bed need seed speed feed weed deed breed greed indeed
exceed proceed succeed shed sled embed
"""
UNCHANGED = frozenset(_UNCHANGED.split())

_VERBS = """
be: am is are was were been being
have: has had having
do: does did done doing
go: goes went gone going
say: said saying
get: got gotten getting
make: made making
know: knew known
think: thought
take: took taken taking
see: saw seen seeing
come: came coming
find: found
give: gave given giving
tell: told
feel: felt
become: became becoming
leave: left leaving
put: putting
mean: meant
keep: kept
begin: began begun beginning
show: shown
hear: heard
run: ran running
hold: held
bring: brought bringing
write: wrote written writing
sit: sat sitting
stand: stood
lose: lost losing
pay: paid
meet: met
set: setting
lead: led
understand: understood
speak: spoke spoken
spend: spent
grow: grew grown
win: won winning
teach: taught
buy: bought
send: sent
build: built
fall: fell fallen
cut: cutting
sell: sold
break: broke broken
drive: drove driven driving
eat: ate eaten
draw: drew drawn
choose: chose chosen choosing
fly: flew flown flies
forget: forgot forgotten forgetting
sing: sang sung singing
swim: swam swum swimming
sleep: slept
wear: wore worn
throw: threw thrown
catch: caught
fight: fought
seek: sought
ring: rang rung
rise: rose risen rising
shake: shook shaken shaking
steal: stole stolen
bear: bore born borne
bite: bit bitten biting
blow: blew blown
drink: drank drunk
hide: hid hidden hiding
ride: rode ridden riding
lie: lying lies lied
die: dying dies died
tie: tying ties tied
create: created creating creates
agree: agreed agreeing
free: freed freeing
use: used using uses
change: changed changing
bring: bringing
control: controlled controlling
travel: travelled travelling
cancel: cancelled cancelling
add: added adding adds
visit: visited visiting
open: opened opening
happen: happened happening
offer: offered offering
order: ordered ordering
enter: entered entering
consider: considered considering
remember: remembered remembering
listen: listened listening
develop: developed developing
focus: focused focusing focuses
guide: guided guiding
taste: tasted tasting
waste: wasted wasting
paste: pasted pasting
excite: excited exciting
ignore: ignored ignoring
explore: explored exploring
store: stored storing
escape: escaped escaping
hang: hung hanged
"""
_NOUNS = """
child: children
man: men
woman: women
person: people
foot: feet
tooth: teeth
goose: geese
mouse: mice
ox: oxen
datum: data
criterion: criteria
phenomenon: phenomena
analysis: analyses
crisis: crises
basis: bases
leaf: leaves
wolf: wolves
knife: knives
wife: wives
life: lives
half: halves
shelf: shelves
thief: thieves
loaf: loaves
self: selves
bus: buses
gas: gases
movie: movies
cookie: cookies
status: statuses
virus: viruses
lens: lenses
"""
_ADJECTIVES = """
good: better best
bad: worse worst
far: farther farthest further furthest
"""


def _forms(*lists: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in "".join(lists).split("\n"):
        lemma, _, forms = line.partition(":")
        found |= dict.fromkeys(forms.split(), lemma)
    return found


IRREGULAR = _forms(_VERBS, _NOUNS, _ADJECTIVES)
IRREGULAR.pop("data")  # is used as a singular in this field
