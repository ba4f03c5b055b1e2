"""PDF with typst. A template never sees markup from data: everything goes in as one JSON text and is set as text.

Tagged PDF/UA-1, US letter, page x of y, the record number in the footer (UX-20). Whatever somebody typed can be set:
what the fonts do not have is spelt out, long names break, and nothing turns the direction of what stands around it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES = Path(__file__).parent / "typst"
# Unseen, they would turn around the words after them: a name must not rewrite the directions below it.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
# Longer than any line of a table; a soft break is only used where it is needed.
_LONG = re.compile(r"[^\W\d_]{30}(?=[^\W\d_])")
# Everything below is in the fonts, and hardly anything from there on: Chinese characters, pictures.
_LATIN, _ELSEWHERE = 0x180, 0x2E80


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
    text = _LONG.sub("\\g<0>\u200b", text.translate(_TURNS))
    try:
        return _compiled(str(source), text)
    except typst.TypstError:
        spelt = "".join(_spelt(one) for one in text)
    try:
        return _compiled(str(source), spelt)
    except typst.TypstError as error:
        raise RenderError(f"{template_name} could not be set.") from error


def _compiled(source: Any, text: str) -> bytes:
    """A template's address, or the template itself as bytes, set with a text."""
    made: bytes = typst.compile(
        source,
        root=str(TEMPLATES),
        format="pdf",
        sys_inputs={"data": text},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    return made


@cache
def _spelt(one: str) -> str:
    """The character, or its code point where the fonts do not have it: "[U+738B]"."""
    if ord(one) < _LATIN:
        return one
    if ord(one) < _ELSEWHERE:
        try:
            _compiled(b'#set document(title: "x")\n#sys.inputs.data *#sys.inputs.data*', one)
        except typst.TypstError:
            pass
        else:
            return one
    return f"[U+{ord(one):04X}]"
