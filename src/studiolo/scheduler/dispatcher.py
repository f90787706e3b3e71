"""Carries out what the state machine of a run asks for: prepares nodes, starts jobs, stores results, tells watchers.

All decisions are made in the thread that calls `run`; other threads only hand it messages. So the state
machine needs no lock, and a cancel is one message like any other.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.module import Declaration
from studiolo.domain.run import NodeRun
from studiolo.environments import Environment
from studiolo.errors import InternalError, StudioloError, WorkerError
from studiolo.metadata import Metadata
from studiolo.scheduler import events, instructions
from studiolo.scheduler.asked import Answering
from studiolo.scheduler.building import build_job, ingredients_of
from studiolo.scheduler.delivering import Delivery, deliver
from studiolo.scheduler.executors.local import Attempt, AttemptEnd, LocalExecutor
from studiolo.scheduler.host_modules import answer
from studiolo.scheduler.leaving import leave_run
from studiolo.scheduler.logs import NodeLog, log_path
from studiolo.scheduler.outputs import HeldOutput, Outputs, close_all, held_outputs, input_sources
from studiolo.scheduler.persisting import Finished, Persister
from studiolo.scheduler.plan import Plan
from studiolo.scheduler.preparing import Prepared, Preparer, reads_elsewhere
from studiolo.scheduler.progress import Listener, NodeEnded, NodeLogged, NodeStarted
from studiolo.scheduler.recording import ended_row, error_of_node, failed_row, finished_row, reused_row
from studiolo.scheduler.state import Phase, RunMachine
from studiolo.scheduler.wishes import Reveal, reveal_nothing
from studiolo.store.blobs import BlobStore
from studiolo.worker.jobs import JobInput, blob_input, path_in_store

CANCEL_POLL_SECONDS = 0.2
PREPARING_THREADS = 4


@dataclass(frozen=True)
class RunOrder:
    """One run as the dispatcher gets it; everything in it has been checked.

    Attributes:
        number: of the run, whose row is in the database.
        experiment: resolved.
        plan: nodes to run, with those that an interrupted attempt at this run has finished.
        declarations: node to declaration.
        environments: node to environment.
        sources: node to the file of a user's own module.
        given: outputs of nodes that do not run, and of those that are done.
        forced: nodes that run although their result could be reused.
        answering: gives what answers the questions of a node's script.
        network: patterns of the hosts that the workspace lets its nodes reach.
        reveal: gives the secrets that addresses name.
    """

    number: int
    experiment: Experiment
    plan: Plan
    declarations: Mapping[str, Declaration]
    environments: Mapping[str, Environment]
    sources: Mapping[str, Script] = field(default_factory=dict)
    given: Mapping[Source, HeldOutput] = field(default_factory=dict)
    forced: frozenset[str] = frozenset()
    answering: Callable[[Node], Answering] | None = None
    network: tuple[str, ...] = ()
    reveal: Reveal = reveal_nothing


class Dispatcher:
    """Runs one experiment to its end.

    Args:
        order: what to run.
        folder: the workspace's folder, for files that nodes read and write.
        runs: folder for the logs of runs.
        blobs: the store.
        metadata: where node runs are recorded.
        executor: runs the jobs.
        listener: told of every step, from the thread of `run`, and of log text from others.
    """

    def __init__(
        self,
        order: RunOrder,
        folder: Any,
        runs: Any,
        blobs: BlobStore,
        metadata: Metadata,
        executor: LocalExecutor,
        listener: Listener,
    ) -> None:
        self._order = order
        self._folder = folder
        self._runs = runs
        self._blobs = blobs
        self._metadata = metadata
        self._executor = executor
        self._listener = listener
        self._machine = RunMachine(order.plan)
        self._messages: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._outputs = Outputs()
        self._prepared: dict[str, Prepared] = {}
        self._rows: dict[str, NodeRun] = {}
        self._errors: dict[str, StudioloError] = {}
        self._logs: dict[str, NodeLog] = {}
        self._state: str | None = None
        facts = (order.experiment.name, order.number, order.network, order.answering, order.reveal)
        self._preparer = Preparer(folder, blobs, metadata, *facts)
        self._persister = Persister(blobs, metadata)
        self._threads = ThreadPoolExecutor(PREPARING_THREADS, thread_name_prefix="studiolo-prepare")

    def cancel(self) -> None:
        """Ask the run to end: running jobs are killed, waiting nodes do not start. Safe from any thread."""
        self._messages.put(lambda: self._handle(events.Cancelled()))

    def leave(self) -> None:
        """Make `run` raise `RunLeftError`: jobs are killed, and nothing more is recorded. Safe from any thread."""
        self._messages.put(leave_run)

    def run(self) -> str:
        """Work until every node is in its final state; give the run's state."""
        for source, held in self._order.given.items():
            self._outputs.put(source.node, {source.port: held})
        looked = time.monotonic()
        try:
            self._handle(events.Submitted())
            while self._state is None:
                try:
                    message = self._messages.get(timeout=CANCEL_POLL_SECONDS)
                except queue.Empty:
                    message = None
                if message is not None:
                    message()
                if time.monotonic() - looked > CANCEL_POLL_SECONDS:
                    looked = time.monotonic()
                    if self._metadata.cancel_requested(self._order.number):
                        self._handle(events.Cancelled())
            return self._state
        finally:
            self._preparer.stopping.set()
            if self._state is None:  # a fault of ours, a second Ctrl-C, or the run was left
                self._executor.cancel_all()
            self._executor.close()
            for log in self._logs.values():
                log.close(b"")
            self._threads.shutdown(wait=False, cancel_futures=True)
            try:
                self._persister.close()
                if self._state is not None:
                    self._deliver_messages()
            finally:
                self._outputs.close()

    def _deliver_messages(self) -> None:
        """Take what arrived after the end: rows that were stored last."""
        while True:
            try:
                message = self._messages.get_nowait()
            except queue.Empty:
                return
            message()

    def _handle(self, event: events.Event) -> None:
        if isinstance(event, events.Cancelled):
            self._preparer.stopping.set()
        for instruction in self._machine.handle(event):
            self._obey(instruction)

    def _obey(self, instruction: instructions.Instruction) -> None:
        match instruction:
            case instructions.Prepare(node):
                self._prepare(node)
            case instructions.StartJob(node):
                self._try_to_start(node)
            case instructions.CancelJob(node):
                self._executor.cancel(node)
            case instructions.EndNode(node, state, because):
                self._end(node, state, because)
            case instructions.FinishRun(state):
                self._state = state
            case instructions.Persist():
                pass  # when the job has gone too: its pictures and usage belong to the row

    # Preparing

    def _prepare(self, name: str) -> None:
        node, declaration = self._order.experiment.nodes[name], self._order.declarations[name]
        if declaration.runner == "host":
            self._answer(node, declaration)
        elif reads_elsewhere(node, declaration):
            self._threads.submit(self._prepare_elsewhere, name)
        else:
            self._after_preparing(name, *self._try_to_prepare(name))

    def _prepare_elsewhere(self, name: str) -> None:
        prepared, error = self._try_to_prepare(name)
        self._messages.put(lambda: self._after_preparing(name, prepared, error))

    def _try_to_prepare(self, name: str) -> tuple[Prepared | None, StudioloError | None]:
        node, declaration = self._order.experiment.nodes[name], self._order.declarations[name]
        inputs: dict[str, Content] = {}
        for port, source in input_sources(node, declaration):
            held = self._outputs.get(source) if source is not None else None
            if held is not None:
                inputs[port.name] = held.content
        try:
            prepared = self._preparer.prepare(
                node,
                declaration,
                self._order.environments[name],
                inputs,
                source=self._order.sources.get(name),
                is_forced=name in self._order.forced,
            )
            if prepared.reuse is not None:
                deliver(Delivery.of(prepared), prepared.reuse.outputs, self._blobs, self._folder)
        except Exception as error:
            return None, error_of_node(error, name, "could not be prepared")
        return prepared, None

    def _after_preparing(self, name: str, prepared: Prepared | None, error: StudioloError | None) -> None:
        if self._machine.phases[name] is not Phase.PREPARING:
            return  # cancelled or skipped meanwhile
        if prepared is None:
            self._fail(name, error)
            return
        self._prepared[name] = prepared
        if prepared.reuse is None:
            self._handle(events.CacheMiss(name))
            return
        self._rows[name] = reused_row(self._order.number, prepared)
        self._outputs.put(name, held_outputs(prepared.reuse))
        self._handle(events.CacheHit(name))

    def _answer(self, node: Node, declaration: Declaration) -> None:
        try:
            row = answer(self._order.number, node, declaration, self._metadata, self._blobs)
        except Exception as error:
            self._fail(node.name, error_of_node(error, node.name, "could not be answered"))
            return
        self._rows[node.name] = row
        self._outputs.put(node.name, held_outputs(row))
        self._handle(events.HostAnswered(node.name))

    def _fail(self, name: str, error: StudioloError | None) -> None:
        self._errors[name] = error or InternalError("internal", f"Node {name} failed without a reason.")
        self._handle(events.JobFailed(name))

    # Running

    def _try_to_start(self, name: str) -> None:
        try:
            self._start(name)
        except Exception as error:
            problem = error_of_node(error, name, "could not be started")
            self._messages.put(lambda: self._fail(name, problem))

    def _start(self, name: str) -> None:
        number, prepared = self._order.number, self._prepared[name]
        log = self._logs[name] = NodeLog(log_path(self._runs, number, name))
        self._rows[name] = ended_row(number, name, "running", prepared=prepared, started=time.time())
        self._persister.put(Finished(self._rows[name]))
        self._listener(NodeStarted(name, prepared.reason))
        inputs, descriptors_to_close = self._inputs_of(prepared)
        files = tuple(
            blob_input(parameter, "file", fetched.size, path_in_store(fetched.digest))
            for parameter, fetched in prepared.files.items()
        )
        environment = self._order.environments[name]
        job = build_job(ingredients_of(prepared, inputs, files, environment.name))

        def on_log(text: bytes) -> None:
            log.write(text)
            self._listener(NodeLogged(name, text))

        def on_result(outputs: dict[str, HeldOutput]) -> None:
            self._messages.put(lambda: self._job_finished(name, outputs))

        def on_end(end: AttemptEnd) -> None:
            close_all(descriptors_to_close)
            error = end.result.error
            if error is None:
                error = self._try_to_deliver(prepared, end)
            self._messages.put(lambda: self._job_gone(name, end, error))

        device = next((port.name for port in prepared.declaration.outputs if port.type == "device"), None)
        self._executor.start(Attempt(name, job, environment, device, on_log, on_result, on_end))

    def _inputs_of(self, prepared: Prepared) -> tuple[tuple[JobInput, ...], list[int]]:
        inputs: list[JobInput] = []
        to_close: list[int] = []
        try:
            self._gather_inputs(prepared, inputs, to_close)
        except OSError:
            close_all(to_close)
            raise
        return tuple(inputs), to_close

    def _gather_inputs(self, prepared: Prepared, inputs: list[JobInput], to_close: list[int]) -> None:
        for port, source in input_sources(prepared.node, prepared.declaration):
            found = self._outputs.as_input(port.name, port.type, source) if source is not None else None
            if found is not None:
                inputs.append(found[0])
                to_close += [found[1]] if found[1] is not None else []
            elif prepared.bundle is not None and port.name == "script_bundle":
                bundle = prepared.bundle
                inputs.append(blob_input(port.name, "zip", bundle.size, path_in_store(bundle.digest)))

    def _try_to_deliver(self, prepared: Prepared, end: AttemptEnd) -> StudioloError | None:
        descriptors = {
            port: held.descriptor for port, held in end.outputs.items() if held.descriptor is not None
        }
        contents = {port: held.content for port, held in end.outputs.items()}
        try:
            deliver(Delivery.of(prepared), contents, self._blobs, self._folder, descriptors)
        except Exception as error:
            return error_of_node(error, prepared.node.name, "could not deliver its file")
        return None

    def _job_finished(self, name: str, outputs: dict[str, HeldOutput]) -> None:
        self._outputs.put(name, outputs)
        self._handle(events.JobFinished(name))

    def _job_gone(self, name: str, end: AttemptEnd, error: StudioloError | None) -> None:
        """The job's processes are gone: store its result, or tell the machine why there is none."""
        try:
            self._logs[name].close(end.end.log)
        except Exception as fault:
            error = error or error_of_node(fault, name, "could not keep its log")
        prepared = self._prepared[name]
        if error is None and self._machine.phases[name] is Phase.PERSISTING:
            row = finished_row(self._rows[name], prepared, end, time.time())
            self._rows[name] = row
            self._persister.put(Finished(row, end.contents, lambda problem: self._stored(name, end, problem)))
            return
        if error is None:
            return  # cancelled or skipped after its result could be used
        self._errors[name] = error = self._placed(error, name)
        self._rows[name] = failed_row(self._rows[name], end, error)
        if error.code == "cancelled":
            self._handle(events.JobCancelled(name))
        elif isinstance(error, WorkerError) and error.code == "worker-lost":
            self._handle(events.WorkerLost(name))
        else:
            self._handle(events.JobFailed(name))

    def _placed(self, error: StudioloError, name: str) -> StudioloError:
        """Give an error its node, and its file the way from the workspace's folder."""
        error = error.at(node=name)
        file, folder = error.where.file, self._order.experiment.folder
        script = self._order.experiment.nodes[name].script
        if file and folder and script is not None and file == script.file:
            error.where = replace(error.where, file=f"{folder}/{file}")
        return error

    def _stored(self, name: str, end: AttemptEnd, problem: StudioloError | None) -> None:
        """Called in the persister's thread."""
        if problem is None:
            self._messages.put(lambda: self._handle(events.Persisted(name)))
            for content in end.contents:
                if content.port is not None:
                    self._outputs.stored(name, content.port)
        else:
            self._messages.put(lambda: self._fail(name, problem.at(node=name)))

    # Ending

    def _end(self, name: str, state: str, because: str | None) -> None:
        """Record a node's final state. A finished node's row is in the database already."""
        row = self._rows.get(name)
        if state == "finished" and row is not None and row.state == "finished" and name in self._logs:
            self._listener(NodeEnded(row))
            return
        if state not in ("reused", "finished") or row is None:
            row = ended_row(
                self._order.number,
                name,
                state,
                prepared=self._prepared.get(name),
                before=row,
                ended=time.time(),
                because=because,
                error=self._errors.get(name) if state == "failed" else None,
            )
        self._rows[name] = row
        final = row
        self._persister.put(Finished(final, (), lambda _: self._listener(NodeEnded(final)), is_last=True))
