"""Every place that a provider stands in: how to see that it does, and how a new one gets there.

A place's sign is looked for in the repository's providers, too: a test lists what is forgotten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from local.new_provider.names import CHANNELS, Name

LAYER: Final = "layers/ringpass/ringpass"
SKELETON: Final = Path(__file__).parent / "skeleton"
BLANK: Final = "FILL-IN:"
"""Marks what a person has to decide; a test refuses it."""

_ALL_SENDERS: Final = ("StartVerification", "Advance", "RunCommands")
_HEALTH: Final = "ManageProviders"


class AnchorMissing(Exception):
    """A file no longer has the text that a line is inserted at."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as places see it.

    Attributes:
        name: Its name.
        channel: Its channel's name.
        is_first: Whether it is the first of its channel: some places are about the others.
    """

    name: Name
    channel: str
    is_first: bool = False

    @property
    def words(self) -> dict[str, str]:
        """What a skeleton and a sign may use."""
        parts = CHANNELS[self.channel]
        return {
            "name": self.name.snake,
            "upper": self.name.upper,
            "pascal": self.name.pascal,
            "dashed": self.name.dashed,
            "title": self.name.title,
            "channel": self.channel,
            "sender": parts.sender,
            "channel_upper": self.channel.upper(),
            "channel_title": parts.title,
            "order": parts.order,
            "what": parts.what,
            "carries": parts.carries,
            "fields": parts.fields,
            "sandbox_fields": parts.sandbox_fields,
            "sandbox_code": parts.sandbox_code,
            "test_order": parts.test_order,
            "test_body": parts.test_body,
            "region": parts.region,
            "test_phone": parts.test_phone,
        }

    def fill(self, text: str) -> str:
        """Put the provider's words into a text."""
        return Template(text).substitute(self.words)


