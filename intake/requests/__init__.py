"""What patients hand in beside their answers: documents, and information that was asked for later."""
