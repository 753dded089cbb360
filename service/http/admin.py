"""The admin's routes: people, hours, settings, status, audit log."""

from __future__ import annotations

from aiohttp import web

from desk import audit, hours, people, status
from desk.errors import InvalidInput
from desk.hours import ShopHours
from desk.people import NewAgent
from service import keys, processes
from service.http.bodies import AgentChanges, AuditQuery, HoursBody, NewAgentBody
from service.http.calls import Call, json_answer
from service.settings import Sections


async def list_agents(call: Call) -> web.Response:
    """Everybody."""
    agents = await people.list_agents(call.request.app[keys.POOL])
    return json_answer({"agents": [agent.as_admin_json() for agent in agents]})


async def create_agent(call: Call) -> web.Response:
    """A new account; its first password is shown in this answer only."""
    app, body = call.request.app, call.body_as(NewAgentBody)
    new = NewAgent(**body.model_dump())
    agent, password = await people.create(
        app[keys.POOL], new, hasher=app[keys.PASSWORDS], by=call.me.agent.id, now=call.now
    )
    return json_answer({"agent": agent.as_admin_json(), "password": password}, 201)


async def change_agent(call: Call) -> web.Response:
    """Change what is given."""
    changes = call.body_as(AgentChanges).model_dump(exclude_unset=True)
    for field, value in changes.items():
        if value is None:
            raise InvalidInput(f"{field}: must not be null; leave it out to keep it.", field=field)
    agent = await people.change(
        call.request.app[keys.POOL], call.ids["id"], changes, by=call.me.agent.id, now=call.now
    )
    return json_answer({"agent": agent.as_admin_json()})


async def give_password(call: Call) -> web.Response:
    """A new first password; all sign-ins of that person end."""
    app = call.request.app
    password = await people.give_first_password(
        app[keys.POOL], call.ids["id"], hasher=app[keys.PASSWORDS], by=call.me.agent.id, now=call.now
    )
    return json_answer({"password": password})


async def read_hours(call: Call) -> web.Response:
    """Business hours and their version."""
    app = call.request.app
    found = await hours.read(app[keys.POOL], app[keys.HOURS].default)
    return json_answer(found.as_json())


async def change_hours(call: Call) -> web.Response:
    """Change them; conflict when the version is old."""
    app, body = call.request.app, call.body_as(HoursBody)
    wanted = ShopHours.from_json(body.version, body.model_dump(exclude={"version"}))
    changed = await hours.change(app[keys.POOL], wanted, by=call.me.agent.id, now=call.now)
    await app[keys.HOURS].refresh()
    return json_answer(changed.as_json())


async def read_settings(call: Call) -> web.Response:
    """What is in force and where it comes from; secrets are not among them."""
    settings = call.request.app[keys.SETTINGS]
    defaults = Sections().model_dump(mode="json")
    in_force = settings.sections.model_dump(mode="json")
    rows = []
    for section, values in in_force.items():
        fields = type(getattr(settings.sections, section)).model_fields
        for key, value in values.items():
            name = f"{section}.{key}"
            row = {"name": name, "value": value, "default": defaults[section][key]}
            row |= {"source": settings.sources.get(name, "default"), "help": fields[key].description or ""}
            rows.append(row)
    return json_answer({"settings": rows})


async def read_status(call: Call) -> web.Response:
    """Processes, queue, turns, models."""
    app = call.request.app
    counted = await status.read(app[keys.POOL], now=call.now)
    this = app[keys.PROCESS]
    found, size_bytes = await processes.read_processes(app[keys.POOL], this)
    models = app[keys.MODELS]()
    down = app[keys.HEALTH].service()["parts"]
    lines = [process.as_json(this) for process in found]
    for name, facts in (("database", {"size_bytes": size_bytes}), ("rasa", {"model": models.get("rasa")})):
        lines.append({"name": name, "state": "down" if name in down else "ok", **facts})
    shown = [{"name": name, "version": version} for name, version in models.items()]
    return json_answer({"processes": lines, "models": shown, **counted})


async def read_audit(call: Call) -> web.Response:
    """Who did what, newest first."""
    query = call.query_as(AuditQuery)
    entries, more = await audit.read(call.request.app[keys.POOL], before=query.before, limit=query.limit)
    return json_answer({"entries": [entry.as_json() for entry in entries], "more": more})