type Edit = Callable[[str, Provider], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One file that a provider stands in.

    Attributes:
        path: The file; may hold words of the provider.
        what: What stands there, for the list of what is forgotten.
        sign: A pattern that the file then holds; may hold words. None: that there is the file.
        edit: Puts a provider into the file's text; None: ``skeleton`` is written.
        skeleton: The file's skeleton.
        file: The file that is written, where ``path`` is a pattern.
        first_too: Whether also a channel's first provider stands there.
    """

    path: str
    what: str
    sign: str | None = None
    edit: Edit | None = None
    skeleton: str = ""
    file: str = ""
    first_too: bool = True

    @property
    def is_written(self) -> bool:
        """Whether a new provider gets there by itself, and not with another place."""
        return self.edit is not None or bool(self.skeleton) or self.sign is None

    def is_filled(self, root: Path, provider: Provider) -> bool:
        """Whether the provider stands there."""
        files = sorted(root.glob(provider.fill(self.path)))
        if self.sign is None or not files:
            return bool(files)
        sign = re.compile(provider.fill(self.sign), re.MULTILINE)
        return any(sign.search(file.read_text(encoding="utf-8")) for file in files)

    def write(self, root: Path, provider: Provider) -> Path:
        """Put the provider there; returns the file.

        Raises:
            AnchorMissing: The file has changed its form.
        """
        file = root / provider.fill(self.file or self.path)
        if self.edit is not None:
            text = self.edit(file.read_text(encoding="utf-8"), provider)
        else:
            text = provider.fill(_skeleton(self.skeleton)) if self.skeleton else ""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


def forgotten(root: Path, provider: Provider) -> list[str]:
    """Every place where a provider should stand, and does not: file, and what is missing."""
    reports = (root / provider.fill(WEBHOOK)).exists()
    return [
        f"{provider.fill(place.path)}: {provider.fill(place.what)}"
        for place in (*PLACES, *(RECEIVING if reports else ()))
        if (place.first_too or not provider.is_first) and not place.is_filled(root, provider)
    ]


# ------------------------------------------------------------------------------------- the edits


def _skeleton(name: str) -> str:
    return (SKELETON / name).read_text(encoding="utf-8")


def _insert(*edits: tuple[str, str]) -> Edit:
    """Insert texts behind patterns, each at the first match; ``$words`` in both."""

    def edit(text: str, provider: Provider) -> str:
        for anchor, addition in edits:
            match = re.compile(provider.fill(anchor), re.MULTILINE | re.DOTALL).search(text)
            if match is None:
                raise AnchorMissing(anchor)
            text = text[: match.end()] + provider.fill(addition) + text[match.end() :]
        return text

    return edit


def _import(line: str) -> tuple[str, str]:
    """An import behind another one; the linter sorts them."""
    return (r"^from \S+ import [^(\n]+$$\n", line + "\n")


_BEHIND: Final = {"voice_otp": "voice_gateway", "password_call": "mcn", "zns": "zalo"}
"""Channel -> the provider of this repository that a new one comes behind, everywhere."""


def _list_behind_the_others(text: str, provider: Provider) -> str:
    """Put the provider behind the others of its channel."""
    anchor = rf"^PROVIDERS: Final = \([^)]*\b{_BEHIND[provider.channel].upper()}\b"
    facts = _import("from ringpass.providers.$name.facts import $upper")
    return _insert(facts, (anchor, ", $upper"))(text, provider)


def _route(text: str, provider: Provider) -> str:
    """Put the provider's route behind the channel's others."""
    return _insert(
        _import("from ringpass.providers.$name.client import $pascal"),
        (
            re.escape(CHANNELS[provider.channel].route_after),
            ", channels.route($pascal(stack.settings().${name}_url))",
        ),
    )(text, provider)


def _choice(text: str, provider: Provider) -> str:
    """Let clients choose the provider; a channel's first two make a new field."""
    if f"    {provider.channel}: (\n" in text:
        anchor = rf"^    {provider.channel}: \((?:(?!^    \w).)*?\"{_BEHIND[provider.channel]}\""
        return _insert((anchor, ', "$name"'))(text, provider)
    # Only Password Call has a single provider.
    anchor = r"^class Providers\(Command\):\n.*?\n(?=\n\nclass )"
    return _insert((anchor, _skeleton("choice.txt")))(text, provider)


def _template(text: str, provider: Provider) -> str:
    """Put parameter, condition, secret, variables, rights and output into the template."""
    condition = '  With$pascal: !Not [!Equals [!Ref ${pascal}Url, ""]]\n'
    right = "!If [With$pascal, !GetAtt ${pascal}Secret.Id, !Ref AWS::NoValue], "
    text = _insert(
        (r"^          - BizflyCallStates\n", "          - ${pascal}Url\n"),
        (r"^(?=  McnBaseUrl:\n    Type: String\n)", _skeleton("parameter.txt")),
        (r"^Conditions:\n", condition),
        (r"^(?=  McnWebhookSecret:\n)", _skeleton("secret.txt")),
        (r"^(?=  BizflyWebhookSecretArn:)", _skeleton("output.txt")),
    )(text, provider)
    for function in (CHANNELS[provider.channel].sender, *_ALL_SENDERS, _HEALTH):
        resources = rf'^  {function}Role:\n.*?"secretsmanager:GetSecretValue",\s+Resource: \['
        text = _insert(
            (
                rf"^  {function}Function:\n.*?          TABLE: !Ref Table\n",
                _skeleton("variables.txt"),
            ),
            (resources, right),
        )(text, provider)
    return text


def _local_choice(text: str, provider: Provider) -> str:
    """Keep the local stack's client at the providers that it had: tests and tutorials use it."""
    text = _insert(
        (
            r'^    "McnSecretArn": \{[^}]*\},\n',
            '    "${pascal}SecretArn": {"token": "sandbox-$dashed-token"},\n',
        )
    )(text, provider)
    others = {"password_call": '["mcn"]', "zns": '["caresoft", "zalo"]'}
    if (
        provider.channel in others
        and f'"{provider.channel}": {others[provider.channel]}' not in text
    ):
        addition = f'"{provider.channel}": {others[provider.channel]}, '
        text = _insert((r'^    "providers": \{', addition))(text, provider)
    return text


def _table(first_cell: str, row: str) -> tuple[str, str]:
    """A row behind another one of a document's table."""
    return (rf"^\| {first_cell}[^\n]*\n", row + "\n")


def _settings_page(text: str, provider: Provider) -> str:
    sender = {
        "SendVoiceOtp": "send_voice_otp",
        "SendPasswordCall": "send_password_call",
        "SendZns": "send_zns",
    }[CHANNELS[provider.channel].sender]
    users = f"{sender}, start_verification, run_commands, advance, manage_providers"
    url = "| `${pascal}Url` | empty | Where $title takes orders. Empty: it is not there. |"
    value = '`{"token": "..."}` (with `${pascal}Url`)'
    return _insert(
        _table("`BizflyCallStates`", url),
        _table(
            "`BIZFLY_OTP_ID`", f"| `${{upper}}_SECRET` | {users} | ARN of `${{pascal}}Secret` |"
        ),
        _table("`BIZFLY_OTP_ID`", f"| `${{upper}}_URL` | {users} | `${{pascal}}Url` |"),
        _table("`BizflySecret`", f"| `${{pascal}}Secret` | {value} | to the token of $title |"),
        (r"`BizflyWebhookSecretArn`, ", "`${pascal}SecretArn` (with `${pascal}Url`), "),
    )(text, provider)


def _sign_in(function: str, pattern: str) -> str:
    """A sign within one function's lines of the template."""
    return rf"^  {function}:\n(?:(?!^  \w)[^\n]*\n)*?[^\n]*{pattern}"


PLACES: Final = (
    Place(path=f"{LAYER}/providers/$name/__init__.py", what="the provider's folder"),
    Place(
        path=f"{LAYER}/providers/$name/facts.py",
        what="what the provider is like",
        sign=r"^$upper: Final = ProviderFacts\(",
        skeleton="facts.txt",
    ),
    Place(
        path=f"{LAYER}/providers/$name/*client.py",
        what="the client: a request from an order, an outcome from a reply",
        sign=r"^    facts: ClassVar\[ProviderFacts\] = $upper",
        skeleton="client.txt",
        file=f"{LAYER}/providers/$name/client.py",
    ),
    Place(
        path=f"{LAYER}/wiring/provider_facts.py",
        what="the list of providers",
        sign=r"^PROVIDERS: Final = [^\n]*\b$upper\b",
        edit=_list_behind_the_others,
    ),
    Place(
        path=f"{LAYER}/wiring/provider_health.py",
        what="whether it is set up, for GET /v1/providers",
        sign=r"\b$upper\.name: lambda",
        edit=_insert(
            _import("from ringpass.providers.$name.facts import $upper"),
            (r"^    configured: dict[^\n]*\n", _skeleton("health.txt")),
        ),
    ),
    Place(
        path=f"{LAYER}/wiring/$channel.py",
        what="its route",
        sign=r"^from ringpass\.providers\.$name\.\w+ import",
        edit=_route,
    ),
    Place(
        path=f"{LAYER}/config.py",
        what="its address",
        sign=r"^    def ${name}_(?:base_)?url\(",
        edit=_insert((r"^(?=    def secret\(self)", _skeleton("config.txt"))),
    ),
    Place(
        path=f"{LAYER}/clients/settings/requests.py",
        what="clients may choose it",
        sign=r"\"$name\"",
        edit=_choice,
        first_too=False,
    ),
    Place(
        path=f"{LAYER}/providers/simulator/responder.py",
        what="its reply to test numbers",
        sign=r"^    $upper\.name: lambda ref",
        edit=_insert(
            _import("from ringpass.providers.$name.facts import $upper"),
            (r"^_ACCEPTANCES: Final[^\n]*\n", _skeleton("simulator.txt")),
        ),
        first_too=False,
    ),
    Place(
        path="template.yaml",
        what="the parameter with its address",
        sign=r"^  $pascal\w*Url:\n    Type: String",
        edit=_template,
    ),
    Place(
        path="template.yaml",
        what="its secret",
        sign=r"^  $pascal\w*Secret:\n    Type: AWS::SecretsManager::Secret",
    ),
    *(
        Place(
            path="template.yaml",
            what=f"{what} of {function}",
            sign=_sign_in(f"{function}{kind}", pattern),
        )
        for function in ("${sender}", *_ALL_SENDERS, _HEALTH)
        for kind, what, pattern in (
            ("Function", "the secret's ARN among the variables", r"\b${upper}_\w*SECRET:"),
            ("Role", "the right to read the secret, in the role", r"!GetAtt $pascal\w*Secret\.Id"),
        )
    ),
    Place(
        path="template.yaml",
        what="the output with the secret's ARN",
        sign=r"^  $pascal\w*SecretArn:",
    ),
    Place(
        path="pyproject.toml",
        what="the contract that no provider knows another",
        sign=r"^modules = \[[^\]]*\"ringpass\.providers\.$name\.\w+\"",
        edit=_insert(
            (
                r'^modules = \["ringpass\.providers\.bizfly\.client"',
                ', "ringpass.providers.$name.client"',
            )
        ),
    ),
    Place(path="sandbox/$name.py", what="the provider, simulated", skeleton="sandbox.txt"),
    Place(
        path="sandbox/exchange.py",
        what="the sandbox's list of providers",
        sign=r"^    $name\.NAME: $name,",
        edit=_insert(
            (r"^from sandbox import \(\n", "    $name,\n"),
            (r"^PROVIDERS: dict\[str, Provider\] = \{\n", "    $name.NAME: $name,\n"),
        ),
    ),
    Place(
        path="sandbox/settings.py",
        what="the credential that the sandbox takes",
        sign=r"^    ${name}_\w+: str = \"sandbox-",
        edit=_insert(
            (
                r"^    mcn_token: str = [^\n]*\n",
                '    ${name}_token: str = "sandbox-$dashed-token"  # noqa: S105 - likewise\n',
            ),
            (r'^    "mcn_token": _read_text,\n', '    "${name}_token": _read_text,\n'),
        ),
    ),
    Place(
        path="sandbox/README.md",
        what="the simulated provider and its settings",
        sign=r"`${name}_(?:token|key|app_id)`",
        edit=_insert(
            _table(
                "MCN",
                "| $title | `<url>/$name` (`POST /orders`) | "
                "`Authorization: Bearer sandbox-$dashed-token` |",
            ),
            _table("`api_url`, `admin_key`", "| `${name}_token` | as above |"),
        ),
    ),
    Place(
        path="local/providers.py",
        what="the sandbox's address, for the local stack",
        sign=r"\"$pascal\w*Url\"",
        edit=_insert(
            (
                r'^            "BizflyOtpId": OTP_ID,\n',
                '            "${pascal}Url": f"{self.url}/$name/orders",\n',
            )
        ),
    ),
    Place(
        path="local/seeding.py",
        what="the secret that the sandbox takes, for the local stack",
        sign=r"\"$pascal\w*SecretArn\"",
        edit=_local_choice,
    ),
    Place(
        path="tests/providers/$name/test_*.py",
        what="tests of the request and of each reply",
        skeleton="test_client.txt",
        file="tests/providers/$name/test_client.py",
    ),
    Place(
        path="tests/sandbox/test_*.py",
        what="tests of the simulated provider",
        sign=r"\"$name\"|\"/$name/",
        skeleton="test_sandbox.txt",
        file="tests/sandbox/test_$name.py",
    ),
    Place(
        path="tests/providers/test_replies.py",
        what="what is never accepted, for all providers alike",
        sign=r"^    \[[^\]]*\bread_$name\b",
        edit=_insert(
            (
                r"^from ringpass\.redaction import Secret\n",
                "from tests.providers.$name.test_client import read_$name\n",
            ),
            (r"^    \[\s*read_bizfly", ", read_$name"),
            (r'^    ids=\[\s*"bizfly"', ', "$name"'),
        ),
    ),
    Place(
        path="tests/local/test_template.py",
        what="which functions may read its secret",
        sign=r"^PROVIDER_SECRETS = \{[^}]*\"$pascal\w*Secret\"",
        edit=lambda text, provider: _insert(
            (r"^PROVIDER_SECRETS = \{\n", '    "${pascal}Secret",\n'),
            (
                rf'^    "{CHANNELS[provider.channel].sender}": \{{"LookupSecret"',
                ', "${pascal}Secret"',
            ),
        )(text, provider),
    ),
    Place(
        path="tests/local/test_updates.py",
        what="how its secret is generated",
        sign=r"^    \"$pascal\w*Secret\": generated",
        edit=_insert(
            (
                r"^GENERATED = \{\n",
                '    "${pascal}Secret": generated(\'{"token": ""}\', "placeholder", 32),\n',
            )
        ),
    ),
    Place(
        path="tests/e2e/test_not_configured.py",
        what="its state on the local stack",
        sign=r"^            \"$name\": \"",
        edit=_insert((r'^            "bizfly": "active",\n', '            "$name": "active",\n')),
    ),
    Place(
        path="docs/settings.md",
        what="parameter, variables, secret, output",
        sign=r"^\| `${upper}_\w*SECRET` \|",
        edit=_settings_page,
    ),
    Place(
        path="docs/data-protection.md",
        what="what the provider gets, and who it is",
        sign=r"(?i)\b$title\b",
        edit=_insert(
            (r"^(?=No provider gets the end user's address)", _skeleton("data_protection.txt"))
        ),
    ),
    Place(
        path="CHANGELOG.md",
        what="a line for users",
        sign=r"(?i)\b$title\b",
        edit=_insert(
            (r"^### Added\n\n", "- $title, a provider of $channel_title: `${pascal}Url`.\n")
        ),
    ),
)

WEBHOOK: Final = f"{LAYER}/providers/$name/webhook.py"
"""A provider that has it reports results: it then stands in the places below, too."""

RECEIVING: Final = (
    Place(path="tests/providers/$name/test_webhook.py", what="tests of the webhook's parser"),
    Place(path=f"{LAYER}/deliveries/receipts/$name.py", what="what its results mean"),
    Place(
        path="tests/deliveries/receipts/test_*.py",
        what="tests of its results",
        sign=r"ringpass\.(?:deliveries\.receipts|providers)\.$name\b",
    ),
    Place(path=f"{LAYER}/wiring/${{name}}_webhook.py", what="its receiver"),
    Place(
        path=f"{LAYER}/wiring/worker.py",
        what="stored payloads: large bodies, and replays",
        sign=r"$upper\.name: ${name}_webhook\.receiver",
    ),
    Place(
        path=f"{LAYER}/wiring/worker.py",
        what="matching of results whose reply was lost, if the reply names the call",
        sign=r"$upper\.name: (?:LateMatcher|TicketMatcher)\(|$name\b[^\n]*import store_simulated",
    ),
    Place(
        path=f"{LAYER}/wiring/replay.py",
        what="the list of dead letters",
        sign=r"^PROVIDERS: Final = [^\n]*\b$upper\.name",
    ),
    Place(
        path=f"{LAYER}/providers/simulator/receipts.py",
        what="results of test numbers, or none",
        sign=r"$upper\.name|^    if provider not in payloads",
    ),
    Place(
        path="functions/receive_*/app.py",
        what="the route of the function that receives",
        sign=r"\b${name}_webhook\.receiver\(\)",
    ),
    Place(
        path="template.yaml",
        what="the route, in the API's description",
        sign=r"^          /v1/webhooks/$dashed:",
    ),
    Place(
        path="template.yaml",
        what="the route, among the function's events",
        sign=r"Path: /v1/webhooks/$dashed\}\}",
    ),
    Place(
        path="pyproject.toml",
        what="the contract that webhooks are light",
        sign=r"^    \"ringpass\.wiring\.${name}_webhook\"",
    ),
    Place(
        path="events/receive_*/*.json",
        what="an event of the function",
        sign=r"\"rawPath\": \"/v1/webhooks/$dashed",
    ),
    Place(
        path="local/openapi/operations.py",
        what="the route, in the OpenAPI document",
        sign=r"/v1/webhooks/$dashed\b",
    ),
    Place(
        path="sandbox/settings.py",
        what="where the sandbox sends results",
        sign=r"^    ${name}_webhook_url: ",
    ),
    Place(
        path="local/providers.py",
        what="the webhook's address, for the sandbox",
        sign=r"\"${name}_webhook_url\"",
    ),
    Place(
        path="tests/local/test_template.py",
        what="the route, among those without an API key",
        sign=r"/v1/webhooks/$dashed\"",
    ),
    Place(
        path="tests/e2e/test_openapi.py",
        what="a request to the webhook",
        sign=r"/v1/webhooks/$dashed\b|\b${name}_webhook_url\b",
    ),
    Place(path="docs/api.md", what="the webhook", sign=r"/v1/webhooks/$dashed\b"),
)
