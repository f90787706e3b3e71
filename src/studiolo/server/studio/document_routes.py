"""Experiments: list, document, changes."""

from __future__ import annotations

from fastapi import APIRouter

from studiolo.server.studio.document_forms import (
    ChangesForm,
    DocumentForm,
    ExperimentRow,
    KeywordsForm,
    NewExperimentForm,
    RenameChange,
    SavedForm,
    SetChange,
)
from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.studio.changes import Change, Rename, Set
from studiolo.studio.studio import Studio

__all__ = ["router"]

router = APIRouter(tags=["experiments"])


@router.get("/experiments", response_model=list[ExperimentRow], operation_id="listExperiments")
def list_experiments(studio: StudioOfRequest) -> list[ExperimentRow]:
    """List the experiments, the last edited first."""
    return [ExperimentRow.model_validate(row) for row in studio.experiments.rows()]


@router.post("/experiments", response_model=DocumentForm, operation_id="createExperiment", status_code=201)
def create_experiment(wish: NewExperimentForm, studio: StudioOfRequest) -> DocumentForm:
    """Make an experiment."""
    if wish.copy_of_run is not None:
        studio.experiments.copy_run(wish.copy_of_run, wish.name, wish.title)
    elif wish.start == "copy" or wish.copy_of is not None:
        studio.experiments.copy(wish.copy_of or "", wish.name, wish.title)
    else:
        studio.experiments.create(wish.name, wish.title, has_script=wish.start == "script")
    studio.events.publish("experiments")
    return _document(wish.name, studio)


@router.get("/experiments/{name}", response_model=DocumentForm, operation_id="getDocument")
def get_document(name: str, studio: StudioOfRequest) -> DocumentForm:
    """Give an experiment as its files are now."""
    return _document(name, studio)


@router.delete("/experiments/{name}", response_model=None, operation_id="removeExperiment", status_code=204)
def remove_experiment(name: str, studio: StudioOfRequest) -> None:
    """Remove an experiment's files; its runs stay."""
    studio.experiments.remove(name)
    studio.events.publish("experiments")


@router.post("/experiments/{name}/changes", response_model=SavedForm, operation_id="changeDocument")
def change_document(name: str, wish: ChangesForm, studio: StudioOfRequest) -> SavedForm:
    """Apply changes to the files, all or none."""
    saved = studio.save(name, [_change(change) for change in wish.changes])
    problems = [problem.to_json() for problem in studio.documents.problems(saved.document)]
    return SavedForm.model_validate(
        {
            "revision": saved.document.revision,
            "saved": saved.at,
            "problems": problems,
            "scripts": saved.scripts,
            "is_as_asked": saved.is_as_asked,
        }
    )


@router.get(
    "/experiments/{name}/nodes/{node:path}/keywords", response_model=KeywordsForm, operation_id="getKeywords"
)
def get_keywords(name: str, node: str, studio: StudioOfRequest) -> KeywordsForm:
    """Give the keyword parameters of a node's script."""
    keywords, problems = studio.scripts.keywords(studio.documents.read(name), node)
    return KeywordsForm.model_validate(
        {"keywords": keywords, "problems": [problem.to_json() for problem in problems]}
    )


def _document(name: str, studio: Studio) -> DocumentForm:
    return DocumentForm.model_validate(studio.documents.to_json(studio.documents.read(name)))


def _change(change: SetChange | RenameChange) -> Change:
    if isinstance(change, RenameChange):
        return Rename(change.node, change.to)
    return Set(tuple(change.path), change.before, change.value)
