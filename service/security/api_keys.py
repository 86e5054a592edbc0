"""Keys for programs: `yj_<id>_<secret>`, shown once, kept as a digest."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actor import Actor, Role
from service.errors import InvalidRequestError
from service.security.rights import Right, require, require_reach
from service.security.tokens import digest_of, draw_id, draw_token, is_same
from service.state import api_keys, audit
from service.state.api_keys import ApiKey
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

KEY = re.compile(r"yj_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
COARSE = timedelta(minutes=1)
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a new key is for: a name to know it by, a role, sites (None: every site), and when it ends."""

    name: str
    role: Role
    sites: frozenset[SiteId] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A key as it is handed over: `text` is shown this once and kept nowhere."""

    text: str = field(repr=False)
    key: ApiKey


def issue_key(database: StateDatabase, actor: Actor, new_key: NewKey, *, now: datetime) -> IssuedKey:
    """Make a key; InvalidRequestError where it has no name or has ended before it began."""
    require_reach(actor, Right.MANAGE_PEOPLE, new_key.sites)
    name = new_key.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidRequestError(f"name: give the key a name of 1 to {LONGEST_NAME} characters")
    if new_key.expires_at is not None and new_key.expires_at <= now:
        raise InvalidRequestError("expires_at: lies in the past")
    secret = draw_token()
    key = ApiKey(
        id=draw_id(),
        name=name,
        role=new_key.role,
        sites=new_key.sites,
        made_at=now,
        made_by=actor.name,
        expires_at=new_key.expires_at,
        revoked_at=None,
        used_at=None,
    )
    with database.transaction() as session:
        api_keys.add(session, key, digest_of(secret))
        _audit(session, actor, "issue_key", key, now=now)
    return IssuedKey(text=f"yj_{key.id}_{secret}", key=key)


def actor_of_key(database: StateDatabase, text: str, *, now: datetime) -> Actor | None:
    """Return the program that a key belongs to; None where the key is unknown, revoked or over."""
    parts = KEY.fullmatch(text)
    if parts is None:
        return None
    key_id, secret = parts.groups()
    with database.reading() as session:
        found = api_keys.find(session, key_id)
    if found is None or not is_same(found[1], digest_of(secret)) or not found[0].is_valid(now):
        return None
    key = found[0]
    if key.used_at is None or now - key.used_at >= COARSE:
        with database.transaction() as session:
            api_keys.set_used(session, key.id, now)
    return key.actor()


def revoke_key(database: StateDatabase, actor: Actor, key_id: str, *, now: datetime) -> None:
    """Let a key open nothing any more; NotFoundError where there is none of that id."""
    require(actor, Right.MANAGE_PEOPLE)
    with database.transaction() as session:
        key = api_keys.revoke(session, key_id, now=now)
        require_reach(actor, Right.MANAGE_PEOPLE, key.sites)
        _audit(session, actor, "revoke_key", key, now=now)


def list_keys(session: Session, actor: Actor) -> tuple[ApiKey, ...]:
    """Return every key, newest first; the secrets are in none of them."""
    require(actor, Right.MANAGE_PEOPLE)
    return api_keys.list_keys(session)


def _audit(session: Session, actor: Actor, action: str, key: ApiKey, *, now: datetime) -> None:
    after = f"{key.name}, {key.role.name.lower()}"
    act = AuditedAct(action=action, object_kind="api_key", object_id=key.id, site=None, after=after)
    audit.append(session, actor, act, now=now)
