"""Adds the credential archive to every app that pulls from the registry with the Docker containerizer and lacks it.

`inject.py FOLDER` rewrites every `*.json` below it as a careful script does: with the indentation that the file has, and
by a new file of the same mode that is renamed over the old one, so that a killed run leaves each file whole. `--straight`
does neither: two spaces, written straight into the file. `inject.py -` reads one app or an array of apps and prints it;
`--compact` prints without indentation, for which the standard library has a writer in C.
"""

import json
import os
import re
import shutil
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


def printed(value, indent):
    return json.dumps(value, indent=indent, ensure_ascii=False) + "\n"


def rewrite(file, straight):
    with open(file, encoding="utf-8") as stream:
        text = stream.read()
    app = json.loads(text)
    if not inject(app):
        return
    if straight:
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(printed(app, 2))
        return
    margin = re.search(r"\n([ \t]+)", text)
    new = file + ".new"
    with open(new, "x", encoding="utf-8") as stream:
        stream.write(printed(app, margin and margin[1]))
    shutil.copymode(file, new)
    os.replace(new, file)


def main(path, options):
    if path == "-":
        value = json.load(sys.stdin)
        for app in value if isinstance(value, list) else [value]:
            inject(app)
        sys.stdout.write(printed(value, None if "--compact" in options else 2))
        return
    for folder, _, names in os.walk(path):
        for name in names:
            if name.endswith(".json"):
                rewrite(os.path.join(folder, name), "--straight" in options)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
