from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "harmoniously.core.questions"
    label = "questions"
