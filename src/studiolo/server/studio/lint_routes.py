"""Looking at a script's text, and laying it out anew; nothing of it runs."""

from __future__ import annotations

from fastapi import APIRouter

from studiolo.server.studio.lint_forms import FormatAnswer, LintAnswer, LintFinding, LintWish
from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.studio.lint import Text

__all__ = ["router"]

router = APIRouter(tags=["scripts"])


@router.post("/lint", response_model=LintAnswer, operation_id="lint", summary="Look at a script")
def lint(wish: LintWish, studio: StudioOfRequest) -> LintAnswer:
    """Look at a script with ruff, and with the environment it will run in; nothing of it runs."""
    found, note = studio.lint.look(_text(wish))
    return LintAnswer(findings=[LintFinding.model_validate(one) for one in found], note=note)


@router.post(
    "/format", response_model=FormatAnswer, operation_id="formatScript", summary="Lay a script out anew"
)
def format_script(wish: LintWish, studio: StudioOfRequest) -> FormatAnswer:
    """Lay a script out anew with ruff."""
    return FormatAnswer(text=studio.lint.format(_text(wish)))


def _text(wish: LintWish) -> Text:
    return Text(wish.text, wish.environment, wish.experiment, wish.node)
