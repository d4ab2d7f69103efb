"""Adds the credential archive to every app that pulls from the registry with the Docker containerizer and lacks it.

`inject.py FOLDER` rewrites every `*.json` below it in place; `inject.py -` reads one app or an array of apps and prints
it; `--compact` prints without indentation, for which the standard library has a writer in C. Written as one would write
it for the job: plain reads and writes, no promise about a run that is killed.
"""

import json
import os
import sys

HOST = "registry.example.com/"
ARCHIVE = "file:///etc/docker.tar.gz"


def inject(app):
    container = app.get("container") or {}
    image = (container.get("docker") or {}).get("image") or ""
    fetch = app.get("fetch") or []
    if (
        (container.get("type") or "DOCKER").upper() == "DOCKER"
        and image.startswith(HOST)
        and all(entry.get("uri") != ARCHIVE for entry in fetch)
    ):
        app["fetch"] = fetch + [{"uri": ARCHIVE}]
        return True
    return False


def main(path, indent):
    if path == "-":
        value = json.load(sys.stdin)
        for app in value if isinstance(value, list) else [value]:
            inject(app)
        sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False) + "\n")
        return
    for folder, _, names in os.walk(path):
        for name in names:
            if name.endswith(".json"):
                file = os.path.join(folder, name)
                with open(file, encoding="utf-8") as stream:
                    app = json.load(stream)
                if inject(app):
                    with open(file, "w", encoding="utf-8") as stream:
                        stream.write(json.dumps(app, indent=indent, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], None if "--compact" in sys.argv else 2)
