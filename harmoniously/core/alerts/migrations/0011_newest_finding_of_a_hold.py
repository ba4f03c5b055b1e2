from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0010_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="safetyhold",
            name="newest_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="safetyhold",
            name="unanswered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
