"""Tables that people keep: hand one in, look at what it holds, store it, undo it."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile

from service.api.table_schemas import AnswersRequest, TableImportSchema, TablePreviewSchema
from service.http.paging import Page, Paging, page_of
from service.http.policy import Technician
from service.http.services import ServicesOf
from service.state import table_imports

router = APIRouter(prefix="/table-imports", tags=["tables"])

_LATEST = 1e11
"""Later than any import, in seconds: what is left until then sorts the newest first."""


@router.get("")
def list_table_imports(services: ServicesOf, actor: Technician, paging: Paging) -> Page[TableImportSchema]:
    """Return what was handed in, newest first."""
    with services.database.reading() as session:
        found = table_imports.list_imports(session, actor, limit=1_000)
    return page_of(
        [(f"{_LATEST - each.at.timestamp():020.6f} {each.id}", TableImportSchema.of(each)) for each in found], paging
    )


@router.post("", status_code=201)
def hand_in_table(
    services: ServicesOf, actor: Technician, file: Annotated[UploadFile, File(description=".xlsx or CSV, up to 200 MB")]
) -> TablePreviewSchema:
    """Keep a file and return what would be stored of it, what not and why, and what was guessed; nothing is stored yet."""
    return TablePreviewSchema.of_preview(services.tables.receive(file.filename or "table", file.file, actor))


@router.get("/{import_id}")
def get_table_import(services: ServicesOf, actor: Technician, import_id: str) -> TableImportSchema:
    """Return how far an import is."""
    with services.database.reading() as session:
        return TableImportSchema.of(table_imports.get(session, import_id, actor))


@router.get("/{import_id}/preview")
def preview_table(services: ServicesOf, actor: Technician, import_id: str) -> TablePreviewSchema:
    """Return what a file holds that was handed in."""
    return TablePreviewSchema.of_preview(services.tables.preview(import_id, actor))


@router.put("/{import_id}/answers")
def answer_table(
    services: ServicesOf, actor: Technician, import_id: str, answers: list[AnswersRequest]
) -> TablePreviewSchema:
    """Correct what was guessed of sheets, by their shape; remembered for the next table that looks alike."""
    said = {each.shape: each.word() for each in answers}
    return TablePreviewSchema.of_preview(services.tables.answer(import_id, said, actor))


@router.post("/{import_id}/storing", status_code=202)
def store_table(services: ServicesOf, actor: Technician, import_id: str) -> TableImportSchema:
    """Begin to store what was previewed; ask for the import to learn how far it is."""
    return TableImportSchema.of(services.tables.store(import_id, actor))


@router.post("/{import_id}/undoing")
def undo_table(services: ServicesOf, actor: Technician, import_id: str) -> TableImportSchema:
    """Take everything that an import stored back out."""
    return TableImportSchema.of(services.tables.undo(import_id, actor))
