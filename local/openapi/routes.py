"""The routes as the functions registered them."""

from dataclasses import dataclass
from importlib import import_module

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
    functions = [registered.function for registered in api.routes.values()]
    return [
        Route(key, _operation_id(key, one, alone=functions.count(one.function) == 1), one)
        for key, one in api.routes.items()
    ]


def _operation_id(key: str, registered: Registered, *, alone: bool) -> str:
    """The function's name; of one that answers several routes, also which of them."""
    name = registered.function.__name__
    if alone:
        return name
    method, _, path = key.partition(" ")
    parameter = path.rpartition("/{")[2].partition("}")[0] if "{" in path else ""
    return "_".join(part for part in (name, method.lower(), parameter) if part)
