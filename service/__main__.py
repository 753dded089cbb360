"""`python -m service` is `anxin`."""

from service.cli import main

main(prog_name="anxin")
