"""The route table's part on imports, exports, languages and the calibration."""

from __future__ import annotations

from knowledge_base.exchange.writing import MEDIA_TYPES
from service.http import knowledge_standing as standing
from service.http import knowledge_transfer as transfer
from service.http import knowledge_transfer_bodies as bodies
from service.http.access import KNOWLEDGE, KNOWLEDGE_READS, KNOWLEDGE_SUPERVISES
from service.http.route import Route

IMPORT = "/api/knowledge/import"

TRANSFER_ROUTES = (
    Route(
        method="POST",
        path=f"{IMPORT}/preview",
        handler=transfer.preview_import,
        access=KNOWLEDGE,
        summary="Upload a file and see how it is understood",
        query=bodies.PreviewQuery,
        media_types=("multipart/form-data", "application/octet-stream"),
        reads_itself=True,
        answer=bodies.ImportPreview,
    ),
    Route(
        method="POST",
        path=IMPORT,
        handler=transfer.start_import,
        access=KNOWLEDGE,
        summary="Import an upload",
        body=bodies.StartImport,
        answer=bodies.ImportState,
        status=202,
        also=(200,),
        errors=("not_found",),
    ),
    Route(
        method="GET",
        path=f"{IMPORT}/{{import_id}}",
        handler=transfer.read_import,
        access=KNOWLEDGE_READS,
        summary="How far an import is, row by row",
        answer=bodies.ImportState,
    ),
    Route(
        method="GET",
        path="/api/knowledge/export",
        handler=transfer.export,
        access=KNOWLEDGE_READS,
        summary="The base as a file",
        query=bodies.ExportQuery,
        answer_types=tuple(MEDIA_TYPES.values()),
        errors=("not_found",),
    ),
    Route(
        method="GET",
        path="/api/knowledge/languages",
        handler=standing.languages,
        access=KNOWLEDGE_READS,
        summary="Which language is missing, or older than zh-Hans",
        answer=bodies.Languages,
    ),
    Route(
        method="GET",
        path="/api/knowledge/calibration",
        handler=standing.read_calibration,
        access=KNOWLEDGE_READS,
        summary="How far probabilities are off, and whether the bot answers directly",
        answer=bodies.CalibrationState,
    ),
    Route(
        method="PUT",
        path="/api/knowledge/calibration",
        handler=standing.switch_direct_answers,
        access=KNOWLEDGE_SUPERVISES,
        summary="Switch direct answers",
        body=bodies.SwitchDirectAnswers,
        answer=bodies.CalibrationState,
    ),
)
