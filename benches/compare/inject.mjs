// Adds the credential archive to every app that pulls from the registry with the Docker containerizer and lacks it.
//
// `node inject.mjs FOLDER` rewrites every `*.json` below it in place; `node inject.mjs -` reads one app or an array of
// apps and prints it. Written as one would write it for the job: plain reads and writes, one after the other.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const host = "registry.example.com/";
const archive = "file:///etc/docker.tar.gz";

function inject(app) {
  const fetch = app.fetch ?? [];
  if (
    (app.container?.type ?? "DOCKER").toUpperCase() === "DOCKER" &&
    (app.container?.docker?.image ?? "").startsWith(host) &&
    !fetch.some((entry) => entry.uri === archive)
  ) {
    app.fetch = [...fetch, { uri: archive }];
    return true;
  }
  return false;
}

const print = (value) => JSON.stringify(value, null, 2) + "\n";

function walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      walk(path);
    } else if (entry.name.endsWith(".json")) {
      const app = JSON.parse(readFileSync(path, "utf8"));
      if (inject(app)) writeFileSync(path, print(app));
    }
  }
}

const path = process.argv[2];
if (path === "-") {
  const value = JSON.parse(readFileSync(0, "utf8"));
  for (const app of Array.isArray(value) ? value : [value]) inject(app);
  writeFileSync(1, print(value));
} else {
  walk(path);
}
