"""Watching over the database, Rasa and the service."""
