"""Runs of the publish gate as the API shows them, in answers and in the error that names one."""

from __future__ import annotations

from knowledge_base.gate_runs import GateRun

Json = dict[str, object]


def run_json(run: GateRun) -> Json:
    """How far it is; once it is done, the verdict and what it rests on."""
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
    }
    return shown | dict(run.result) if run.result is not None else shown
