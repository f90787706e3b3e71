"""Each client of the help pages runs as it is, and sends exactly what the page says (R-9.1)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from checking_server import JOB, KEY, CheckingServer, Seen
from made_by_hand import WORKSPACE, census
from tests.client_programs import need_runtime, run_client

from studiolo.services.documents import samples
from studiolo.services.documents.addresses import Addresses, addresses_of
from studiolo.services.documents.clients import BATCH, CLASSIC, LANGUAGES, OWN, Client, clients


@pytest.fixture(scope="module", params=list(LANGUAGES))
def language(request) -> str:
    """A language whose runtime is installed here."""
    need_runtime(request.param)
    return request.param


def client_of(language: str, version, addresses: Addresses, form: str) -> Client:
    """Give the client in one language."""
    return next(one for one in clients(version, addresses, form) if one.language == language)


@pytest.mark.parametrize("form", [OWN, CLASSIC])
def test_a_client_sends_the_sample_and_prints_the_outputs(
    language: str, form: str, made_service, service_address: CheckingServer, tmp_path: Path
) -> None:
    """The page promises that each program runs as it is; names are only names in it."""
    service, version = made_service
    addresses = addresses_of(service, WORKSPACE, service_address.origin)
    if form == OWN:
        address, request, answer = addresses.own, samples.own_request(version, 1), samples.own_answer(version)
    else:
        address, request = addresses.execute, samples.classic_request(version, 1)
        answer = samples.classic_answer(version)
    target = address.removeprefix(service_address.origin)
    service_address.answers[urlsplit(address).path] = answer
    done = run_client(client_of(language, version, addresses, form), tmp_path, KEY)
    # R's package curl says there which library it uses.
    assert (done.returncode, "" if language == "r" else done.stderr) == (0, ""), done.stderr
    [seen] = service_address.seen
    assert seen.content_type.partition(";")[0] == "application/json"
    assert seen == Seen("POST", target, seen.content_type, request)
    if service.name == "census":
        assert "<=50K" in done.stdout and "0.287719" in done.stdout


@pytest.mark.parametrize("form", [OWN, CLASSIC, BATCH])
def test_a_client_shows_what_went_wrong_and_fails(
    language: str, form: str, service_address: CheckingServer, tmp_path: Path
) -> None:
    """The error body names the thing; a caller's shell sees that it failed."""
    service, version = census()
    addresses = addresses_of(service, WORKSPACE, service_address.origin)
    done = run_client(client_of(language, version, addresses, form), tmp_path, "wrong")
    assert done.returncode != 0
    assert "The key is wrong." in done.stderr + done.stdout


def test_a_batch_client_makes_starts_and_awaits_a_job(
    language: str, made_service, service_address: CheckingServer, tmp_path: Path
) -> None:
    """The calls and their order are the documented ones (R-9.3)."""
    service, version = made_service
    addresses = addresses_of(service, WORKSPACE, service_address.origin)
    service_address.answers["job"] = samples.batch_answer(version, "https://files.example.org/jobs")
    done = run_client(client_of(language, version, addresses, BATCH), tmp_path, KEY)
    assert done.returncode == 0, done.stderr
    path = addresses.jobs.removeprefix(service_address.origin)
    assert [(seen.method, seen.target) for seen in service_address.seen] == [
        ("POST", f"{path}?api-version=2.0"),
        ("POST", f"{path}/{JOB}/start?api-version=2.0"),
        ("GET", f"{path}/{JOB}?api-version=2.0"),
        ("GET", f"{path}/{JOB}?api-version=2.0"),
    ]
    assert service_address.seen[0].body == samples.batch_request(version)
    assert service_address.seen[1].body is None
    assert "/output1.csv" in done.stdout.replace("\\u2026", "…")
