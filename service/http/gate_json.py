"""Runs of the publish gate as the API shows them, in answers and in the error that names one."""

from __future__ import annotations

from knowledge_base.gate_runs import GateRun

Json = dict[str, object]


def run_json(run: GateRun, *, holds_up: bool) -> Json:
    """How far it is; once it is done, the verdict and what it rests on, and whether publishing needs a supervisor."""
    shown: Json = {
        "run": str(run.id),
        "kind": run.kind,
        "id": run.item,
        "version": run.version,
        "state": run.state,
        "done": run.done,
        "total": run.total,
        "losses": [],
        "thieves": [],
        "gains": 0,
        "holds_up": holds_up,
    }
    return shown | dict(run.result) if run.result is not None else shown
