"""Preprocess Text (R-4.4; facts 5, Preprocess Text: the order of the steps, sentences joined by |||)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from studiolo.modules.text_analytics.preprocess_text import preprocess_text
from studiolo.modules.text_analytics.preprocessing.english_lemmas import lemma
from studiolo.sdk.roles import role_of, with_role

SWITCHES = (
    "remove_stop_words",
    "use_lemmatization",
    "detect_sentences",
    "normalize_case_to_lowercase",
    "remove_numbers",
    "remove_special_characters",
    "remove_duplicate_characters",
    "remove_email_addresses",
    "remove_urls",
    "expand_verb_contractions",
    "normalize_backslashes_to_slashes",
    "split_tokens_on_special_characters",
)
OFF = dict.fromkeys(SWITCHES, False)


def clean(text: str | None, stop_words: pa.Table | None = None, **given: Any) -> Any:
    """Clean one text."""
    table = pa.table({"t": pa.array([text], pa.string())})
    result = preprocess_text(table, stop_words, text_column_to_clean=["t"], **given)
    return result["Preprocessed t"][0].as_py()


def only(switch: str, text: str, **given: Any) -> Any:
    """Clean one text with a single step."""
    return clean(text, **{**OFF, switch: True, **given})


def test_everything_together() -> None:
    """As a new node does it."""
    text = (
        "The 3 dogs weren't barking! See www.dogs.example/a?b=1. It's Dr. Smith's MS---WORD; sooooo good..."
    )
    assert clean(text) == "dog bark|||dr smith ms word soo good"


def test_nothing_leaves_the_words() -> None:
    """Only blanks are put in order."""
    assert clean("  The 3  DOGS\nweren't! ", **OFF) == "The 3 DOGS weren't!"


@pytest.mark.parametrize(
    ("switch", "text", "wanted"),
    [
        ("remove_urls", "see http://a.b/c?d=1, (https://x.y) or ftp://z.", "see , ( ) or ."),
        ("remove_urls", "www.example.org. Next", ". Next"),
        (
            "expand_verb_contractions",
            "I'm sure they won't, can't, shouldn't've",
            "I am sure they will not, can not, should not have",
        ),
        (
            "expand_verb_contractions",
            "It’s Bob's; WE'LL see. Let's! cannot",
            "It is Bob; WE will see. Let us! can not",
        ),
        ("remove_email_addresses", "mail bob.x@y.org, now", "mail , now"),
        ("normalize_backslashes_to_slashes", r"C:\temp\\x", "C:/temp/x"),
        ("detect_sentences", "One. Two! Three? four. Five", "One.|||Two!|||Three? four.|||Five"),
        (
            "detect_sentences",
            "Dr. No met J. Bond at 5 p.m. Sharp. Really...",
            "Dr. No met J. Bond at 5 p.m. Sharp.|||Really...",
        ),
        (
            "detect_sentences",
            "a title\n\nthe text. (It goes on.) Yes",
            "a title|||the text.|||(It goes on.)|||Yes",
        ),
        ("split_tokens_on_special_characters", "MS---WORD a&b_c", "MS - WORD a & b _ c"),
        ("remove_special_characters", "MS-WORD a_b c++ (naïve) 名前。", "MSWORD ab c naïve 名前"),
        ("remove_duplicate_characters", "aaaaa sooo good!!!! 1000", "aa soo good!! 1000"),
        ("remove_numbers", "3 dogs 3.5 1,000 50% -2 3test 4-EC", "dogs 3test 4-EC"),
        ("remove_stop_words", "The cat AND the hat", "cat hat"),
        ("use_lemmatization", "Cities were running", "City be run"),
        ("normalize_case_to_lowercase", "Straße ÉTÉ", "straße été"),
    ],
)
def test_each_step_by_itself(switch: str, text: str, wanted: str) -> None:
    """What it does, and that it does nothing else."""
    assert only(switch, text) == wanted


def test_the_custom_pattern_comes_first() -> None:
    """Also when it makes what a later step removes; groups may be used (facts 5)."""
    given = {"custom_regular_expression": r"(\d+) dogs", "custom_replacement_string": r"http://x/\1"}
    assert only("remove_urls", "see 3 dogs now", **given) == "see now"
    assert clean("3 dogs", **OFF, **given) == "http://x/3"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"custom_regular_expression": "(a"}, "The custom regular expression can't be used"),
        (
            {"custom_regular_expression": "a", "custom_replacement_string": r"\2"},
            "The custom replacement string",
        ),
        (
            {"custom_regular_expression": "a", "custom_replacement_string": r"\g<x>"},
            "The custom replacement string",
        ),
    ],
)
def test_a_bad_pattern_is_told(refused: Callable[..., Any], given: dict[str, Any], words: str) -> None:
    """With what Python says of it."""
    code, summary, hint = refused(clean, "a", **given)
    assert code == "bad-parameter" and summary.startswith(words) and hint


def test_own_stop_words_stand_for_the_built_in_ones() -> None:
    """The first column of the port, whatever its case; missing ones don't count."""
    own = pa.table({"w": ["Cat", None, " dog "], "other": ["x", "y", "z"]})
    assert only("remove_stop_words", "the cat and the dog x", stop_words=own) == "the and the x"


