from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telemedicine", "0023_work_claims")]

    operations = [
        migrations.AlterField(
            model_name="visitchange",
            name="act",
            field=models.CharField(
                choices=[("booked", "Booked"), ("moved", "Moved"), ("cancelled", "Cancelled")], max_length=10
            ),
        ),
    ]
