"""For which processor the built layers' binaries are: the first bytes of each .so say it (ELF)."""

from collections.abc import Iterator
from pathlib import Path

from local.failures import DeploymentError

_MAGIC = b"\x7fELF"
_LITTLE_ENDIAN = 1
_MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
"""`e_machine` of the ELF header: EM_X86_64, EM_AARCH64."""


def machine_of(path: Path) -> str | None:
    """Lambda's word for the processor that a binary is for; None: the file is no such binary."""
    with path.open("rb") as file:
        header = file.read(20)
    if len(header) < 20 or not header.startswith(_MAGIC) or header[5] != _LITTLE_ENDIAN:  # noqa: PLR2004
        return None
    return _MACHINES.get(int.from_bytes(header[18:20], "little"))


def check_binaries(build: Path, architecture: str) -> None:
    """See that all binaries in a build folder are for the processor of the functions.

    Raises:
        DeploymentError: One is for another processor, or there is none at all.
    """
    machines = list(_machines(build))
    if not machines:
        raise DeploymentError(f"no binary was built below {build}: the layers are not complete")
    for path, machine in machines:
        if machine != architecture:
            raise DeploymentError(
                f"Architecture is {architecture}, and {path.relative_to(build)} was built for "
                f"{machine or 'another processor'}: set Architecture below "
                "[<environment>.global.parameters.parameter_overrides] in samconfig.toml, "
                "which `sam build` reads too"
            )


def _machines(build: Path) -> Iterator[tuple[Path, str | None]]:
    for path in sorted(build.rglob("*.so*")):
        if path.is_file():
            yield path, machine_of(path)
