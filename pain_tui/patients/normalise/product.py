"""A medicine as read from its name: its ingredients, each with its own strength, its form and its route."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One ingredient of a product. ingredient is None when the name is not known (`name` is what was
    written).
    """

    ingredient: str | None
    name: str
    strength: float | None = None
    strength_unit: str | None = None


@dataclass(frozen=True)
class Product:
    """A medicine as read: its parts, form, route; what looks like it when it is unknown; what kind of name it
    was; and what of the name was not taken (`doubt`).
    """

    written: str
    parts: tuple[Part, ...]
    form: str | None = None
    route: str | None = None
    counted: bool = False
    near: tuple[str, ...] = ()
    brand: str | None = None
    note: str = ""
    doubt: str = ""

    @property
    def known(self) -> bool:
        """True when every part has its ingredient."""
        return bool(self.parts) and all(part.ingredient for part in self.parts)
