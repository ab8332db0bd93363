"""Adds to a CycloneDX list of an installation what its compiled modules have inside, which no installer knows: RE2.

Usage: python packaging/sbom.py FILE; the file is rewritten.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys

RE2 = pathlib.Path(__file__).with_name("re2.sh")
OURS = "aigate-sandbox"


def inside() -> dict[str, object]:
    """Return RE2's component, by the commit and the tag that wheels are built from."""
    found = re.search(r"^commit=([0-9a-f]{40}) # tag (\S+)$", RE2.read_text(encoding="ascii"), re.MULTILINE)
    if not found:
        sys.exit("sbom: re2.sh names no commit")
    commit, tag = found.groups()
    purl = f"pkg:github/google/re2@{tag}"
    return {
        "bom-ref": purl,
        "type": "library",
        "name": "re2",
        "version": tag,
        "description": "linked into aigate's masker",
        "licenses": [{"license": {"id": "BSD-3-Clause"}}],
        "purl": purl,
        "pedigree": {"commits": [{"uid": commit}]},
    }


def main(arguments: list[str]) -> int:
    """Rewrite the file."""
    if len(arguments) != 1:
        sys.exit(__doc__)
    path = pathlib.Path(arguments[0])
    listed = json.loads(path.read_text(encoding="utf-8"))
    own = next((one for one in listed["components"] if one["name"] == OURS), None)
    if own is None:
        sys.exit(f"sbom: {OURS} is not among what {path} lists")
    part = inside()
    kept = [one for one in listed["components"] if one["bom-ref"] != part["bom-ref"]]
    listed["components"] = sorted([*kept, part], key=lambda one: str(one["bom-ref"]))
    for one in listed.get("dependencies", []):
        if one["ref"] == own["bom-ref"]:
            one["dependsOn"] = sorted({*one.get("dependsOn", []), str(part["bom-ref"])})
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
