"""Validate an export with roc-validator, offline: run by `make crate` in an environment of its own.

roc-validator needs an older rich than the model's environment has. It asks the network for the
JSON-LD context of RO-Crate 1.1; rocrate 0.13 carries that document, so it is put into the
validator's cache from there.

    python tests/crate_validation.py FOLDER_OR_ZIP
"""

from __future__ import annotations

import sys
import tempfile
from importlib import resources
from pathlib import Path

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "process-run-crate"


def seed(cache: Path) -> None:
    """Put the context into the cache: a session that caches fetches it from the package."""
    import requests.adapters  # noqa: PLC0415  # of the validator's environment, as all below
    from requests_cache import CachedSession  # noqa: PLC0415
    from urllib3 import HTTPResponse  # noqa: PLC0415

    class Packaged(requests.adapters.HTTPAdapter):
        def send(self, request, **_: object):
            body = resources.files("rocrate.data").joinpath("ro-crate.jsonld").open("rb")
            kind = {"Content-Type": "application/ld+json"}
            raw = HTTPResponse(body, kind, 200, preload_content=False, request_url=request.url)
            return self.build_response(request, raw)

    with CachedSession(str(cache), backend="sqlite", expire_after=-1) as session:
        session.mount(CONTEXT, Packaged())
        content = session.get(CONTEXT).json()
    if content["@id"] != CONTEXT:
        raise SystemExit(f"the package rocrate holds {content['@id']}, wanted {CONTEXT}")


def issues(crate: Path, severity: str, cache: Path) -> list[str]:
    """What does not conform to the profile, with the entity it was found in."""
    from rocrate_validator import models, services  # noqa: PLC0415

    settings = services.ValidationSettings(
        rocrate_uri=str(crate),
        profile_identifier=PROFILE,
        requirement_severity=models.Severity[severity],
        cache_path=cache,
        offline=True,
    )
    result = services.validate(settings)
    return [f"{each.severity.name}: {each.message}" for each in result.get_issues()]


def main(crate: Path) -> int:
    """Exit code 0 if nothing required is missing; what is recommended is said."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "http"
        seed(cache)
        required = issues(crate, "REQUIRED", cache)
        recommended = issues(crate, "RECOMMENDED", cache)
    for line in dict.fromkeys([*required, *recommended]):
        sys.stdout.write(f"{line}\n")
    verdict = "does not conform" if required else "conforms"
    sys.stdout.write(f"{crate}: {verdict} to {PROFILE} (required); {len(recommended)} others\n")
    return 1 if required else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
