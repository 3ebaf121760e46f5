"""The routes as the functions registered them."""

from dataclasses import dataclass
from importlib import import_module

from local.openapi.names import operation_id
from local.paths import ROOT
from ringpass.http.router import Api, Registered


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    key: str
    operation_id: str
    registered: Registered

    @property
    def method(self) -> str:
        """In lower case, as OpenAPI writes it."""
        return self.key.partition(" ")[0].lower()

    @property
    def path(self) -> str:
        """With its parameters in braces."""
        return self.key.partition(" ")[2]

    @property
    def summary(self) -> str:
        """The first line of the docstring of what answers, without its full stop."""
        lines = (self.registered.function.__doc__ or "").strip().splitlines()
        return lines[0].removesuffix(".") if lines else ""


def routes() -> list[Route]:
    """Every route of every function, by path."""
    all_routes: list[Route] = []
    for folder in sorted(path.parent for path in (ROOT / "functions").glob("*/app.py")):
        api = getattr(import_module(f"functions.{folder.name}.app"), "api", None)
        if isinstance(api, Api):
            all_routes += _of(api)
    return sorted(all_routes, key=lambda route: (route.path, route.method))


def _of(api: Api) -> list[Route]:
    return [
        Route(key, operation_id(key, registered.function.__name__), registered)
        for key, registered in api.routes.items()
    ]
