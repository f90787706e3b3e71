"""A real pool on this interpreter, shared by the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from studiolo.domain.limits import Limits
from studiolo.environments import environment
from studiolo.store.blobs import BlobStore
from studiolo.worker.jobs import Job, JobEnd, JobInput, JobResult
from studiolo.worker.pool import Pool
from studiolo.worker.settings import PoolSettings

SMALL = Limits(memory_mb=512, cpu_seconds=20, wall_seconds=30, disk_mb=512, processes=64)


@dataclass
class Outcome:
    """A job's result and end, with the bytes of its outputs."""

    result: JobResult
    end: JobEnd
    outputs: dict[str, bytes] = field(default_factory=dict)

    @property
    def log(self) -> str:
        return self.end.log.decode()

    @property
    def code(self) -> str | None:
        return self.result.error.code if self.result.error else None


def make_settings(folder: Path, **values: object) -> PoolSettings:
    current = environment("current", folder / "cache")
    (folder / "blobs").mkdir(parents=True, exist_ok=True)
    return PoolSettings(
        current.python,
        current.read_only,
        folder / "blobs",
        folder / "cache",
        **values,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="session")
def pool_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pool")


@pytest.fixture(scope="session")
def blobs(pool_folder: Path) -> BlobStore:
    return BlobStore(pool_folder / "blobs")


@pytest.fixture(scope="session")
def pool(pool_folder: Path) -> Iterator[Pool]:
    with Pool(make_settings(pool_folder)) as started:
        yield started


def body(code: str) -> str:
    """Give a script whose `azureml_main` does `code`."""
    lines = "\n".join("    " + line for line in code.strip().splitlines())
    return f"def azureml_main(dataframe1=None, dataframe2=None):\n{lines}\n"


def script_job(text: str, inputs: tuple[JobInput, ...] = (), limits: Limits = SMALL, outputs: int = 2) -> Job:
    ports = (("result_dataset", "dataset"), ("result_dataset2", "dataset"))
    document = {
        "kind": "script",
        "node": "node",
        "script": {"text": text, "file": "scripts/node.py"},
        "dialect": "designer",
        "integers_with_missing": "float",
        "strict": False,
        "ports": {"inputs": ["dataset1", "dataset2"]},
        "parameters": {},
    }
    return Job(document, inputs=inputs, outputs=ports[:outputs], limits=limits)


def run_job(pool: Pool, job: Job, on_log: Callable[[bytes], None] | None = None) -> Outcome:
    running = pool.submit(job, on_log)
    try:
        result = running.result()
        end = running.end()
        outputs = {}
        for name, sealed in result.outputs.items():
            outputs[name] = os.pread(sealed.descriptor, sealed.size, 0)
            os.close(sealed.descriptor)
        return Outcome(result, end, outputs)
    finally:
        running.close()


@pytest.fixture
def run(pool: Pool) -> Callable[..., Outcome]:
    def run_script(text: str, **values: object) -> Outcome:
        return run_job(pool, script_job(text, **values))  # type: ignore[arg-type]

    return run_script
