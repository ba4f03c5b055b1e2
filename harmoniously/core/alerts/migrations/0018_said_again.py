from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0017_what_a_contact_knew"),
    ]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="newest_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
