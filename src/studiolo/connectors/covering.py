"""Says which hosts may be given a secret, or spoken to in another way than by reading a public address."""

from __future__ import annotations

from collections.abc import Sequence

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
