// Adds the credential archive to every app that pulls from the registry with the Docker containerizer and lacks it.
//
// `node inject.mjs FOLDER` rewrites every `*.json` below it as a careful script does: with the indentation that the file
// has, and by a new file of the same mode that is renamed over the old one, so that a killed run leaves each file whole.
// `node inject.mjs -` reads one app or an array of apps and prints it.

import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
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

const print = (value, indent) => JSON.stringify(value, null, indent) + "\n";

function rewrite(path) {
  const text = readFileSync(path, "utf8");
  const app = JSON.parse(text);
  if (!inject(app)) return;
  const made = path + ".new";
  writeFileSync(made, print(app, text.match(/\n([ \t]+)/)?.[1]), { flag: "wx" });
  chmodSync(made, statSync(path).mode & 0o7777);
  renameSync(made, path);
}

function walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      walk(path);
    } else if (entry.name.endsWith(".json")) {
      rewrite(path);
    }
  }
}

const path = process.argv[2];
if (path === "-") {
  const value = JSON.parse(readFileSync(0, "utf8"));
  for (const app of Array.isArray(value) ? value : [value]) inject(app);
  writeFileSync(1, print(value, 2));
} else {
  walk(path);
}
