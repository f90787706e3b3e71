"""A module's declaration: what the palette, the checks and the properties panel know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

PORT_TYPES = ("dataset", "zip", "file", "object", "device", "any")
PARAMETER_KINDS = ("text", "code", "integer", "number", "boolean", "choice", "columns", "path", "address")


@dataclass(frozen=True)
class Port:
    """A typed input or output.

    Attributes:
        name: identifier used in files, such as `dataset1`.
        type: one of `PORT_TYPES`.
        optional: an input that may stay unconnected.
        label: what people read.
        aliases: names of the same port in the retired products, accepted on import.
        holds: of an `object` port: what kind of object, such as `trained model`; empty for any.
    """

    name: str
    type: str = "dataset"
    optional: bool = False
    label: str = ""
    aliases: tuple[str, ...] = ()
    holds: str = ""


@dataclass(frozen=True)
class Parameter:
    """A value set on a node.

    Attributes:
        name: identifier used in files.
        kind: one of `PARAMETER_KINDS`. `path` names a file of the workspace and `address` an address
            whose bytes the host hands to the job, or takes from it; `columns` a column selection.
        label: what people read.
        default: value when the node gives none.
        required: the node must give a value.
        choices: allowed values of a `choice`.
        minimum: least allowed number.
        maximum: greatest allowed number.
        language: of a `code` parameter: `python`, `sql`, `r`.
        when: name of another parameter and the values of it for which this one counts.
        help: one or two sentences for the panel.
        aliases: names of the same parameter in the retired products.
        input: of a `columns` parameter: the input port whose columns it chooses from; the first table unless given.
        accepts: what else its value may be: the schemes of an `address`, `http` and `https` when empty; `folder` for a
            `path`; `secrets` for a `text` that may name secrets, as every address may.
    """

    name: str
    kind: str = "text"
    label: str = ""
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    language: str = ""
    when: tuple[str, tuple[str, ...]] | None = None
    help: str = ""
    aliases: tuple[str, ...] = ()
    input: str = ""
    accepts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declaration:
    """Everything about a module that can be known without running it.

    Attributes:
        id: stable name used in files, such as `apply-sql-transformation`.
        name: what people read.
        category: place in the palette, levels separated by ` / `.
        summary: one sentence.
        description: the docstring of its function.
        version: counts up when the same inputs may give another result; part of the fingerprint.
        inputs: input ports in order.
        outputs: output ports in order.
        parameters: parameters in order.
        runner: `function` (the decorated function is called in the jail), `script` (the node's own script
            is) or `host` (the dispatcher answers it without a job: saved datasets).
        deterministic: the same inputs give the same outputs; otherwise results are never reused.
        preload: import names that a worker should have loaded before the job comes.
        entry: `file:function` or `package.file:function` that the jail calls.
        template: text of a new node's script, when it has one.
        aliases: names and ids of the same module in the retired products.
        programs: names of programs of the machine that its jobs start, such as `Rscript`; a node is refused
            where one is missing, and runs again with another version of it.
        script_parameter: name of the `code` parameter whose text may be a file instead, the node's `script`.
        passes_through: in a published service its first dataset input goes unchanged to its first dataset output,
            as what splits or samples does in the retired products' real-time services.
    """

    id: str
    name: str
    category: str
    summary: str = ""
    description: str = ""
    version: int = 1
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    runner: str = "function"
    deterministic: bool = True
    preload: tuple[str, ...] = ()
    entry: str = ""
    template: str = ""
    aliases: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    script_parameter: str = ""
    passes_through: bool = False

    def input(self, name: str) -> Port | None:
        """Give the input port of that name, or None."""
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> Port | None:
        """Give the output port of that name, or None."""
        return next((port for port in self.outputs if port.name == name), None)

    @property
    def takes_script(self) -> bool:
        """Say whether its nodes may have a script of the author's in a file of their own."""
        return self.runner == "script" or bool(self.script_parameter)

    def parameter(self, name: str) -> Parameter | None:
        """Give the parameter of that name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Give the declaration as a JSON-ready dictionary."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Declaration:
        """Read what `to_json` gave; lists become tuples again."""
        values = dict(data)
        values["inputs"] = tuple(Port(**_tuples(port)) for port in data.get("inputs", ()))
        values["outputs"] = tuple(Port(**_tuples(port)) for port in data.get("outputs", ()))
        values["parameters"] = tuple(Parameter(**_tuples(p)) for p in data.get("parameters", ()))
        return cls(**_tuples(values))


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    def frozen(value: Any) -> Any:
        return tuple(frozen(item) for item in value) if isinstance(value, list) else value

    return {name: frozen(value) if name != "default" else value for name, value in data.items()}
