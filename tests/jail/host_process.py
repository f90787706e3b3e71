"""A host of one pool, as a program: `python -m tests.jail.host_process OPTIONS`. Started by hosts.py.

Speaks lines of JSON: requests on standard input, replies on standard output, each with the request's `id`.
`{"op": "run"}` gives a job to the pool, `serve` (see serving.py) requests to a script that serves, and several
may run at once; `cancel`, `signal` and `state` are answered at once. It ends with its input. OPTIONS is a JSON object:

    folder    an empty folder of its own
    account   "root", "ordinary", or "same": the account it was started as
    denied    names for tests.jail.deny
    settings  further values for PoolSettings
    environment  python, flags, read_only and libraries of the environment; null for `current`
"""

from __future__ import annotations

import base64
import dataclasses
import fcntl
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.jail.accounts import become_ordinary, interpreter_paths

ROOT = Path(__file__).resolve().parents[2]
PICTURE_BYTES = 1 << 20
DEFAULT_LIMITS = {"memory_mb": 512, "cpu_seconds": 20, "wall_seconds": 30, "processes": 64}


def main() -> None:
    """Take the account, then the denials, then be the host: each but the last starts this program anew."""
    options = json.loads(sys.argv[1])
    again = [sys.executable, "-m", "tests.jail.host_process"]
    if options["account"] == "ordinary":
        # With `denied` the namespace must be made before the denials.
        shown = (options.get("environment") or {"read_only": ()})["read_only"]
        become_ordinary({*interpreter_paths(), *shown, str(ROOT)}, options["folder"])
    if options["account"] != "same":
        command = [*again, json.dumps({**options, "account": "same", "denied": []})]
        if options["denied"]:
            command = [sys.executable, "-m", "tests.jail.deny", ",".join(options["denied"]), "--", *command]
        os.execv(sys.executable, command)
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing else may write between the replies
    Host(options, replies).serve()


