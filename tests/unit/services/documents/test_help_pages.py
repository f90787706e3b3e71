"""Help pages are complete, hold under a strict policy, and names in them are nothing but text (R-9.1)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from made_by_hand import HOSTILE, WORKSPACE, census, hostile, made, port

from studiolo.services.bodies.errors import CODES
from studiolo.services.documents import help_page
from studiolo.services.documents.addresses import addresses_of
from studiolo.services.documents.clients import BATCH, CLASSIC, LANGUAGES, OWN, clients
from studiolo.services.documents.static_files import FILES, static_file

ORIGIN = "http://127.0.0.1:8765"
PAGES = {OWN: help_page.own_page, CLASSIC: help_page.classic_page, BATCH: help_page.batch_page}
EMPTY = {"meta", "link", "input", "br", "img"}


class Reader(HTMLParser):
    """Reads a page into its elements and the text of each `pre`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.programs: dict[str, str] = {}
        self.text: list[str] = []
        self._program = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes) -> None:
        self.elements.append((tag, dict(attributes)))
        assert len(attributes) == len(dict(attributes))
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "pre":
            self._program = dict(attributes).get("id") or ""
            self.programs[self._program] = ""

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text.append(data)
        if "pre" in self.open:
            self.programs[self._program] += data


def page_of(form: str, made_service) -> str:
    """Give a page."""
    service, version = made_service
    return PAGES[form](service, version, addresses_of(service, WORKSPACE, ORIGIN))


@pytest.fixture(params=list(PAGES))
def form(request) -> str:
    """One of the endpoints."""
    return request.param


def test_a_page_holds_under_its_policy(form: str, made_service) -> None:
    """No inline script or style, no handler, nothing from another host, one script of our own."""
    reader = Reader(page_of(form, made_service))
    assert reader.open == []
    scripts = [attributes for tag, attributes in reader.elements if tag == "script"]
    assert scripts == [{"src": "/static/services.js", "defer": None}]
    for tag, attributes in reader.elements:
        assert tag not in ("style", "iframe", "object", "embed", "base", "img", "svg")
        assert [name for name in attributes if name.startswith("on") or name == "style"] == []
        for name in ("src", "href"):
            link = attributes.get(name)
            assert link is None or re.match(r"(/(?!/)|#|data:,$)", link), link
    assert "'unsafe" not in help_page.SECURITY_POLICY and "*" not in help_page.SECURITY_POLICY


def test_a_page_has_the_same_elements_whatever_names_contain(form: str) -> None:
    """A column named like a tag is text: the page has the elements of one with tame names."""
    service, version = hostile()
    names = [column.name for column in version.inputs[HOSTILE[0]].columns or ()]
    page = page_of(form, (service, version))
    text = "".join(Reader(page).text)
    for name in names:
        assert name.replace("\r\n", "\n") in text.replace("\r\n", "\n")
    assert "alert(1)" in text and "<script>alert" not in page


def test_the_ids_of_a_page_are_unique_and_every_link_in_it_leads_somewhere(form: str, made_service) -> None:
    """Labels and hints find their fields by id; a screen reader follows them."""
    elements = Reader(page_of(form, made_service)).elements
    ids = [attributes["id"] for _, attributes in elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for name in ("for", "aria-describedby", "aria-labelledby"):
        assert {one[name] for _, one in elements if one.get(name)} <= set(ids)
    assert {one["href"][1:] for _, one in elements if (one.get("href") or "").startswith("#")} <= set(ids)


def test_a_page_shows_each_client_as_it_is(form: str, made_service) -> None:
    """What is copied from the page is what the tests run."""
    service, version = made_service
    programs = Reader(page_of(form, made_service)).programs
    given = clients(version, addresses_of(service, WORKSPACE, ORIGIN), form)
    assert [client.language for client in given] == list(LANGUAGES)
    for client in given:
        shown = programs["code-snippet-r" if client.language == "r" else f"code-{client.language}"]
        assert shown.removeprefix("\n") == client.text


def test_the_r_package_finds_its_program_in_the_classic_page() -> None:
    """It strips tags, looks for `code-snippet-r`, leaves two characters out and shows the rest."""
    service, version = census()
    page = page_of(CLASSIC, (service, version))
    tag = r"</?\w+((\s+\w+(\s*=\s*(?:\".*?\"|'.*?'|[^'\">\s]+))?)+\s*|\s*)/?>"
    text = "\n".join(re.sub(tag, r"\1", line) for line in page.splitlines())
    rest = text[text.index("code-snippet-r") + len("code-snippet-r") + 2 :]
    assert rest.startswith("# Calls the web service census. R 3.5 or later")
    assert "Python" not in rest and 'list(39L, "State-gov",' in rest


def test_the_form_has_a_field_for_each_column_and_parameter() -> None:
    """Filled in from the sample; columns of a list offer it, and any value may be missing."""
    fields = [
        (attributes["data-column"], attributes["data-kind"], attributes.get("value"))
        for _, attributes in Reader(page_of(OWN, census())).elements
        if "data-column" in attributes
    ]
    assert fields == [
        ('"age"', "Integer", "39"),
        ('"workclass"', "String", None),
        ('"weight"', "Double", "77516.5"),
        ('"education"', "String", "Bachelors"),
        ('"is citizen"', "Boolean", None),
        ('"capital gain"', "Integer", "2174"),
        ('"seen"', "DateTime", "2014-09-21T11:10:00"),
        ('"hours per week"', "Double", "40.0"),
    ]
    page = page_of(OWN, census())
    assert '<option value="&#34;State-gov&#34;" selected>State-gov</option>' in page
    assert '<option value="null">(missing)</option>' in page
    assert 'data-parameter="&#34;threshold&#34;" data-kind="number" value="0.5"' in page


def test_the_key_field_is_never_filled_in_or_sent_by_the_browser() -> None:
    """Without a name a field is in no form data, and the browser is asked not to keep it."""
    key = next(one for _, one in Reader(page_of(OWN, census())).elements if one.get("id") == "key")
    assert key["type"] == "password" and key["autocomplete"] == "off"
    assert "name" not in key and "value" not in key
    script = (static_file("services.js") or b"").decode()
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|eval\(", script)


@pytest.mark.parametrize("form", [OWN, CLASSIC])
def test_every_error_code_is_explained(form: str) -> None:
    """The table is the one that the server answers with."""
    text = "".join(Reader(page_of(form, census())).text)
    for code, kind in CODES.items():
        assert (code if form == OWN else kind.detail) in text


def test_an_input_of_any_table_is_given_as_csv() -> None:
    """There are no columns to make fields of."""
    service, version = made([port("input1", None)], [port("output1", None)])
    page = page_of(OWN, (service, version))
    assert "Any table: its columns" in page and '<div class="csv">' in page
    assert "data-column" not in page


def test_a_name_that_is_no_unicode_text_does_not_break_the_page() -> None:
    """JSON can carry half a surrogate pair; the program keeps it as an escape."""
    service, version = made([port("input1", [("\ud800", "string")], ("x",))], [port("output1", None)])
    page = page_of(OWN, (service, version))
    page.encode("utf-8")
    assert '"\\ud800": "x"' in page


def test_the_static_files_are_there() -> None:
    """And no other file of the host is."""
    assert {name: bool(static_file(name)) for name in FILES} == {"services.css": True, "services.js": True}
    assert static_file("../help_page.py") is None
    style = (static_file("services.css") or b"").decode()
    assert "url(" not in style and "@import" not in style
