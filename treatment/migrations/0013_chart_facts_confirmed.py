"""When a chart's facts were confirmed, apart from the newest approval."""

from typing import Any

from django.db import migrations, models


def begin(apps: Any, schema_editor: Any) -> None:
    """So far every approval confirmed the facts."""
    apps.get_model("treatment", "Chart").objects.update(confirmed_at=models.F("approved_at"))


class Migration(migrations.Migration):
    dependencies = [("treatment", "0012_check_in_kinds")]

    operations = [
        migrations.AddField("chart", "confirmed_at", models.DateTimeField(null=True)),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.AlterField("chart", "confirmed_at", models.DateTimeField()),
    ]
