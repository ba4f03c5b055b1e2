"""PDF with typst. A template never sees markup from data: everything goes in as one JSON text and is set as text.

Tagged PDF/UA-1, US letter, page x of y, the record number in the footer (UX-20).
"""

import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES = Path(__file__).parent / "typst"


class RenderError(Exception):
    """A document could not be set."""


def render(template_name: str, data: dict[str, Any]) -> bytes:
    """Set a template of this folder ("consent") with data, and give the PDF. RenderError when it cannot be set.

    ``data`` is any JSON; ``record`` and ``title`` are used by the page frame.
    """
    source = TEMPLATES / f"{template_name}.typ"
    if source.parent != TEMPLATES or not source.is_file():
        raise RenderError(f"There is no document template {template_name!r}.")
    text = json.dumps({"practice": settings.CLINIC_NAME, **data}, cls=DjangoJSONEncoder, ensure_ascii=False)
    try:
        made: bytes = typst.compile(
            str(source),
            root=str(TEMPLATES),
            format="pdf",
            sys_inputs={"data": text},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
        )
    except typst.TypstError as error:
        raise RenderError(f"{template_name} could not be set.") from error
    return made
