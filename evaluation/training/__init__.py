"""Programs that make the models that ship, from public data that lies outside the repository."""
