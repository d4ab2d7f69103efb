// Definitions through the filter, with what Node brings along (20 or newer).
//   node filter.mjs pullcreds.filter.wasm "$policy" < app.json > fixed.json
//   node filter.mjs pullcreds.filter.wasm --requests < requests.ndjson > answers.ndjson
// The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too.
// A request is a line {"definition": "…", "arguments": […]}, its answer a line {"code": 0, "stdout": "…", "stderr": "…"}.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

const [file, ...options] = process.argv.slice(2);
const module = await WebAssembly.compile(readFileSync(file));

// An instance for each run. Gives 0: nothing to complain of, 1: something remains, 2: it could not be done.
async function filter(options, streams = {}) {
  const { PULLCREDS_POLICY } = process.env;
  const env = PULLCREDS_POLICY === undefined ? {} : { PULLCREDS_POLICY };
  const wasi = new WASI({ version: 'preview1', args: ['filter', ...options], env, returnOnExit: true, ...streams });
  return wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
}

if (options[0] === '--requests') {
  const folder = mkdtempSync(join(tmpdir(), 'filter-')); // node:wasi knows streams that are files, and no others
  const at = (name) => join(folder, name);
  for (const line of readFileSync(0, 'utf8').trimEnd().split('\n')) {
    const request = JSON.parse(line);
    writeFileSync(at('stdin'), request.definition);
    const streams = { stdin: openSync(at('stdin'), 'r'), stdout: openSync(at('stdout'), 'w'), stderr: openSync(at('stderr'), 'w') };
    const code = await filter(request.arguments, streams);
    Object.values(streams).forEach((stream) => closeSync(stream));
    console.log(JSON.stringify({ code, stdout: readFileSync(at('stdout'), 'utf8'), stderr: readFileSync(at('stderr'), 'utf8') }));
  }
  rmSync(folder, { recursive: true });
} else {
  process.exitCode = await filter(options);
}
