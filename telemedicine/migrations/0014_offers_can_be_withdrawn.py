from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telemedicine", "0013_referrals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="offeredtime",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Waiting for an answer"),
                    ("taken", "Taken"),
                    ("declined", "Declined"),
                    ("lapsed", "Not answered"),
                    ("withdrawn", "No longer possible"),
                ],
                default="open",
                max_length=10,
            ),
        ),
    ]
