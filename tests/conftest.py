"""For every test: no network at all, a cheap key function, and a home folder of its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine must not turn a slow example into a failure; the same examples every time.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

_OFFLINE = Path(__file__).parent / "offline"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse the network in this process and, through PYTHONPATH, in every Python it starts."""
    sys.path.insert(0, str(_OFFLINE))
    os.environ["PYTHONPATH"] = os.pathsep.join([str(_OFFLINE), *filter(None, [os.environ.get("PYTHONPATH")])])
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # noqa: F401

    config.addinivalue_line("markers", "full_cost_keys: uses the key function at its real cost")
    config.addinivalue_line(
        "markers", "with_knowledge: needs the knowledge tables in a patient file's instance"
    )


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and state go to a folder of the test; nothing of the user's environment leaks in."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("LOCALAPPDATA", str(home))
    monkeypatch.delenv("PAIN_TUI_PASSPHRASE_FILE", raising=False)
    yield


@pytest.fixture(autouse=True)
def cheap_key_function(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys made in a test cost 1 MB instead of 128; a test marked `full_cost_keys` uses the real cost."""
    if request.node.get_closest_marker("full_cost_keys") is None:
        from pain_tui.patients import crypt

        monkeypatch.setattr(crypt, "SCRYPT_N", 2**10)
