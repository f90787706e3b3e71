"""Says which hosts may be given a secret, or spoken to in another way than by reading a public address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studiolo.domain.addresses import host_port, is_covered
from studiolo.errors import UserError


def check_covered(place: tuple[str, int], network: Sequence[str], what: str) -> None:
    """Make sure that `[grants] network` covers a host: an experiment may come from somebody else.

    Args:
        place: host and TCP port.
        network: patterns of studiolo.toml.
        what: would happen there, the beginning of a sentence.

    Raises:
        UserError: `address-not-allowed`.
    """
    if not is_covered(*place, network):
        name = host_port(*place)
        raise UserError(
            "address-not-allowed",
            f'{what} "{name}", which the workspace does not allow.',
            f'To allow it, write in studiolo.toml under [grants]: network = ["{name}"]',
        )


def check_secrets(hosts: Mapping[str, Sequence[str]], place: tuple[str, int]) -> None:
    """Make sure that the secrets which are for some servers alone are for this one.

    Args:
        hosts: name of a secret to patterns of the servers it is for; none means any.
        place: host and TCP port that it would be sent to.

    Raises:
        UserError: `address-not-allowed`.
    """
    for name, patterns in hosts.items():
        if patterns and not is_covered(*place, patterns):
            raise UserError(
                "address-not-allowed",
                f'The secret "{name}" is not for "{host_port(*place)}", but for {", ".join(patterns)[:200]}.',
                f"Check the address. To let it go there: studiolo secret set {name} --host {host_port(*place)}",
            )
