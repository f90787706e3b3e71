"""A script with the legacy Azure package in its bundle reaches the storage it was granted, and no other host (R-4.3).

Old experiments carried `BlockBlobService` in a script bundle, since the retired product did not install packages. The
packages are downloaded by their names when the test runs, as an author would to make the bundle.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.integration.objects.conftest import Azurite, Desk
from tests.servers.azurite import ACCOUNT, ACCOUNT_KEY, as_owner

PACKAGES = ("azure-storage-blob==1.5.0", "azure-storage-common==1.4.2", "azure-common==1.1.28")
SCRIPT = """
import io

import pandas as pd
from azure.storage.blob import BlockBlobService


def azureml_main(dataframe1=None, dataframe2=None, name="", key="", host=""):
    service = BlockBlobService(account_name=name, account_key=key, protocol="http")
    service.primary_endpoint = host
    service.retry = lambda context: None
    text = service.get_blob_to_text("old", "in.csv").content
    frame = pd.read_csv(io.StringIO(text))
    frame["y"] = frame["x"] * 2
    service.create_blob_from_text("old", "out.csv", frame.to_csv(index=False))
    return frame,
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip with the packages unpacked, as authors made it."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "-d",
        folder,
    ]
    done = subprocess.run([*command, *PACKAGES], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    path = folder / "azure.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for wheel in sorted(folder.glob("*.whl")):
            with zipfile.ZipFile(wheel) as packed:
                for name in packed.namelist():
                    if ".dist-info/" not in name:
                        archive.writestr(name, packed.read(name))
    return path


def run(desk: Desk, bundle: Path, granted: str, host: str) -> tuple[str, str]:
    """Run the script with a network grant against a storage; give the node's state, and its error with the log."""
    (desk.workspace.path / "bundles").mkdir(exist_ok=True)
    (desk.workspace.path / "bundles/azure.zip").write_bytes(bundle.read_bytes())
    count = len(desk.workspace.experiment_names())
    experiment = desk.workspace.new_experiment(f"e{count}")
    experiment.set_script("script", SCRIPT)
    experiment.save()
    file = desk.workspace.path / experiment.folder / "experiment.yaml"
    lines = [
        "name: Old",
        "nodes:",
        "  script:",
        "    module: execute-python-script",
        f"    script: {experiment.nodes['script'].script.file}",
        "    bundle: bundles/azure.zip",
        f"    grants: {{network: ['{granted}']}}",
        f"    parameters: {{name: {ACCOUNT}, key: '{ACCOUNT_KEY}', host: '{host}'}}",
    ]
    file.write_text("\n".join(lines) + "\n")
    node = desk.workspace.run(f"e{count}")["script"]
    return node.state, f"{node.error} {node.log}"


def test_the_legacy_package_reads_and_writes_where_it_was_granted(
    desk: Desk, azurite: Azurite, bundle: Path
) -> None:
    """The documented use of `BlockBlobService`, unchanged, through the network gate of the jail."""
    as_owner("PUT", azurite.endpoint, "/old?restype=container")
    as_owner("PUT", azurite.endpoint, "/old/in.csv", b"x\n1\n2\n", blob=True)
    place = f"127.0.0.1:{azurite.port}"
    state, told = run(desk, bundle, place, f"{place}/{ACCOUNT}")
    assert (state, "Error" in told) == ("finished", False), told
    assert as_owner("GET", azurite.endpoint, "/old/out.csv") == b"x,y\n1,2\n2,4\n"


def test_another_host_is_refused(desk: Desk, azurite: Azurite, bundle: Path) -> None:
    """A grant is for one host and TCP port: the same storage at another port is not reached, and nothing is sent."""
    place = f"127.0.0.1:{azurite.port}"
    state, told = run(desk, bundle, "127.0.0.1:9", f"{place}/{ACCOUNT}")
    assert state == "failed"
    assert place in told
