import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from models import registry
from models.artefact import TypeModel
from models.errors import ArtefactRefusedError
from models.features.windowing import extract
from models.registry import PRIVATE_KEY, PUBLIC_KEY, Saved, card_of, create_keys, load, save
from models.training.fit import fit_type
from tests.fakes.windows import PLAN, windows

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def model() -> TypeModel:
    return fit_type(extract(windows(), PLAN, {})[0], PLAN)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "artefacts"


@pytest.fixture
def saved(model: TypeModel, folder: Path, keys: Path) -> Saved:
    return save(model, card_of(model, trained_at=NOW, plant_revision=3), folder=folder, keys=keys)


def refusal(saved: Saved, folder: Path, keys: Path) -> str:
    with pytest.raises(ArtefactRefusedError) as error:
        load(saved.digest, folder=folder, keys=keys)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_model_comes_back_as_it_was_saved(model: TypeModel, saved: Saved, folder: Path, keys: Path) -> None:
    again = load(saved.digest, folder=folder, keys=keys)
    np.testing.assert_array_equal(again.baselines.location, model.baselines.location)
    np.testing.assert_array_equal(again.baselines.precision, model.baselines.precision)
    assert again.names == model.names


def test_the_card_says_what_was_learnt_and_from_when(saved: Saved) -> None:
    card = json.loads(json.loads(saved.manifest)["manifest"])["card"]
    assert card["machines"] == ["pump1"]
    assert card["plant_revision"] == 3
    assert card["learnt_from"] < card["learnt_to"]
    assert [feature["name"] for feature in card["features"]] == list(PLAN.names)
    assert all(feature["low"] <= feature["high"] for feature in card["features"])


def test_the_trainers_key_is_its_owners_alone_and_is_made_once(keys: Path) -> None:
    before = (keys / PRIVATE_KEY).read_bytes()
    create_keys(keys)
    assert (keys / PRIVATE_KEY).read_bytes() == before
    assert (keys / PRIVATE_KEY).stat().st_mode & 0o777 == 0o600


def test_every_flipped_byte_is_refused(saved: Saved, folder: Path, keys: Path) -> None:
    path = folder / f"{saved.digest}.joblib"
    content = path.read_bytes()
    for at in (0, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert "its bytes have changed" in refusal(saved, folder, keys)


def test_a_truncated_artefact_is_refused(saved: Saved, folder: Path, keys: Path) -> None:
    path = folder / f"{saved.digest}.joblib"
    path.write_bytes(path.read_bytes()[:-10])
    assert "bytes instead of" in refusal(saved, folder, keys)


def test_a_larger_file_than_any_model_is_refused(
    saved: Saved, folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "LARGEST_BYTES", 100)
    assert "is larger than" in refusal(saved, folder, keys)


@pytest.mark.parametrize("text", ["", "{}", '{"manifest": "{}", "signature": "zz"}'])
def test_an_unsigned_artefact_is_refused(text: str, saved: Saved, folder: Path, keys: Path) -> None:
    (folder / f"{saved.digest}.json").write_text(text)
    assert "not signed" in refusal(saved, folder, keys)


def test_an_artefact_of_another_trainer_is_refused(saved: Saved, folder: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "other")
    assert "signature is not the trainer's" in refusal(saved, folder, tmp_path / "other")


def test_a_manifest_that_was_edited_is_refused(saved: Saved, folder: Path, keys: Path) -> None:
    path = folder / f"{saved.digest}.json"
    path.write_text(path.read_text().replace("pump1", "pump2"))
    assert "signature is not the trainer's" in refusal(saved, folder, keys)


def test_an_artefact_under_another_ones_name_is_refused(saved: Saved, folder: Path, keys: Path) -> None:
    other = replace(saved, digest="0" * 64)
    for ending in ("joblib", "json"):
        (folder / f"{saved.digest}.{ending}").rename(folder / f"{other.digest}.{ending}")
    assert "belongs to another artefact" in refusal(other, folder, keys)


def test_a_link_is_never_followed(saved: Saved, folder: Path, keys: Path, tmp_path: Path) -> None:
    path = folder / f"{saved.digest}.joblib"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert "is a link" in refusal(saved, folder, keys)


def test_a_missing_artefact_is_refused(saved: Saved, folder: Path, keys: Path) -> None:
    (folder / f"{saved.digest}.joblib").unlink()
    assert "is missing" in refusal(saved, folder, keys)


def test_an_artefact_of_other_library_versions_is_refused(
    saved: Saved, folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "version", lambda name: "9.9" if name == "scikit-learn" else "1")
    assert "this is joblib 1, numpy 1, scikit-learn 9.9" in refusal(saved, folder, keys)


def test_a_manifest_of_another_format_is_refused(
    model: TypeModel, folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(registry.Manifest):
        more: int = 1

    monkeypatch.setattr(registry, "Manifest", Other)
    other = save(model, card_of(model, trained_at=NOW, plant_revision=1), folder=folder, keys=keys)
    monkeypatch.undo()
    assert "of another format" in refusal(other, folder, keys)


def test_nothing_is_opened_before_everything_is_verified(
    saved: Saved, folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(joblib, "load", opened.append)
    (folder / f"{saved.digest}.joblib").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    refusal(saved, folder, keys)
    assert opened == []


@pytest.mark.parametrize("content", ["a word", 5])
def test_what_is_no_model_is_refused(content: object, model: TypeModel, folder: Path, keys: Path) -> None:
    other = save(content, card_of(model, trained_at=NOW, plant_revision=1), folder=folder, keys=keys)  # type: ignore[arg-type]
    assert "holds no model" in refusal(other, folder, keys)


def test_what_cannot_be_opened_is_refused(
    saved: Saved, folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise ModuleNotFoundError("gone")

    monkeypatch.setattr(joblib, "load", broken)
    assert "cannot be opened (ModuleNotFoundError)" in refusal(saved, folder, keys)


def test_a_name_that_is_no_digest_is_refused(folder: Path, keys: Path) -> None:
    with pytest.raises(ArtefactRefusedError, match="no sha256"):
        load("../../etc/passwd", folder=folder, keys=keys)


@pytest.mark.parametrize("name", [PRIVATE_KEY, PUBLIC_KEY])
@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), (b"no key", "this is no"), ("ec", "Ed25519")])
def test_a_key_that_cannot_be_used_is_one_clear_line(
    name: str, content: object, said: str, model: TypeModel, saved: Saved, folder: Path, keys: Path
) -> None:
    path = keys / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else other_key(private=name == PRIVATE_KEY))
    card = card_of(model, trained_at=NOW, plant_revision=1)
    signing, opening = (
        partial(save, model, card, folder=folder, keys=keys),
        partial(load, saved.digest, folder=folder, keys=keys),
    )
    used: Callable[[], object] = signing if name == PRIVATE_KEY else opening
    with pytest.raises(ArtefactRefusedError, match=said):
        used()


def other_key(*, private: bool) -> bytes:
    key = generate_private_key(SECP256R1())
    if private:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_artefacts_are_their_owners_alone(saved: Saved, folder: Path) -> None:
    assert (folder / f"{saved.digest}.joblib").stat().st_mode & 0o777 == 0o600
