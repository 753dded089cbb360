"""`anxin bench chat`: a generator of customers and agents over real WebSockets, and what it measures.

It talks to the desk as pages do and shares no process with it; the database is only asked for its settings and counters.
"""
