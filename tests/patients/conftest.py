"""The patient file's own tests do not need the knowledge tables; without them an instance costs 20 ms."""

import functools

import pytest

from pain_tui.patients import room


@pytest.fixture(autouse=True)
def bare_instances(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances without knowledge, except in tests marked `with_knowledge`."""
    if request.node.get_closest_marker("with_knowledge") is None:
        whole = room.open_room

        @functools.wraps(whole)
        def bare(*arguments: object, **options: object) -> object:
            return whole(*arguments, **{**options, "knowledge": False})  # type: ignore[arg-type]

        monkeypatch.setattr(room, "open_room", bare)
