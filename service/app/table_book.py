"""The book of imports: what was handed in, by whom, about which sites, and how it stands."""

from configs.plant import SiteId
from service.actor import Actor
from service.app.table_ports import DeskPorts
from service.http.table_desk import SheetPreview
from service.state import audit, table_imports
from service.state.audit import AuditedAct
from service.state.table_imports import ImportState, TableImport


class TableBook:
    """Keeps the imports of one desk in the state database."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    def enter(
        self, import_id: str, file: tuple[str, str], actor: Actor, sheets: tuple[SheetPreview, ...]
    ) -> TableImport:
        """Enter a file, its name and digest, that was looked at."""
        entry = TableImport(
            id=import_id,
            file_name=file[0][:200],
            digest=file[1],
            at=self._ports.clock(),
            by=actor.name,
            state=ImportState.PREVIEWED,
            total=_accepted(sheets),
            done=0,
            known=0,
            rejected=_rejected(sheets),
            trouble=None,
            undone_at=None,
            undone_by=None,
            sites=self._sites(sheets, actor),
        )
        with self._ports.database.transaction() as session:
            table_imports.add(session, entry)
        return entry

    def get(self, import_id: str, actor: Actor) -> TableImport:
        """Return an import; NotFoundError where the actor may not know of it."""
        with self._ports.database.reading() as session:
            return table_imports.get(session, import_id, actor)

    def correct(self, import_id: str, sheets: tuple[SheetPreview, ...], actor: Actor) -> TableImport:
        """Keep what a file holds now that it was read anew."""
        self.keep(import_id, total=_accepted(sheets), rejected=_rejected(sheets), sites=self._sites(sheets, actor))
        return self.get(import_id, actor)

    def keep(self, import_id: str, *, sites: frozenset[SiteId] | None = None, **values: object) -> None:
        """Keep how an import stands."""
        with self._ports.database.transaction() as session:
            table_imports.change(session, import_id, sites=sites, **values)

    def tell(self, entry: TableImport, actor: Actor, action: str) -> None:
        """Leave a trail of what was done."""
        after = f"{entry.file_name}, sha256 {entry.digest[:12]}"
        act = AuditedAct(action=action, object_kind="table_import", object_id=entry.id, site=None, after=after)
        with self._ports.database.transaction() as session:
            audit.append(session, actor, act, now=self._ports.clock())

    def _sites(self, sheets: tuple[SheetPreview, ...], actor: Actor) -> frozenset[SiteId]:
        """Return the sites that sheets are about; new machines come to the first site of whoever hands them in."""
        plant = self._ports.plants.current
        site_of = {machine.id: machine.site for machine in plant.machines}
        own = next((site.id for site in plant.sites if actor.may_see(site.id)), None)
        contents = [sheet.content for sheet in sheets]
        machines = {extent.machine.id for sheet in sheets for extent in sheet.extents}
        machines |= {life.machine for content in contents for _, life in content.lives}
        machines |= {event.machine for content in contents for _, event in content.events}
        new = {own} if own is not None and any(content.machines for content in contents) else set()
        return frozenset(new | {site_of[machine] for machine in machines if machine in site_of})


def _accepted(sheets: tuple[SheetPreview, ...]) -> int:
    return sum(sheet.accepted for sheet in sheets)


def _rejected(sheets: tuple[SheetPreview, ...]) -> int:
    return sum(sheet.content.rejected for sheet in sheets)
