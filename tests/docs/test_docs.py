"""The documents say what there is: settings, routes, test numbers, links, files."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from ringpass.config import Settings
from ringpass.errors import ApiError
from ringpass.outcomes import Status
from ringpass.sign_in.hooks import HOOKS
from tests import template as template_file
from tests.e2e.test_endings import TABLE
from tests.template import ROOT, route_key

DOCS: Final = ROOT / "docs"
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "adr").glob("*.md")),
    ROOT / "sandbox" / "README.md",
]
ADRS: Final = sorted((DOCS / "adr").glob("[0-9]*.md"))

_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE_BLOCK: Final = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_IN_BACKTICKS: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
# After a letter it is a provider's path: /api/v1/zalo/zns.
_API_PATH: Final = re.compile(r"(?<![a-z])/v1/[a-z][a-z/-]*(?:\.json\b|\{[a-z]+\}(?:/[a-z-]+)*)?")
_ROUTE: Final = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/v1/[\w/{}-]+(?:\.json\b)?)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def rows(text: str) -> list[list[str]]:
    """The cells of every table row in a page."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def template() -> dict[str, Any]:
    return template_file.template()


def functions() -> dict[str, dict[str, Any]]:
    resources = template()["Resources"]
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def routes() -> set[str]:
    return {
        route_key(event["Properties"])
        for function in functions().values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }


def variables() -> set[str]:
    """What template.yaml gives to functions, and what the code asks for."""
    names = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    for function in functions().values():
        names |= set(function.get("Environment", {}).get("Variables", {}))
    return names


