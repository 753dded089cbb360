"""The customer's side of a running desk, from a program: one socket, and conversations played line by line."""
