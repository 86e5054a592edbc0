"""Changes the plant as people ask for: each change is a revision, and the running program goes by it at once."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from configs.catalogue.load import Catalogue, load_catalogue
from configs.errors import ConfigurationError
from configs.plant import Plant, SiteId
from configs.plant_change import PlantChange
from configs.plant_changes import plant_with, text_with
from configs.plant_file import dump_plant
from service.actor import Actor
from service.errors import InvalidRequestError, NotAllowedError
from service.security.rights import Right, require
from service.state import audit, plant_revisions
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

PlantText = tuple[str, Catalogue]
"""A plant file as it is written, and the types that it may name."""


class PlantBook:
    """The plant as it stands: the plant file under what people changed.

    Parameters
    ----------
    text
        The plant file.
    catalogue
        The types that it may name.
    source
        What the file is called in a mistake.
    plant
        What it comes to.
    read
        Reads the file and the catalogue beside it anew; None where there is no file.
    """

    def __init__(
        self, text: str, catalogue: Catalogue, source: str, plant: Plant, *, read: Callable[[], PlantText] | None = None
    ) -> None:
        self._text = text
        self._catalogue = catalogue
        self._source = source
        self._plant = plant
        self._read = read
        self._listeners: list[Callable[[Plant], None]] = []
        self._turn = threading.Lock()

    @property
    def current(self) -> Plant:
        """The plant as it stands now."""
        return self._plant

    @property
    def catalogue(self) -> Catalogue:
        """The types that a machine may be of."""
        return self._catalogue

    def follow(self, listener: Callable[[Plant], None]) -> None:
        """Have a listener told of every new plant, in the thread of whoever changed it."""
        self._listeners.append(listener)

    def recall(self, database: StateDatabase) -> Plant:
        """Take up what was changed before; ConfigurationError where it no longer fits the plant file."""
        with database.reading() as session:
            known = plant_revisions.list_revisions(session)
        if known:
            changes = [each.change for each in known]
            self._plant = self.with_changes(changes, revision=known[-1].revision)
        return self._plant

    def as_file(self, database: StateDatabase) -> str:
        """Return the plant as it stands, as the text of a plant file."""
        with database.reading() as session:
            changes = [each.change for each in plant_revisions.list_revisions(session)]
        return text_with(self._text, changes) if changes else self._text

    def with_changes(self, changes: Sequence[PlantChange], *, revision: int) -> Plant:
        """Return the plant file under these changes."""
        return plant_with(self._text, self._catalogue, self._source, changes, revision=revision)

    def change(
        self,
        database: StateDatabase,
        actor: Actor,
        changes: Sequence[PlantChange],
        *,
        site: SiteId | None,
        now: datetime,
    ) -> Plant:
        """Keep changes as revisions, all or none, and go by them; `site` is None where they concern every site.

        Raises
        ------
        NotAllowedError
            The actor may not change the plant.
        InvalidRequestError
            The plant could not be with them; says why.
        """
        require(actor, Right.CHANGE_PLANT, site)
        with self._turn:
            with database.transaction() as session:
                known = [each.change for each in plant_revisions.list_revisions(session)]
                revision = plant_revisions.newest(session) + len(changes)
                plant = self._possible([*known, *changes], revision=revision)
                for change in changes:
                    plant_revisions.add(session, change, by=actor.name, before=_before(known, change), now=now)
                    act = AuditedAct(
                        action="plant_changed",
                        object_kind=change.kind.value,
                        object_id=change.id,
                        site=site,
                        before=_before(known, change),
                        after=_told(change),
                    )
                    audit.append(session, actor, act, now=now)
            self._plant = plant
            for listener in self._listeners:
                listener(plant)
        return plant

    def reread(self, database: StateDatabase, actor: Actor, *, now: datetime) -> Plant:
        """Go by the plant file as it is written now, under what was changed on the pages.

        Raises
        ------
        NotAllowedError
            The actor may not change the plant, or answers for some of its sites only.
        InvalidRequestError
            There is no file, or no plant in it; the plant stays as it was.
        """
        require(actor, Right.CHANGE_PLANT)
        if actor.sites is not None:
            raise NotAllowedError("the plant file is about every site; whoever reads it anew needs all of them")
        if self._read is None:
            raise InvalidRequestError("there is no plant file to read; name one with --plant and start again")
        with self._turn:
            before = (self._text, self._catalogue)
            try:
                self._text, self._catalogue = self._read()
                with database.reading() as session:
                    known = [each.change for each in plant_revisions.list_revisions(session)]
                plant = self.with_changes(known, revision=self._plant.revision)
            except ConfigurationError as error:
                self._text, self._catalogue = before
                raise InvalidRequestError(f"{self._source}: {'; '.join(error.mistakes)}") from error
            with database.transaction() as session:
                act = AuditedAct(action="plant_file_read", object_kind="plant", object_id=self._source[-64:], site=None)
                audit.append(session, actor, act, now=now)
            self._plant = plant
            for listener in self._listeners:
                listener(plant)
        return plant

    def _possible(self, changes: Sequence[PlantChange], *, revision: int) -> Plant:
        try:
            return self.with_changes(changes, revision=revision)
        except ConfigurationError as error:
            raise InvalidRequestError(f"plant: {'; '.join(error.mistakes)}") from error


def book_of(plant: Plant) -> PlantBook:
    """Return the book of a plant that has no file."""
    return PlantBook(dump_plant(plant), load_catalogue(), "plant", plant)


def _before(known: Sequence[PlantChange], change: PlantChange) -> str | None:
    before = next((each for each in reversed(known) if (each.kind, each.id) == (change.kind, change.id)), None)
    return None if before is None else _told(before)


def _told(change: PlantChange) -> str:
    return json.dumps(dict(change.table), ensure_ascii=False, default=str)