def asked_for() -> set[str]:
    """Names that ``Settings`` reads: each property, asked in an empty environment."""

    class Asked(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            names.add(name)
            return "off" if name == "TEST_NUMBERS" else "1"

    names: set[str] = set()
    settings = Settings(Asked())
    for name, member in vars(Settings).items():
        if isinstance(member, property):
            getattr(settings, name)
    return names


def all_errors(kind: type[ApiError] = ApiError) -> list[type[ApiError]]:
    below = [each for one in kind.__subclasses__() for each in all_errors(one)]
    return below if kind is ApiError else [kind, *below]


# ------------------------------------------------------------------------------ docs/settings.md


@pytest.mark.parametrize("parameter", sorted(template()["Parameters"]))
def test_a_parameter_is_documented_with_its_default(parameter: str) -> None:
    [row] = [row for row in rows(read("docs/settings.md")) if row[0] == f"`{parameter}`"]
    default = str(template()["Parameters"][parameter]["Default"])
    assert row[1] == (f"`{default}`" if default else "empty")


@pytest.mark.parametrize("variable", sorted(variables() | asked_for()))
def test_an_environment_variable_is_documented_with_its_functions(variable: str) -> None:
    [row] = [row for row in rows(read("docs/settings.md")) if row[0] == f"`{variable}`"]
    having = {
        Path(function["CodeUri"]).name
        for function in functions().values()
        if variable in function.get("Environment", {}).get("Variables", {})
    }
    if variable in template()["Globals"]["Function"]["Environment"]["Variables"]:
        having = {Path(function["CodeUri"]).name for function in functions().values()}
    assert documented_functions(row[1]) == having


def documented_functions(cell: str) -> set[str]:
    """The functions of `all`, `all but health`, `senders, outbox`."""
    every = {Path(function["CodeUri"]).name for function in functions().values()}
    if cell.startswith("all"):
        return every - set(cell.removeprefix("all").removeprefix(" but ").split(", "))
    names = {name.strip() for name in cell.split(",")}
    senders = {name for name in every if name.startswith("send_")}
    return names - {"senders"} | (senders if "senders" in names else set())


def test_no_parameter_variable_or_secret_is_documented_that_does_not_exist() -> None:
    _, *sections = re.split(r"^## ", read("docs/settings.md"), flags=re.MULTILINE)
    documented = {
        text.splitlines()[0]: {row[0].strip("`") for row in rows(text)[1:]} for text in sections
    }
    assert documented["Parameters of the stack"] == set(template()["Parameters"])
    assert documented["Environment variables of the functions"] == variables()
    assert documented["Secrets"] == {
        name
        for name, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    }
    outputs = next(text for text in sections if text.startswith("Outputs\n"))
    names = set(_IN_BACKTICKS.findall(outputs)) - set(template()["Parameters"]) - {"off"}
    assert names <= set(template()["Outputs"])


def test_the_code_asks_for_no_variable_that_is_not_given() -> None:
    assert asked_for() - variables() == set()


def test_secrets_and_outputs_are_documented() -> None:
    page = read("docs/settings.md")
    for name, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::SecretsManager::Secret":
            assert f"| `{name}` |" in page
            assert resource["Properties"]["GenerateSecretString"]["GenerateStringKey"] in page
    for output in template()["Outputs"]:
        assert f"`{output}`" in page or output in functions()


# ----------------------------------------------------------------------------------- docs/api.md


@pytest.mark.parametrize("route", sorted(routes()))
def test_a_route_is_documented(route: str) -> None:
    assert f"`{route}`" in read("docs/api.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_route_is_documented_that_does_not_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    documented = {f"{method} {path}" for method, path in _ROUTE.findall(text)}
    known = routes() | {f"POST /v1/hooks/{server}" for server in HOOKS}
    assert documented - known == set()
    paths = {route.split(" ")[1] for route in known}
    stems = {path.partition("{")[0].rstrip("/") for path in paths}
    assert {path.rstrip("/") for path in _API_PATH.findall(text)} - paths - stems == set()


@pytest.mark.parametrize("status", Status)
def test_a_status_is_documented(status: Status) -> None:
    assert f"`{status}`" in read("docs/api.md")
    assert status in read("docs/architecture.md")


# -------------------------------------------------------------------------- docs/architecture.md


def test_each_function_has_its_row_and_no_other() -> None:
    parts = read("docs/architecture.md").partition("\n## The parts\n")[2].partition("\n## ")[0]
    folders = re.findall(r"`(functions/\w+)`", "".join(row[0] for row in rows(parts)))
    assert sorted(folders) == sorted(
        function["CodeUri"].rstrip("/") for function in functions().values()
    )


# -------------------------------------------------------------------------- docs/test-numbers.md


def test_the_test_numbers_are_those_that_are_tested() -> None:
    numbers = {
        row[0]: tuple(row[2:])
        for row in rows(read("docs/test-numbers.md"))
        if row[0].isdigit() or row[0] == "other"
    }
    numbers["99"] = numbers.pop("other")
    assert numbers == TABLE


# ---------------------------------------------------------------------------------- links, files


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    text = _CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    texts = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in texts}


def tables(text: str) -> Iterator[list[str]]:
    """The lines of each table in a page."""
    lines = _CODE_BLOCK.sub("", text).splitlines()
    for is_table, table in groupby(lines, lambda line: line.startswith("|")):
        if is_table:
            yield list(table)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_table_has_its_head_and_all_its_cells(page: Path) -> None:
    for table in tables(page.read_text(encoding="utf-8")):
        assert re.fullmatch(r"\|( *:?-+:? *\|)+", table[1]), table[0]
        # A bar within a cell is written with a backslash.
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
        assert len(cells) == 1, table[0]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_sent_to_a_test_number_costs_nothing(page: Path) -> None:
    for block in _CODE_BLOCK.findall(page.read_text(encoding="utf-8")):
        if '"test": true' in block and '"cost"' in block:
            assert re.search(r'"cost": (null|\[\])', block), block


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = _CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))
    for link in _LINK.findall(text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def in_repository() -> set[str]:
    """Every file that git knows or would take, and every folder that holds one."""
    paths = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    folders = {str(parent) for path in paths for parent in Path(path).parents}
    return set(paths) | folders


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    text = _CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))
    there = in_repository()
    folders = {path.partition("/")[0] for path in there if "/" in path}
    for path in _IN_BACKTICKS.findall(text):
        first, slash, _ = path.partition("/")
        if not slash or first not in folders or re.search(r"[ <>*$]", path):
            continue
        # docs/glossary.md names files of the layer from its package on.
        file = path.partition("::")[0].rstrip("/")
        assert {file, f"layers/ringpass/ringpass/{file}"} & there, path


# -------------------------------------------------------------------------------------- docs/adr


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))
    names = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/adr/README.md"))
    assert names == [page.name for page in ADRS]


@pytest.mark.parametrize("page", ADRS, ids=name_of)
def test_a_decision_says_why_what_and_what_follows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]}: ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "What was measured"]


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for page in PAGES:
        targets_of_page = re.findall(
            r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert set(targets_of_page) - targets == set(), page


# ---------------------------------------------------------------------------------- docs/examples


def test_the_example_of_a_pipeline_deploys_environments_that_there_are() -> None:
    pipeline = yaml.safe_load(read("docs/examples/github-actions.yaml"))
    environments = tomllib.loads(read("samconfig.toml"))
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    deployed = []
    for job in pipeline["jobs"].values():
        commands = "\n".join(step["run"] for step in job["steps"] if "run" in step)
        for target, environment in re.findall(r"make ([a-z-]+)(?: ENV=(\w+))?", commands):
            assert target in targets
            if environment:
                assert environment in environments
                assert job["environment"] == environment
                assert job["permissions"]["id-token"] == "write"
                deployed.append(environment)
    assert deployed == ["dev", "prod"]
    # No stored key of AWS's.
    assert "AWS_SECRET_ACCESS_KEY" not in read("docs/examples/github-actions.yaml")
