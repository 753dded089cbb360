"""HTTP: the route table and all that hangs on it (errors, access, limits, handlers, pages)."""
