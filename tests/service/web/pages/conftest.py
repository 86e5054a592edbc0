from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from service.actor import SYSTEM, Role
from service.security.links import issue_link
from service.security.people import NewPerson, add_person
from tests.fakes.houses import BASE, House

SignIn = Callable[..., TestClient]


@pytest.fixture
def sign_in(factory: House) -> SignIn:
    """Return how somebody signs in: a browser with that person's session, reading that language."""

    def enter(name: str = "kim", role: Role = Role.TECHNICIAN, language: str = "ko") -> TestClient:
        new = NewPerson(name=name, display_name=name, role=role)
        add_person(factory.database, SYSTEM, new, now=factory.now[0])
        token = issue_link(factory.database, SYSTEM, name, now=factory.now[0])
        client = TestClient(
            factory.app,
            base_url=BASE,
            headers={"accept": "text/html", "accept-language": language, "origin": BASE},
            follow_redirects=False,
        )
        assert client.post(f"/sign-in/{token}").status_code == 303
        return client

    return enter
