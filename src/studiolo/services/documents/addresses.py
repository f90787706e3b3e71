"""Where a service answers: every address that its documents name, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from studiolo.domain.service import Service

VERSION_QUERY = "api-version=2.0"


@dataclass(frozen=True)
class Addresses:
    """The addresses of one service.

    Attributes:
        origin: scheme, host and TCP port of the server as callers see it, such as `https://ml.example.org`; behind a
            proxy that adds a folder, with that folder; no slash at its end.
        workspace: id of the workspace, 32 hexadecimal digits.
        service: id of the service, 32 hexadecimal digits.
        name: of the service.
    """

    origin: str
    workspace: str
    service: str
    name: str

    @property
    def base_path(self) -> str:
        """Path of the classic addresses."""
        return f"{self.folder}/workspaces/{quote(self.workspace)}/services/{quote(self.service)}"

    @property
    def folder(self) -> str:
        """What a proxy puts before every path, or nothing."""
        return urlsplit(self.origin).path.rstrip("/")

    @property
    def host(self) -> str:
        """Host with TCP port, which the classic document always names."""
        parts = urlsplit(self.origin)
        return parts.netloc if parts.port else f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return urlsplit(self.origin).scheme

    @property
    def api_location(self) -> str:
        """What old clients append `/execute?…` and `/jobs?…` to: no query, no slash at its end."""
        return self.origin[: len(self.origin) - len(self.folder)] + self.base_path

    @property
    def own(self) -> str:
        """Request-response in our own typed form."""
        return f"{self.origin}{self.own_path}"

    @property
    def own_path(self) -> str:
        """The path of `own` below the server's folder."""
        return f"/api/services/{quote(self.name)}"

    @property
    def execute(self) -> str:
        """Request-response in the classic form."""
        return f"{self.api_location}/execute?{VERSION_QUERY}&details=true"

    @property
    def jobs(self) -> str:
        """Batch execution; a job's own address has `/JOB` before the query."""
        return f"{self.api_location}/jobs"

    @property
    def swagger(self) -> str:
        """The classic document."""
        return f"{self.api_location}/swagger.json"

    @property
    def openapi(self) -> str:
        """The document of our own form."""
        return f"{self.own}/openapi.json"

    @property
    def help(self) -> str:
        """The help page; `/score` and `/jobs` below it are those of the classic endpoints."""
        return f"{self.origin}/services/{quote(self.name)}"


def addresses_of(service: Service, workspace: str, origin: str) -> Addresses:
    """Give the addresses of a service.

    Args:
        service: which one.
        workspace: id of its workspace.
        origin: of the server, as callers see it; a slash at its end is dropped.
    """
    return Addresses(origin.rstrip("/"), workspace, service.id, service.name)
