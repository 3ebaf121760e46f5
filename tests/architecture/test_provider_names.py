"""A provider's name stands with the provider, and in what puts the parts together.

So a new provider needs its folder, its wiring, its settings and its simulation, and nothing else.
Names in code are meant: identifiers, and strings in lower case. Sentences for people, which spell
a brand as its owner does (``Bizfly``), decide nothing.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

import pytest

from ringpass.wiring.provider_facts import PROVIDERS
from tests.template import ROOT

CODE: Final = ROOT / "layers" / "ringpass" / "ringpass"
NAMES: Final = tuple(facts.name for facts in PROVIDERS)
HOMES: Final = re.compile(
    rf"""
      providers/({"|".join(NAMES)}|simulator)/.*   # its folder, its simulation
    | deliveries/receipts/({"|".join(NAMES)})\w*\.py   # what its receipts mean
    | wiring/.*
    | config\.py
    """,
    re.VERBOSE,
)
FIELDS: Final = frozenset({"bizfly_key_fields", "caresoft_id", "zalo_error"})
"""Fields of the API and of the operator's documents; some are stored under this name, too."""
EXCEPTIONS: Final[dict[str, str]] = {
    "oa/": "an Official Account is an account at Zalo: all of it is about Zalo's API",
    "reporting/contributions.py": "a request for a customer's consent is paid to Zalo",
    "metrics.py": "lists the log lines that CloudWatch counts, by their text",
    "clients/settings/requests.py": "the API lists the values of `providers` in its schema",
}
"""Files and folders that may name a provider, and why."""


def names_in(text: str) -> set[str]:
    """Names of providers in an identifier or a module's path: ``McnWebhook``, ``mcn_token``."""
    return _named_by(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text))


def names_in_string(text: str) -> set[str]:
    """Names of providers in a string, as a program writes them: ``mcn``, ``caresoft_webhook``."""
    words = set(re.findall(r"[\w-]+", text)) - FIELDS
    return {name for word in words for name in _named_by(re.split("[_-]", word))}


def _named_by(parts: Iterable[str]) -> set[str]:
    """Names that these parts of a word hold; a name may have several of them."""
    word = "_" + "_".join(parts) + "_"
    return {name for name in NAMES if f"_{name}_" in word}


def mentions(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string and identifier that names a provider; docstrings are free."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            is_text = isinstance(node.value, str) and id(node) not in docstrings
            if is_text and names_in_string(str(node.value)):
                yield line, str(node.value)
            continue
        for _, value in ast.iter_fields(node):
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and text not in FIELDS and names_in(text):
                    yield line, text


def sources() -> list[str]:
    """Every file outside the homes of providers' names."""
    paths = (path.relative_to(CODE).as_posix() for path in CODE.rglob("*.py"))
    return sorted(path for path in paths if not HOMES.fullmatch(path))


def excepted(path: str) -> str | None:
    """The exception that a file falls under, if any."""
    return next((start for start in EXCEPTIONS if path.startswith(start)), None)


@pytest.mark.parametrize("path", [path for path in sources() if excepted(path) is None])
def test_no_provider_is_named_outside_its_own_places(path: str) -> None:
    assert list(mentions((CODE / path).read_text())) == []
    assert names_in(path) == set()


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_every_exception_is_needed(exception: str) -> None:
    paths = [path for path in sources() if excepted(path) == exception]
    assert any(list(mentions((CODE / path).read_text())) for path in paths)


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_field_that_is_excepted_is_used(field: str) -> None:
    assert any(field in (CODE / path).read_text() for path in sources())


@pytest.mark.parametrize(
    "source",
    [
        'x = "mcn"',
        'x = "caresoft_webhook"',
        'x = f"QUO#zalo#{y}"',
        'logger().info("zalo event")',
        "from ringpass.providers.mcn import webhook",
        "from ringpass.providers.mcn.q931 import NO_CAUSE, outcome_of",
        "import ringpass.providers.bizfly.client",
        "class McnReceiver: pass",
        "def zalo_token(): pass",
        "x = settings.bizfly_base_url",
        "f(caresoft_template=1)",
        "def f(mcn): pass",
        "match x:\n    case 'zalo': pass",
        "MCN = 1",
        "class VoiceGatewayClient: pass",
        'x = "POST /v1/webhooks/voice-gateway"',
        "from ringpass.providers.voice_gateway import webhook",
        "global zalo",
    ],
)
def test_a_name_is_found(source: str) -> None:
    assert list(mentions(source))


@pytest.mark.parametrize(
    "source",
    [
        '"""Of mcn."""',
        "x = 1  # mcn",
        'x = "as Bizfly\'s console shows it"',
        "x = template.caresoft_id",
        'x = {"bizfly_key_fields": None}',
        'x = "give caresoft_id, zns_id or both"',
        "mcncount = 1",
        "voice = gateway",
    ],
)
def test_what_is_no_name_is_left_alone(source: str) -> None:
    assert not list(mentions(source))


def test_every_provider_with_a_folder_is_listed() -> None:
    folders = {path.parent.name for path in (CODE / "providers").glob("*/facts.py")}
    assert folders == set(NAMES)
