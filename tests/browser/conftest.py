"""Headless Chromium before the running service with the sample factory behind it."""

import contextlib
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.actor import SYSTEM, Role
from service.errors import ServiceError
from service.security.links import issue_link
from service.security.people import NewPerson, add_person
from tests.fakes.houses import House
from tests.fakes.sample_factory import a_filled_house
from tests.fakes.waiting import wait_until

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return a headless Chromium; skip where none is installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed here (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of the sample factory, to be copied."""
    folder = tmp_path_factory.mktemp("factory")
    with a_filled_house(folder):
        return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The running service: its address, and the house behind it."""

    address: str
    house: House


@contextlib.contextmanager
def serving(house: House) -> Iterator[Site]:
    """Answer requests on a free port until the context ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(house.app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield Site(address=f"http://127.0.0.1:{listener.getsockname()[1]}", house=house)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@pytest.fixture(scope="module")
def site(filled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service with the sample factory, for tests that only look."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(filled_folder, folder, dirs_exist_ok=True)
    with a_filled_house(folder) as house, serving(house) as running:
        yield running


@pytest.fixture
def fresh_site(filled_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """A service of the test's own, for tests that act."""
    shutil.copytree(filled_folder, tmp_path, dirs_exist_ok=True)
    with a_filled_house(tmp_path) as house, serving(house) as running:
        yield running


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Somebody with a browser far away from the factory; everything that goes wrong in it is kept."""

    context: BrowserContext
    site: Site
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        """Open a page in a new tab, and wait until its scripts run."""
        page = self.context.new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("request", lambda request: self._watch(request.url))
        page.goto(f"{self.site.address}{path}", wait_until="load")
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.troubles.append(f"{kind}: {text}")

    def _watch(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.site.address).netloc:
            self.troubles.append(f"request to {address}")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Return how somebody comes to the page, signed in; at the end nothing may have gone wrong in the browser."""
    opened: list[Visitor] = []

    def come(
        site: Site, *, language: str = "ko", width: int = 1280, name: str = "kim", scripts: bool = True
    ) -> Visitor:
        context = chromium.new_context(
            locale={"ko": "ko-KR", "en": "en-GB"}[language],
            timezone_id="America/New_York",
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "yeji_language", "value": language, "url": site.address}])
        visitor = Visitor(context=context, site=site)
        opened.append(visitor)
        enter(visitor, name)
        return visitor

    yield come
    troubles = [trouble for visitor in opened for trouble in visitor.troubles]
    for visitor in opened:
        visitor.context.close()
    assert troubles == []


def enter(visitor: Visitor, name: str) -> None:
    """Sign in by a link, as a technician of that name."""
    database, now = visitor.site.house.database, visitor.site.house.now[0]
    with contextlib.suppress(ServiceError):
        add_person(database, SYSTEM, NewPerson(name=name, display_name=name, role=Role.TECHNICIAN), now=now)
    token = issue_link(database, SYSTEM, name, now=now)
    page = visitor.context.new_page()
    page.goto(f"{visitor.site.address}/sign-in/{token}")
    page.locator("main button").click()
    page.wait_for_url(f"{visitor.site.address}/")
    page.close()