class Host:
    """The pool, the victims, and what is asked of them."""

    def __init__(self, options: dict[str, Any], replies: Any) -> None:
        import pandas

        from studiolo.environments import environment
        from studiolo.environments.programs import shown_for_programs
        from studiolo.store.blobs import BlobStore
        from studiolo.worker.pool import Pool
        from studiolo.worker.settings import PoolSettings
        from tests.jail.victims import Victims

        folder = Path(options["folder"])
        for name in ("victims", "blobs", "cache", "tmp", "scratch"):
            (folder / name).mkdir(mode=0o755)
        self.folder = folder
        chosen = options.get("environment") or {"libraries": (pandas.__file__, str(os.__file__))}
        self.victims = Victims(folder / "victims", tuple(chosen["libraries"]))
        current = dataclasses.asdict(environment("current", folder / "cache"))
        settings: dict[str, Any] = {
            name: chosen.get(name, current[name]) for name in ("python", "flags", "read_only")
        }
        settings |= {name: tuple(settings[name]) for name in ("flags", "read_only")}
        settings |= {"cache": folder / "cache", **options["settings"]}
        if "folders" in settings:
            settings["folders"] = tuple((name, Path(path)) for name, path in settings["folders"])
        paths, variables = shown_for_programs()  # as `studiolo.worker.pools` does
        settings["read_only"] = (*settings["read_only"], *paths)
        settings["variables"] = (*settings.get("variables", ()), *variables)
        self.blobs = BlobStore(folder / "blobs")
        self.pool = Pool(PoolSettings(**settings, blobs=folder / "blobs"))
        self._replies, self._lock = replies, threading.Lock()
        self._jobs: dict[int, Any] = {}
        self._held: dict[bytes, int] = {}

    def serve(self) -> None:
        """Answer until the input ends."""
        try:
            facts = {**self.pool.facts(), **self.victims.facts()}
        except Exception as error:  # an answer too: tests of refusals read it
            facts = {"refused": _error(error), **self.victims.facts()}
        self._answer(0, facts)
        for line in sys.stdin:
            request = json.loads(line)
            if request["op"] in ("run", "serve"):
                threading.Thread(target=self._run, args=(request,), daemon=True).start()
            else:
                self._answer(request["id"], getattr(self, "_" + request["op"])(request))
        self.pool.close()
        self.victims.close()

    def _answer(self, number: int, reply: Any) -> None:
        with self._lock:
            print(json.dumps({"id": number, "reply": reply}), file=self._replies, flush=True)

    def _run(self, request: dict[str, Any]) -> None:
        try:
            reply = self._reply(request) if request["op"] == "run" else self._serve(request)
        except Exception as error:
            reply = _error(error)
        self._answer(request["id"], reply)

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        def tell(text: bytes) -> None:
            self._answer(request["id"], {"said": text.decode("utf-8", "replace")})

        job = self._job(request)
        before = [_content(self.folder, item) for item in job.inputs]
        running = self.pool.submit(job, tell if request.get("stream") else None)
        self._jobs[request["id"]] = running
        outputs: dict[str, Any] = {}
        try:
            result = running.result()
            for name, sealed in result.outputs.items():
                outputs[name] = _columns(sealed)
                os.close(sealed.descriptor)
            end = running.end()
            changed = [
                item.name
                for item, was in zip(job.inputs, before, strict=True)
                if _content(self.folder, item) != was
            ]
        finally:
            self._jobs.pop(request["id"], None)
            running.close()
            for item in job.inputs:
                if item.descriptor is not None:
                    os.close(item.descriptor)
            if not self._jobs:
                while self._held:
                    os.close(self._held.popitem()[1])
        first = next(iter(outputs.values()), None)
        told = {name: value for name, value in result.report.items() if name in ("warnings", "pictures")}
        pictures = [[item.name, item.media_type, len(item.data)] for item in end.pictures]
        log = end.log.decode("utf-8", "replace")
        after = {"log": log, "result": first, "outputs": outputs, "pictures": pictures, "report": told}
        after |= {"usage": dict(end.usage), "warnings": list(end.warnings), "changed_inputs": changed}
        return {**_error(result.error), **after}

    def _serve(self, request: dict[str, Any]) -> dict[str, Any]:
        from tests.jail import serving

        return serving.served(self.pool, self._job(request), request, _error)

    def _job(self, request: dict[str, Any]) -> Any:
        from studiolo.domain.limits import Limits
        from studiolo.worker.jobs import Job

        document = {
            "kind": request.get("kind", "script"),
            "node": "node",
            "script": {"text": request["script"], "file": "scripts/node.py"},
            "dialect": "designer",
            "integers_with_missing": "float",
            "strict": False,
            "ports": {"inputs": ["dataset1", "dataset2"]},
            "parameters": {},
            **request.get("document", {}),
        }
        limits = Limits(**{**DEFAULT_LIMITS, **request.get("limits", {})})
        values: dict[str, Any] = {}
        grants = {name: tuple(request[name]) for name in ("network", "read") if request.get(name)}
        if grants:
            from studiolo.domain.limits import Grants

            values["grants"] = Grants(**grants)
        outputs = tuple(tuple(pair) for pair in request.get("ports", ())) or (
            ("result_dataset", "dataset"),
            ("result_dataset2", "dataset"),
        )
        return Job(document, inputs=self._inputs(request), outputs=outputs, limits=limits, **values)

    def _inputs(self, request: dict[str, Any]) -> tuple[Any, ...]:
        from studiolo.worker.jobs import JobInput, path_in_store

        items = [("dataset", _frame(table)) for table in request.get("inputs", ())]
        if request.get("bundle"):
            items.append(("zip", base64.b64decode(request["bundle"])))
        names = [
            f"dataset{number + 1}" if kind == "dataset" else "script_bundle"
            for number, (kind, _) in enumerate(items)
        ]
        inputs = []
        for name, (kind, data) in zip(names, items, strict=True):
            if request.get("passed"):
                inputs.append(JobInput(name, kind, len(data), descriptor=self._passed(data)))
            else:
                digest, size = self.blobs.put_bytes(data)
                inputs.append(JobInput(name, kind, size, blob=path_in_store(digest)))
        return tuple(inputs)

    def _passed(self, data: bytes) -> int:
        """Give a sealed memfd, for jobs that run at once the same one: so the host holds a node's output."""
        if data not in self._held:
            self._held[data] = _sealed(data)
        return os.dup(self._held[data])

    def _cancel(self, request: dict[str, Any]) -> None:
        running = self._jobs.get(request["job"])
        if running is not None:
            running.cancel()

    def _signal(self, request: dict[str, Any]) -> None:
        """Send a signal to a process of the pool: launcher, zygote or nursery."""
        launcher = self.pool.process_ids()[0]
        who = {"launcher": lambda: launcher, "zygote": lambda: _children(launcher)[0]}
        who["nursery"] = lambda: _children(_children(launcher)[0])[0]
        os.kill(who[request["who"]](), request["signal"])

    def _bare(self, request: dict[str, Any]) -> str:
        """Run a script without any jail, as the zygote would start it; give what it printed."""
        done = subprocess.run(
            [self.pool.settings.python, "-c", request["script"] + "\nazureml_main()\n"],
            cwd=self.folder / "scratch",
            env={**self.pool.settings.environment_variables(), "TMPDIR": str(self.folder / "tmp")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
        return done.stdout.decode("utf-8", "replace")

    def _state(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give everything that must be as before when no job runs."""
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        return {
            "victims": self.victims.state(),
            "descriptors": sorted(_descriptors()),
            "processes": _tree(self.pool.process_ids()),
            "jobs": len(self._jobs),
            "left": sorted(
                str(path) for name in ("tmp", "cache/jail") for path in (self.folder / name).glob("*")
            ),
            "mounts": [line for line in mounts if str(self.folder) in line],
            "memory": _resident(os.getpid()),
        }


def _error(error: BaseException | None) -> dict[str, Any]:
    """Give an error of studiolo, or any other, as the first fields of a reply."""
    from studiolo.errors import StudioloError

    if error is None:
        return {"code": None, "summary": "", "hint": "", "details": {}, "where": {}, "traceback": ""}
    if not isinstance(error, StudioloError):
        return {**_error(None), "code": "host-failed", "summary": f"{type(error).__name__}: {error}"}
    where = {name: value for name, value in dataclasses.asdict(error.where).items() if value is not None}
    details = json.loads(json.dumps(error.details, default=str))
    facts = {"code": error.code, "summary": error.summary, "hint": error.hint, "details": details}
    return {**facts, "where": where, "traceback": getattr(error, "traceback", "") or ""}


def _columns(sealed: Any) -> Any:
    """Give the values of a dataset as lists, or the bytes of another output in base64."""
    data = os.pread(sealed.descriptor, min(sealed.size, 1 << 22), 0)
    if sealed.type != "dataset":
        return base64.b64encode(data).decode()
    if sealed.size > 1 << 22:
        return {"too large to show": [sealed.size]}
    from studiolo_child.frames.arrow_frames import table_from_frame

    return json.loads(json.dumps(table_from_frame(data).to_pydict(), default=str))


def _sealed(data: bytes) -> int:
    from studiolo_child import syscalls

    descriptor: int = syscalls.memfd("input")
    os.write(descriptor, data)
    fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, syscalls.ALL_SEALS)
    return descriptor


def _content(folder: Path, item: Any) -> list[Any]:
    """Give the bytes and mode of an input; of a file of the store its times too."""
    if item.descriptor is not None:
        facts = os.fstat(item.descriptor)
        return [os.pread(item.descriptor, facts.st_size + 1, 0), facts.st_mode, facts.st_size]
    path = folder / "blobs" / item.blob
    facts = path.stat()
    return [path.read_bytes(), facts.st_mode, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns]


def _frame(columns: dict[str, list[Any]]) -> bytes:
    import io

    import pyarrow

    from studiolo_child.frames.arrow_frames import frame_from_table

    target = io.BytesIO()
    frame_from_table(pyarrow.table(columns), target)
    return target.getvalue()


def _children(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _tree(roots: list[int]) -> list[Any]:
    """Give `[pid, [children in the same form]]` for each process."""
    return [[pid, _tree(_children(pid))] for pid in roots]


def _descriptors() -> list[str]:
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:  # the listing's own
            continue
        found.append(target.split("[")[0])  # without its number: a new pool has a new socket
    return [entry for entry in found if "/proc/" not in entry]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
