"""Scripts that use `azureml.core`, and a host inside the script that answers them."""

from __future__ import annotations

# A host inside the script: `answer(question)` gives a reply and descriptors.
HOST = """# coding: utf-8
from __future__ import print_function
import os, socket, tempfile, threading
import pandas
from studiolo_child import asking, descriptors
from studiolo_child.frames.pandas_out import write_frame
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asking.connect(os.dup(theirs.fileno()))
theirs.close()
questions = []
def written(data):
    number, path = tempfile.mkstemp()
    os.write(number, data)
    os.unlink(path)
    return number
def framed(table):
    target = tempfile.TemporaryFile()
    write_frame(target.fileno(), pandas.DataFrame(table), [], "designer", False)
    return os.dup(target.fileno())
def serve():
    while True:
        question, _ = descriptors.receive(ours)
        if question is None:
            return
        questions.append(question)
        reply, made = answer(question)
        descriptors.send(ours, dict(reply, id=question["id"]), made)
        descriptors.close_all(made)
thread = threading.Thread(target=serve)
thread.daemon = True
thread.start()
PEOPLE = {"name": u"people", "version": 3, "type": u"dataset", "size": 9, "rows": 3, "columns": 2, "file": u"p.csv"}
def answer(question):
    if question["ask"] == "workspace":
        return {"workspace": {"name": u"Shop"}, "experiment": u"churn", "run": 7, "node": u"clean"}, []
    if question["ask"] == "datasets":
        return {"datasets": [PEOPLE] if question["after"] is None else [dict(PEOPLE, name=u"z")],
                "more": question["after"] is None}, []
    if question["name"] != "people":
        return {"error": u"unknown-dataset", "text": u"There is no dataset.", "hint": u"Did you mean \\"people\\"?"}, []
    reply = {"dataset": PEOPLE}
    table = {"age": [1.0, 2.0, None], "name": [u"\\xe9", u"b", u"c"]}
    return reply, [framed(table)] if question.get("content") else []
"""


MODELS = """
import io, zipfile
def zipped(*names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return target.getvalue()
def answer(question):
    name = question.get("name")
    kinds = {"single": "zip", "several": "zip", "plain": "file", "broken": "zip"}
    facts = dict((name, dict(PEOPLE, name=name, type=kinds[name], version=2, file="f.bin")) for name in kinds)
    if question["ask"] == "models":
        return {"models": [facts[name] for name in sorted(facts)], "more": False}, []
    contents = {"single": zipped("model.pkl"), "several": zipped("a/b", "c"), "plain": b"data", "broken": b"data"}
    made = [written(contents[name])] if question.get("content") else []
    return {question["ask"]: facts[name]}, made
"""


def script(*lines: str, before: str = "") -> str:
    """Give a script whose function does these lines."""
    head = "from azureml.core import Run\n" if "Run" in "".join(lines) else ""
    before = before or "from __future__ import print_function\n"
    return f"{before}{head}def azureml_main(a=None, b=None):\n" + "".join(f"    {line}\n" for line in lines)


def asking(*lines: str) -> str:
    """Give a script with a host of its own that prints what `lines` print."""
    head = "from azureml.core import Dataset, Experiment, Model, Run, Workspace\n"
    return script(*lines, before=HOST + head).replace("from azureml.core import Run\n", "", 1)
