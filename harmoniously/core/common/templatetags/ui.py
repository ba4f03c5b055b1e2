"""The components of the design language as template tags.

`{% load ui %}` in a template; every tag renders one file of templates/components/. Tags never touch the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.text import slugify

from harmoniously.core.common import returning
from harmoniously.core.common.templatetags.ui_values import register

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


# Page furniture


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The theme the person chose (`auto`, `light`, `dark`); error pages have no request and take `auto`."""
    request = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "auto") if request else "auto"
    return chosen if chosen in THEMES else "auto"


@register.simple_tag
def first_url(*names: str) -> str:
    """The address of the first URL name that exists, or an empty string (no link is better than a broken one)."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, url: str, text: str, count: int = 0, exact: bool = False) -> dict[str, Any]:
    """One link of a navigation; `aria-current` when the page lies under it. Nothing when there is no address."""
    request = context.get("request")
    path = request.path if request else ""
    here = path == url if exact or url == "/" else path.startswith(url)
    return {"url": url, "text": text, "count": count, "current": bool(url) and here}


@register.inclusion_tag("components/icon.html")
def icon(name: str, label: str = "") -> dict[str, str]:
    """An icon of static/img/icons.svg; decorative unless it has a label."""
    return {"name": name, "label": label}


@register.inclusion_tag("components/back_link.html", takes_context=True)
def back_link(context: Context, url: str, text: str = "") -> dict[str, str]:
    """A link to the page before, above the heading; to the case of the patient where the page was opened from it."""
    case = returning.case_on(context)
    return {"url": case, "text": str(returning.TITLE)} if case else {"url": url, "text": text}


# Buttons and states


@register.inclusion_tag("components/button.html")
def button(
    text: str, kind: str = "primary", name: str = "", value: str = "", extra: str = "", disabled: bool = False
) -> dict[str, Any]:
    """A submit button. `kind`: primary, secondary, quiet, danger, accent (the one action of a public page)."""
    return {"text": text, "kind": kind, "name": name, "value": value, "extra": extra, "disabled": disabled}


@register.inclusion_tag("components/link_button.html")
def link_button(url: str, text: str, kind: str = "primary", extra: str = "") -> dict[str, str]:
    """A link that looks like a button, for going somewhere; a thing that acts is a `button`."""
    return {"url": url, "text": text, "kind": kind, "extra": extra}


@register.inclusion_tag("components/status_tag.html")
def status_tag(text: str, tone: str = "neutral") -> dict[str, str]:
    """A state in words with a tone: neutral, info, success, caution, danger, brand. Colour is never the only sign."""
    return {"text": text, "tone": tone}


@register.inclusion_tag("components/avatar.html")
def avatar(name: str) -> dict[str, str]:
    """Initials in a circle, hidden from screen readers: the name stands beside it."""
    return {"name": name}


@register.inclusion_tag("components/stat_card.html")
def stat_card(label: str, value: object, note: str = "", url: str = "") -> dict[str, object]:
    """One number with its label."""
    return {"label": label, "value": value, "note": note, "url": url}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", url: str = "", action: str = "") -> dict[str, str]:
    """What will appear here and what to do."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, text: str = "") -> dict[str, Any]:
    """`3 of 9`, with a bar."""
    return {"done": done, "total": total, "text": text}


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Sequence[str], current: int) -> dict[str, Any]:
    """Named steps; `current` counts from 1."""
    rows = [{"text": text, "done": at < current, "current": at == current} for at, text in enumerate(steps, start=1)]
    return {"rows": rows, "current": current, "total": len(rows)}


@register.inclusion_tag("components/timeline.html")
def timeline(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Items of `title`, `when`, and optionally `text`, `url`, `state` (done, now, later)."""
    return {"items": items}


@register.inclusion_tag("components/task_list.html")
def task_list(tasks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tasks of `title`, `url` (empty: cannot start yet), `state`, `tone`, and optionally `hint`."""
    return {"tasks": tasks}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]], change: str = "") -> dict[str, Any]:
    """Rows of `label`, `value` (text or a list of texts), and optionally `change_url`."""
    return {"rows": rows, "change": change}


