"""The values that the stack's parameters will have, and whether those that are JSON can be read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from local.failures import DeploymentError
from ringpass.costs import Prices
from ringpass.providers.bizfly.call_states import states_from_json

# CloudFormation checks forms (`AllowedPattern`); this says what the values mean.
_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "Prices": Prices.from_json,
    "BizflyCallStates": states_from_json,
}


def values_of(
    template: Mapping[str, Any], stack: Mapping[str, Any] | None, overrides: Mapping[str, str]
) -> dict[str, str]:
    """What each parameter will be: what is set, else what the stack has, else the default.

    A parameter that is no longer set keeps the stack's value: so does `sam deploy`.

    Raises:
        DeploymentError: A parameter is set that the template does not have.
    """
    declarations: Mapping[str, Mapping[str, Any]] = template["Parameters"]
    unknown = sorted(overrides.keys() - declarations.keys())
    if unknown:
        raise DeploymentError(
            f"the template has no parameter {unknown[0]}: docs/settings.md lists them all"
        )
    current = {
        one["ParameterKey"]: one["ParameterValue"] for one in (stack or {}).get("Parameters", [])
    }
    defaults = {name: str(one.get("Default", "")) for name, one in declarations.items()}
    return {
        name: overrides.get(name, current.get(name, default)) for name, default in defaults.items()
    }


def check_values(values: Mapping[str, str], region: str) -> None:
    """See that parameters that are JSON can be read, and that a domain can be had in the region.

    Raises:
        DeploymentError: One cannot.
    """
    certificate = values["CertificateArn"]
    if values["DomainName"] and certificate.split(":")[3:4] != [region]:
        raise DeploymentError(
            f"DomainName needs a certificate of ACM in {region}: CertificateArn is "
            f"{certificate or 'not set'}"
        )
    for name, reader in _READERS.items():
        try:
            reader(values[name])
        except ValueError as error:
            raise DeploymentError(
                f"the parameter {name} is no such JSON as docs/settings.md shows ({error}): put it "
                "between single quotation marks, below "
                "[<environment>.global.parameters.parameter_overrides] in samconfig.toml"
            ) from error
