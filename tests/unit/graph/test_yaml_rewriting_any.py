"""R-1.9: random changes to random experiments with comments are read back as wanted, and cost no comment of others."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.rewriting import by_name, read, rewrite, with_node, with_parameters

from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.graph.editing import remove_node, rename_node
from studiolo.graph.writing import experiment_data

WORDS = (
    "a",
    "b",
    "count",
    "yes",
    "no",
    "1",
    "x y",
    "ü",
    "#",
    "k: v",
    "- l",
    "'",
    '"',
    "null",
    "~",
    "0x1",
    "",
)
VALUES: tuple[Any, ...] = (
    *(
        1,
        2.5,
        True,
        None,
        "t",
        "no",
        "12:30",
        "a # b",
        "x: y",
        " lead",
        "trail ",
        "tab\tin",
        "é€😀",
        "\u2028",
    ),
    *("one\ntwo\n", "one\ntwo", "\n", "a\n\n\n", "  in\nout\n", "# no comment\nx\n", "", [], {}, [1, "a"]),
    *({"k": {"l": [1, {"m": "n\no"}]}}, ["x" * 120], "y" * 200, 10**20, -0.0, 1e300, [[], [[]]], {"": ""}),
)


def random_node(name: str, names: list[str], chance: random.Random) -> Node:
    """Make a node with anything in it."""
    few = {chance.choice(WORDS): chance.choice(VALUES) for _ in range(chance.randrange(4))}
    sources = {
        port: Source(chance.choice(names), chance.choice(["", "result_dataset"]))
        for port in chance.sample(["dataset1", "dataset2", "script_bundle"], chance.randrange(3))
    }
    return Node(
        name,
        chance.choice(["import-data", "execute-python-script", "dataset"]),
        {"name": chance.choice(["pima", "1"]), **few} if chance.random() < 0.2 else few,
        sources,
        Script(f"scripts/{chance.randrange(5)}.py", "") if chance.random() < 0.4 else None,
        chance.choice([None, None, "bundles/x.zip"]),
        chance.choice([None, None, "my env"]),
        chance.choice(["designer", "classic"]),
        Limits(memory_mb=chance.choice([4096, 100])),
        Grants(*chance.choice([((), ()), (("*",), ("data",)), (("a:1", "b:2"), ())])),
        chance.random() < 0.2,
        dict.fromkeys(chance.sample(["third", "fourth"], chance.randrange(3)), "dataset"),
        chance.choice(["", "", "note: this", "two\nlines"]),
        chance.choice([(), ("numpy<2", "textblob")]),
    )


def random_experiment(chance: random.Random) -> Experiment:
    """Make an experiment with anything in it."""
    names = chance.sample(["a", "b", "node 3", "yes", "5", "ü: x", "z#", "l" * 150], chance.randrange(1, 6))
    nodes = {name: random_node(name, names, chance) for name in names}
    offered = None
    if chance.random() < 0.4:
        target = ParameterTarget(names[0], "count", chance.choice(VALUES), chance.random() < 0.5)
        if not target.has_default:
            target = replace(target, default=None)
        offered = WebService({"input 1": Source(names[0], "dataset1")}, {}, {"n": target})
    return Experiment("", chance.choice(["T", "no", "a: b"]), nodes, "", offered)


def commented(text: str, chance: random.Random) -> tuple[str, list[str]]:
    """Put comment lines and blank lines between the entries of nodes and fields; give them too."""
    lines, comments, is_literal = [], [], False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        is_literal = is_literal and (indent > 4 or not line.strip())
        if not is_literal and indent in (2, 4) and line.strip()[:1] not in "-" and chance.random() < 0.4:
            comments.append(f"# {len(comments)} {'-' * chance.randrange(3)}")
            lines.append(" " * indent + comments[-1])
            lines += [""] * chance.randrange(2)
        is_literal = is_literal or line.rstrip().endswith(("|", "|-", "|+", "|2", "|2-", "|2+"))
        lines.append(line)
    return "\n".join(lines) + "\n", comments


def changed_somehow(one: Experiment, chance: random.Random) -> tuple[Experiment, dict[str, str]]:
    """Make one to three random changes; give them with the renames among them."""
    renamed: dict[str, str] = {}
    for _ in range(chance.randrange(1, 4)):
        name = chance.choice([*one.nodes, None])
        kind = chance.randrange(6)
        if name is None:
            one = replace(one, title=chance.choice(["New", "yes", "T"]))
        elif kind == 0:
            one = remove_node(one, name)
            renamed = {old: new for old, new in renamed.items() if new != name}
        elif kind == 1 and name not in renamed.values() and f"{name} 2" not in one.nodes:
            one = rename_node(one, name, f"{name} 2")
            renamed[name] = f"{name} 2"
        elif kind == 2 and "fresh" not in one.nodes:
            one = replace(one, nodes={**one.nodes, "fresh": random_node("fresh", [name], chance)})
        else:
            new = random_node(name, list(one.nodes), chance)
            fields = chance.sample(
                [
                    "parameters",
                    "inputs",
                    "script",
                    "limits",
                    "grants",
                    "strict",
                    "outputs",
                    "comment",
                    "bundle",
                ],
                2,
            )
            one = with_node(one, name, **{field: getattr(new, field) for field in fields})
            one = with_parameters(one, name, **{chance.choice(["a", "count"]): chance.choice(VALUES)})
    return one, renamed


@pytest.mark.parametrize("seed", range(40))
def test_any_change_to_any_experiment_is_read_back_and_keeps_the_comments_of_others(
    seed: int, tmp_path: Path
) -> None:
    """R-1.9: random experiments with comments, random changes; what was not touched keeps every comment."""
    chance = random.Random(seed)
    for _ in range(8):
        one = random_experiment(chance)
        plain = experiment_data(one, tmp_path, None).decode()
        text, comments = commented(plain, chance)
        one = read(text, tmp_path)
        changed, renamed = changed_somehow(one, chance)
        if chance.random() < 0.2:
            text = text.replace("\n", "\r\n")
        written = rewrite(text, changed, tmp_path, renamed)
        touched = {
            name
            for name, node in one.nodes.items()
            if by_name(replace(one, nodes={name: node}))
            != by_name(replace(one, nodes={name: changed.nodes[name]} if name in changed.nodes else {}))
        }
        if one.web_service != changed.web_service:
            touched.add("web_service")
        if any(len(name) > 100 for name in (*changed.nodes, *one.nodes)):
            continue  # such keys are written as "? name", for which the whole text is new
        for comment in comments:
            if whose(text, comment, list(one.nodes)) not in touched:
                assert comment in written


def whose(text: str, comment: str, names: list[str]) -> str:
    """Give the node in whose lines a comment stands; comments above a node belong to the one before, or to none."""
    before = text[: text.index(comment)].replace("\r\n", "\n")
    found = ""
    for line in before.split("\n"):
        found = "web_service" if line == "web_service:" else found
        if line.startswith("  ") and not line.startswith(("   ", "  #")):
            key = line.strip()
            found = next((name for name in names if key.startswith((f"{name}:", f"'{name}':"))), found)
    return found