@register.inclusion_tag("components/tabs.html", takes_context=True)
def tabs(context: Context, items: Iterable[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Tabs that are links: items of `title`, `url`, and optionally `count` and `active`."""
    return {"items": items, "label": label, "request": context.get("request")}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, name: str = "page") -> dict[str, Any]:
    """Newer and older, for a Django `Page`; keeps the other parts of the query. A second list has its own `name`."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query:
        query.pop(name, None)
    return {"page": page, "name": name, "query": query.urlencode() if query else ""}


@register.inclusion_tag("components/schedule_grid.html")
def schedule_grid(grid: Mapping[str, Any]) -> dict[str, Any]:
    """A week by clinician: `caption`, `days`, and `rows` of `name` and `cells` of events (time, title, url, tone)."""
    return {"grid": grid}


@register.inclusion_tag("components/trend_chart.html")
def trend_chart(chart: object, title: str, zone: str = "UTC") -> dict[str, Any]:
    """A line of scores as SVG with the same numbers in a table; `chart` comes from `charts.trend`."""
    return {"chart": chart, "title": title, "id": slugify(title), "zone": zone}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(chart: object, title: str, name: str) -> dict[str, Any]:
    """Bars under each other as SVG, beside a table of the same numbers; `chart` comes from `charts.bars`."""
    return {"chart": chart, "title": title, "id": f"{name}-chart"}


# Forms


@register.simple_tag(takes_context=True)
def field(
    context: Context,
    bound: BoundField,
    hint: str = "",
    optional: bool | None = None,
    page_heading: bool = False,
    label: str = "",
) -> SafeString:
    """A form field with label, hint and error. `page_heading` makes its label the h1 of a one-question page.

    Above every box for free text, but on the staff site, stands that nobody watches it, with 988 and 911.
    """
    own = getattr(bound.field, "template_name", None) or "components/field.html"
    if hint:
        bound.help_text = hint.strip()  # set there, so that Django's aria-describedby names it too
    if label:
        bound.label = label
    given = {
        "field": bound,
        "optional": (not bound.field.required) if optional is None else optional,
        "page_heading": page_heading,
        "not_watched": bound.widget_type == "textarea" and not _of_staff(context),
    }
    return render_to_string(own, given)


def _of_staff(context: Context) -> bool:
    request = context.get("request")
    return request is not None and request.path.startswith("/admin/")


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """What to mend, at the top of the page, with a link to each field. Nothing when nothing is wrong."""
    wrong = [form for form in forms if form and form.is_bound and form.errors]
    rows: list[dict[str, str]] = []
    for form in wrong:
        rows += [{"text": str(error), "target": "", "label": ""} for error in form.non_field_errors()]
        for bound in form:
            about, target = str(bound.label), error_target(bound)
            rows += [{"text": str(error), "target": target, "label": about} for error in bound.errors]
    said = Counter(row["text"] for row in rows)
    for row in rows:
        # "Choose an answer" three times over does not say which.
        if said[row["text"]] > 1 and row["label"]:
            row["text"] = f"{row['label']}{'' if row['label'][-1] in '.?:' else ':'} {row['text']}"
    return {"rows": rows}


@register.filter
def error_target(bound: BoundField) -> str:
    """The id a link in the error summary goes to: the first control of a group, else the control."""
    first_id = getattr(bound.field.widget, "first_id", None)
    whole = bound.auto_id or bound.html_name
    return str(first_id(whole)) if first_id else str(bound.id_for_label or whole)


# Slots


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "") -> SafeString:
    """`{% alert kind="caution" title="…" %}…{% endalert %}`; kind: info, success, caution, danger."""
    return render_to_string("components/alert.html", {"content": content, "kind": kind, "title": title})


@register.simple_block_tag
def card(content: str, title: str = "", kind: str = "", eyebrow: str = "", level: int = 2) -> SafeString:
    """A surface with an optional heading. `kind="next"` is the one next thing of the patient's home."""
    given = {"content": content, "title": title, "kind": kind, "eyebrow": eyebrow, "level": level}
    return render_to_string("components/card.html", given)


@register.simple_block_tag
def summary(content: str) -> SafeString:
    """A summary list around `{% summary_row %}`."""
    return render_to_string("components/summary.html", {"content": content})


@register.simple_block_tag
def summary_row(content: str, label: str, change_url: str = "") -> SafeString:
    """One row of a summary list, with a Change link where there is an address."""
    given = {"content": content, "label": label, "change_url": change_url}
    return render_to_string("components/summary_row.html", given)


@register.simple_block_tag
def details(content: str, title: str) -> SafeString:
    """More for those who want it, closed at first."""
    return render_to_string("components/details.html", {"content": content, "title": title})


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """A native dialog; opened by `<button type="button" data-opens="name">`."""
    return render_to_string("components/dialog.html", {"content": content, "name": name, "title": title})


@register.simple_block_tag
def table(content: str, caption: str, rows: bool = False, hide_caption: bool = True) -> SafeString:
    """A table that scrolls inside its own frame: write `<thead>` and `<tbody>` inside.

    With `rows` a phone shows each row as a block, and before a cell what its `data-label` says.
    """
    given = {"content": content, "caption": caption, "rows": rows, "hide_caption": hide_caption}
    return render_to_string("components/table.html", given)


@register.simple_tag(takes_context=True)
def include_if_there(context: Context, name: str) -> SafeString:
    """A template of an app that may be absent (the demo bar is not there in production)."""
    try:
        found = context.template.engine.get_template(name) if context.template else None
        return found.render(context) if found else SafeString("")
    except template.TemplateDoesNotExist:
        return SafeString("")
