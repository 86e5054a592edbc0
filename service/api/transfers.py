"""History going in or out while the service runs; the command line asks for it, on the same computer."""

from typing import Annotated

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, ConfigDict, Field

from service.http.policy import Administrator
from service.http.services import ServicesOf
from service.http.transfer_desk import Transfer, TransferKind, TransferState

router = APIRouter(tags=["history"])
TransferId = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]{8,40}$", description="Names the folder of the bundle below `transfers` in the data folder."
    ),
]


class TransferWish(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    id: TransferId
    kind: TransferKind


class TransferSchema(BaseModel):
    """How a transfer stands: `done` of `total` steps; `counts` once it is done, `trouble` where it failed."""

    id: str
    kind: TransferKind
    state: TransferState
    done: int
    total: int
    counts: dict[str, int]
    trouble: str

    @classmethod
    def of(cls, transfer: Transfer) -> "TransferSchema":
        """Return the schema of a transfer."""
        return cls(
            id=transfer.id,
            kind=transfer.kind,
            state=transfer.state,
            done=transfer.done,
            total=transfer.total,
            counts=dict(transfer.counts),
            trouble=transfer.trouble,
        )


@router.post("/transfers", status_code=status.HTTP_202_ACCEPTED)
def begin_transfer(
    services: ServicesOf,
    actor: Administrator,  # noqa: ARG001
    wish: TransferWish,
    response: Response,
) -> TransferSchema:
    """Begin an export to, or an import from, a folder of the data folder; one at a time."""
    response.headers["location"] = f"/api/v1/transfers/{wish.id}"
    return TransferSchema.of(services.transfers.begin(wish.kind, wish.id))


@router.get("/transfers/{transfer}")
def show_transfer(services: ServicesOf, actor: Administrator, transfer: str) -> TransferSchema:  # noqa: ARG001
    """Return how a transfer stands."""
    return TransferSchema.of(services.transfers.status(transfer))