def test_the_built_in_stop_words_are_scikit_learns() -> None:
    """Each of them goes."""
    assert clean(" ".join(sorted(ENGLISH_STOP_WORDS)), **{**OFF, "remove_stop_words": True}) == ""


def test_other_languages_need_their_own_stop_words(refused: Callable[..., Any]) -> None:
    """And have neither contractions nor lemmas, which would be English ones."""
    own = pa.table({"w": ["der"]})
    assert clean("Der Hund's Katzen", own, language="German") == "hund s katzen"
    code, summary, _ = refused(clean, "Der Hund", language="German")
    assert (code, summary) == ("bad-parameter", "There is no built-in list of stop words for German.")
    assert clean("Les chats", language="French", remove_stop_words=False) == "les chats"


@pytest.mark.parametrize(
    "text", ["", "   ", "!!! 123 the", "\ue000", "a" * 100_000, "." * 50_000, "a@" * 20_000]
)
def test_odd_texts(text: str) -> None:
    """Nothing left is an empty text, and no pattern takes long on long texts."""
    assert isinstance(clean(text), str)


def test_missing_stays_missing_and_other_columns_stay() -> None:
    """The new column stands at the end, by a free name."""
    table = pa.table({"ü": ["A dog.", None, "A dog."], "y": [1, 2, 3], "Preprocessed ü": [0, 0, 0]})
    table = with_role(table, ["y"], "label")
    result = preprocess_text(table, None, text_column_to_clean=["ü"])
    assert result.column_names == [*table.column_names, "Preprocessed ü (2)"]
    assert (
        result["Preprocessed ü (2)"].to_pylist() == ["dog", None, "dog"] and role_of(result, "y") == "label"
    )


def test_categories_are_texts_too() -> None:
    """Their values are cleaned."""
    table = pa.table({"c": pa.array(["The Dogs", None]).dictionary_encode()})
    assert preprocess_text(table, None, text_column_to_clean=["c"])["Preprocessed c"].to_pylist() == [
        "dog",
        None,
    ]


def test_what_is_no_text_is_told(refused: Callable[..., Any]) -> None:
    """Numbers, two columns, none, an empty port (R-4.4)."""
    table = pa.table({"n": [1], "t": ["x"]})
    for columns, code in (
        (["n"], "wrong-column-type"),
        (["n", "t"], "too-many-columns"),
        (None, "no-columns"),
    ):
        assert refused(preprocess_text, table, None, text_column_to_clean=columns)[0] == code
    assert refused(preprocess_text, table, pa.table({}), text_column_to_clean=["t"])[0] == "no-columns"


_LEMMAS = """
cities:city studies:study boxes:box houses:house churches:church watches:watch heroes:hero buses:bus days:day
leaves:leaf
children:child men:man mice:mouse people:person series:series news:news glass:glass analysis:analysis bonus:bonus
running:run making:make hoping:hope hopping:hop walking:walk eating:eat creating:create singing:sing changing:change
closing:close dancing:dance using:use king:king thing:thing string:string morning:morning calling:call passing:pass
stopped:stop loved:love wanted:want needed:need played:play studied:study died:die agreed:agree rated:rate treated:treat
increased:increase discussed:discuss managed:manage required:require compared:compare defined:define completed:complete
executed:execute provided:provide avoided:avoid answered:answer received:receive bed:bed speed:speed hundred:hundred
was:be went:go has:have better:good worst:bad written:write bought:buy
"""
LEMMAS = _LEMMAS.split()


@pytest.mark.parametrize("pair", LEMMAS)
def test_lemmas_of_usual_words(pair: str) -> None:
    """By endings and irregular forms; words that only look like a form stay."""
    word, base = pair.split(":")
    assert lemma(word) == base
