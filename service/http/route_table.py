"""Every route of the program: what it takes, what it gives, and who may call it.

Registration, OpenAPI, documentation tests and the tests of roles × routes all come from this table.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.http import admin, answers, bodies, chat, demo, desk, health, sessions
from service.http.access import ADMIN, ADMIN_READS, CUSTOMER, DESK, OPERATORS, PUBLIC, SIGNED_IN
from service.http.description import description_handler
from service.http.knowledge_routes import KNOWLEDGE_ROUTES
from service.http.knowledge_uses_routes import KNOWLEDGE_USES_ROUTES
from service.http.pages import Pages
from service.http.pictures import MEDIA_TYPES
from service.http.route import CallHandler, Route

CHAT = "/api/chat/conversations"
ONE_CHAT = f"{CHAT}/{{id}}"
DESKS = "/api/desk/conversations"
ONE_DESK = f"{DESKS}/{{id}}"
PICTURE = "attachments/{attachment_id}"
OWNER_ERRORS = ("conflict", "conversation_closed")

CUSTOMER_ROUTES = (
    Route(
        method="POST",
        path=CHAT,
        handler=chat.start,
        access=PUBLIC,
        summary="Open a conversation",
        body=bodies.StartConversation,
        answer=answers.Started,
        status=201,
        errors=("bad_identity",),
    ),
    Route(
        method="GET",
        path=ONE_CHAT,
        handler=chat.read,
        access=CUSTOMER,
        summary="State and health",
        answer=answers.ConversationAnswer,
    ),
    Route(
        method="GET",
        path=f"{ONE_CHAT}/messages",
        handler=chat.read_messages,
        access=CUSTOMER,
        summary="Messages after a seq",
        query=bodies.MessagesQuery,
        answer=answers.Messages,
    ),
    Route(
        method="POST",
        path=f"{ONE_CHAT}/messages",
        handler=chat.send,
        access=CUSTOMER,
        summary="Send a message",
        body=bodies.SendMessage,
        answer=answers.Receipt,
        status=201,
        also=(200,),
    ),
    Route(
        method="POST",
        path=f"{ONE_CHAT}/attachments",
        handler=chat.store_attachment,
        access=CUSTOMER,
        summary="Upload a picture",
        media_types=MEDIA_TYPES,
        answer=answers.AttachmentAnswer,
        status=201,
    ),
    Route(
        method="GET",
        path=f"{ONE_CHAT}/{PICTURE}",
        handler=chat.read_attachment,
        access=CUSTOMER,
        summary="A picture",
        answer_types=MEDIA_TYPES,
    ),
    Route(
        method="POST",
        path=f"{ONE_CHAT}/read",
        handler=chat.mark_read,
        access=CUSTOMER,
        summary="Read up to here",
        body=bodies.ReadUpTo,
        status=204,
    ),
    Route(
        method="POST",
        path=f"{ONE_CHAT}/messages/{{seq}}/helpful",
        handler=chat.judge,
        access=CUSTOMER,
        summary="Whether an answer helped",
        body=bodies.Judgement,
        answer=answers.Judged,
    ),
    Route(
        method="POST",
        path=f"{ONE_CHAT}/close",
        handler=chat.close,
        access=CUSTOMER,
        summary="End the conversation",
        answer=answers.StateAnswer,
    ),
)

SESSION_ROUTES = (
    Route(
        method="POST",
        path="/api/session",
        handler=sessions.sign_in,
        access=PUBLIC,
        summary="Sign in",
        body=bodies.SignIn,
        answer=answers.SessionAnswer,
        errors=("wrong_password", "locked"),
    ),
    Route(
        method="GET",
        path="/api/session",
        handler=sessions.read,
        access=SIGNED_IN,
        summary="Who is signed in",
        answer=answers.SessionAnswer,
    ),
    Route(
        method="DELETE",
        path="/api/session",
        handler=sessions.sign_out,
        access=SIGNED_IN,
        summary="Sign out",
        status=204,
    ),
    Route(
        method="POST",
        path="/api/session/password",
        handler=sessions.change_password,
        access=SIGNED_IN,
        summary="Change one's own password",
        body=bodies.ChangePassword,
        status=204,
        errors=("wrong_password",),
    ),
)

DESK_ROUTES = (
    Route(
        method="GET",
        path=DESKS,
        handler=desk.list_conversations,
        access=DESK,
        summary="A list of conversations",
        query=bodies.ConversationsQuery,
        answer=answers.Conversations,
    ),
    Route(
        method="GET",
        path=ONE_DESK,
        handler=desk.read,
        access=DESK,
        summary="All about a conversation",
        answer=answers.Detail,
    ),
    Route(
        method="GET",
        path=f"{ONE_DESK}/messages",
        handler=desk.read_messages,
        access=DESK,
        summary="Messages after a seq, with notes",
        query=bodies.MessagesQuery,
        answer=answers.AgentsMessages,
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/messages",
        handler=desk.reply,
        access=DESK,
        summary="Answer the customer",
        body=bodies.Reply,
        answer=answers.Receipt,
        status=201,
        also=(200,),
        errors=OWNER_ERRORS,
    ),
    Route(
        method="PUT",
        path=f"{ONE_DESK}/messages/{{seq}}/tags",
        handler=desk.correct_tags,
        access=DESK,
        summary="Correct the tags of a customer's message",
        body=bodies.TagLabels,
        answer=answers.RetaggedAnswer,
    ),
    Route(
        method="DELETE",
        path=f"{ONE_DESK}/messages/{{seq}}/tags",
        handler=desk.withdraw_tags,
        access=DESK,
        summary="Take back one's own correction",
        answer=answers.RetaggedAnswer,
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/notes",
        handler=desk.note,
        access=DESK,
        summary="Write a note for colleagues",
        body=bodies.Reply,
        answer=answers.Receipt,
        status=201,
        also=(200,),
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/accept",
        handler=desk.accept,
        access=DESK,
        summary="Accept an offer",
        body=bodies.AtEpoch,
        answer=answers.SummaryAnswer,
        errors=("conflict", "over_capacity"),
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/claim",
        handler=desk.claim,
        access=DESK,
        summary="Take a conversation",
        body=bodies.AtEpoch,
        answer=answers.SummaryAnswer,
        errors=("conflict", "over_capacity", "conversation_closed"),
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/pass",
        handler=desk.pass_offer,
        access=DESK,
        summary="Pass an offer",
        status=204,
        errors=("conflict",),
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/hand-back",
        handler=desk.hand_back,
        access=DESK,
        summary="Hand back to the bot",
        body=bodies.HandBack,
        answer=answers.SummaryAnswer,
        errors=OWNER_ERRORS,
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/transfer",
        handler=desk.transfer,
        access=DESK,
        summary="Hand to a colleague or back to the queue",
        body=bodies.Transfer,
        answer=answers.SummaryAnswer,
        errors=OWNER_ERRORS,
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/close",
        handler=desk.close,
        access=DESK,
        summary="End the conversation",
        body=bodies.CloseConversation,
        answer=answers.SummaryAnswer,
        errors=OWNER_ERRORS,
    ),
    Route(
        method="POST",
        path=f"{ONE_DESK}/read",
        handler=desk.mark_read,
        access=DESK,
        summary="Read up to here",
        body=bodies.ReadUpTo,
        status=204,
    ),
    Route(
        method="GET",
        path=f"{ONE_DESK}/{PICTURE}",
        handler=desk.read_attachment,
        access=DESK,
        summary="A picture",
        answer_types=MEDIA_TYPES,
    ),
    Route(
        method="PUT",
        path="/api/desk/presence",
        handler=desk.set_presence,
        access=DESK,
        summary="Here, away or gone",
        body=bodies.SetPresence,
        answer=answers.MeAnswer,
    ),
    Route(
        method="GET",
        path="/api/desk/queue",
        handler=desk.read_queue,
        access=DESK,
        summary="The queue",
        answer=answers.Queue,
    ),
    Route(
        method="GET",
        path="/api/desk/agents",
        handler=desk.list_agents,
        access=DESK,
        summary="Colleagues",
        answer=answers.Colleagues,
    ),
)

ADMIN_ROUTES = (
    Route(
        method="GET",
        path="/api/admin/agents",
        handler=admin.list_agents,
        access=ADMIN_READS,
        summary="Everybody",
        answer=answers.AdminAgents,
    ),
    Route(
        method="POST",
        path="/api/admin/agents",
        handler=admin.create_agent,
        access=ADMIN,
        summary="A new person",
        body=bodies.NewAgentBody,
        answer=answers.CreatedAgent,
        status=201,
        errors=("conflict",),
    ),
    Route(
        method="PATCH",
        path="/api/admin/agents/{id}",
        handler=admin.change_agent,
        access=ADMIN,
        summary="Change a person",
        body=bodies.AgentChanges,
        answer=answers.ChangedAgent,
        errors=("conflict",),
    ),
    Route(
        method="POST",
        path="/api/admin/agents/{id}/password",
        handler=admin.give_password,
        access=ADMIN,
        summary="A new first password",
        answer=answers.FirstPassword,
    ),
    Route(
        method="GET",
        path="/api/admin/hours",
        handler=admin.read_hours,
        access=ADMIN_READS,
        summary="Business hours",
        answer=answers.HoursAnswer,
    ),
    Route(
        method="PUT",
        path="/api/admin/hours",
        handler=admin.change_hours,
        access=ADMIN,
        summary="Change business hours",
        body=bodies.HoursBody,
        answer=answers.HoursAnswer,
        errors=("conflict",),
    ),
    Route(
        method="GET",
        path="/api/admin/settings",
        handler=admin.read_settings,
        access=ADMIN_READS,
        summary="Settings in force",
        answer=answers.SettingsAnswer,
    ),
    Route(
        method="GET",
        path="/api/admin/status",
        handler=admin.read_status,
        access=ADMIN_READS,
        summary="Processes, queue, turns, models",
        answer=answers.Status,
    ),
    Route(
        method="GET",
        path="/api/admin/audit",
        handler=admin.read_audit,
        access=ADMIN_READS,
        summary="Who did what",
        query=bodies.AuditQuery,
        answer=answers.Audit,
    ),
)

DEMO_ROUTES = (
    Route(
        method="GET",
        path="/api/demo/customers",
        handler=demo.list_customers,
        access=PUBLIC,
        summary="Customers to try",
        answer=answers.DemoCustomers,
        demo_only=True,
    ),
    Route(
        method="POST",
        path="/api/demo/identity",
        handler=demo.sign_identity,
        access=PUBLIC,
        summary="Sign a demo customer's identity",
        body=bodies.DemoIdentity,
        answer=answers.IdentityAnswer,
        errors=("not_found",),
        demo_only=True,
    ),
    Route(
        method="GET",
        path="/api/demo/orders",
        handler=demo.list_orders,
        access=PUBLIC,
        summary="Orders to try",
        answer=answers.DemoOrders,
        demo_only=True,
    ),
    Route(
        method="POST",
        path="/api/demo/plays",
        handler=demo.start_play,
        access=PUBLIC,
        summary="A private copy for one played conversation",
        body=bodies.NewPlay,
        answer=answers.Play,
        status=201,
        errors=("not_found",),
        demo_only=True,
    ),
    Route(
        method="GET",
        path="/api/demo/plays/{id}",
        handler=demo.read_play,
        access=CUSTOMER,
        summary="What a played conversation came to",
        answer=answers.PlayRecord,
        demo_only=True,
    ),
    Route(
        method="POST",
        path="/api/demo/plays/{id}/time",
        handler=demo.pass_time,
        access=CUSTOMER,
        summary="Let hours pass in a played conversation",
        body=bodies.PassTime,
        answer=answers.PlayRecord,
        demo_only=True,
    ),
)

OPERATOR_ROUTES = (
    Route(
        method="GET",
        path="/healthz",
        handler=health.alive,
        access=PUBLIC,
        summary="The process lives",
        answer=answers.Alive,
    ),
    Route(
        method="GET",
        path="/readyz",
        handler=health.ready,
        access=PUBLIC,
        summary="Whether the parts are well",
        answer=answers.Ready,
        also=(503,),
    ),
    Route(
        method="GET",
        path="/metrics",
        handler=health.metrics,
        access=OPERATORS,
        summary="Prometheus",
        answer_types=("text/plain",),
    ),
)


def routes(
    *, is_demo: bool, version: str, customer_socket: CallHandler, agent_socket: CallHandler
) -> Sequence[Route]:
    """The whole table; the sockets come from outside, because they live in a package of their own."""
    demo_routes = DEMO_ROUTES if is_demo else ()
    described = (
        *CUSTOMER_ROUTES,
        *SESSION_ROUTES,
        *DESK_ROUTES,
        *KNOWLEDGE_ROUTES,
        *KNOWLEDGE_USES_ROUTES,
        *ADMIN_ROUTES,
        *OPERATOR_ROUTES,
        *demo_routes,
    )
    openapi = Route(
        method="GET",
        path="/api/openapi.json",
        handler=description_handler(described, version=version),
        access=PUBLIC,
        summary="This description",
        kind="page",
    )
    return (*described, openapi, *_sockets(customer_socket, agent_socket), *_pages(Pages()))


def _sockets(customer_socket: CallHandler, agent_socket: CallHandler) -> Sequence[Route]:
    """Public here: the sockets themselves refuse with close codes, which a browser's page can read."""
    return (
        Route(
            method="GET",
            path="/api/chat/ws",
            handler=customer_socket,
            access=PUBLIC,
            summary="The customer's socket",
            kind="socket",
        ),
        Route(
            method="GET",
            path="/api/desk/ws",
            handler=agent_socket,
            access=PUBLIC,
            summary="The agents' socket",
            kind="socket",
        ),
    )


def _pages(pages: Pages) -> Sequence[Route]:
    files = {
        "/": "storefront/index.html",
        "/desk": "desk/index.html",
        "/knowledge": "knowledge/index.html",
        "/admin": "admin/index.html",
        "/api/docs": "api_docs/index.html",
        "/widget.js": "widget/widget.js",
    }
    fixed = tuple(
        Route(method="GET", path=p, handler=pages.page(file), access=PUBLIC, summary=file, kind="page")
        for p, file in files.items()
    )
    assets = Route(
        method="GET",
        path="/assets/{path:.+}",
        handler=pages.asset,
        access=PUBLIC,
        summary="Files of the pages",
        kind="page",
    )
    return (*fixed, assets)
