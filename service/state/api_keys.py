"""Keys of programs, by identifier; of the secret only its digest is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actor import Actor, Role
from service.errors import NotFoundError
from service.state.codec import decode_sites, encode_sites
from service.state.tables import ApiKeyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A program's key: what it may do, until when, and when it was last used, to the minute."""

    id: str
    name: str
    role: Role
    sites: frozenset[SiteId] | None
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    def actor(self) -> Actor:
        """Return the program as who asks."""
        return Actor(id=f"key:{self.id}", name=self.name, role=self.role, sites=self.sites)

    def is_valid(self, now: datetime) -> bool:
        """Whether the key opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def add(session: Session, key: ApiKey, digest: str) -> None:
    """Keep a new key."""
    session.add(
        ApiKeyRow(
            id=key.id,
            name=key.name,
            digest=digest,
            role=int(key.role),
            sites=encode_sites(key.sites),
            made_at=key.made_at,
            made_by=key.made_by,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            used_at=key.used_at,
        )
    )
    session.flush()


def list_keys(session: Session) -> tuple[ApiKey, ...]:
    """Return every key, revoked ones too, newest first."""
    rows = session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.made_at.desc(), ApiKeyRow.id))
    return tuple(_key(row) for row in rows)


def find(session: Session, key_id: str) -> tuple[ApiKey, str] | None:
    """Return a key and the digest of its secret, or None."""
    row = session.get(ApiKeyRow, key_id)
    return None if row is None else (_key(row), row.digest)


def set_used(session: Session, key_id: str, used_at: datetime) -> None:
    """Write down when a key was last used."""
    session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(used_at=used_at))


def revoke(session: Session, key_id: str, *, now: datetime) -> ApiKey:
    """Let a key open nothing any more, and return it; NotFoundError where there is none of that id."""
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        raise NotFoundError(f"there is no key {key_id}")
    row.revoked_at = row.revoked_at or now
    session.flush()
    return _key(row)


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        sites=decode_sites(row.sites),
        made_at=row.made_at,
        made_by=row.made_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
