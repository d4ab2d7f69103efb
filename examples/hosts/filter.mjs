// A definition through the filter, with what Node brings along (20 or newer).
//   node filter.mjs pullcreds.filter.wasm "$policy" < app.json > fixed.json
// The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too.
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [file, ...options] = process.argv.slice(2);
const { PULLCREDS_POLICY } = process.env;
const wasi = new WASI({
  version: 'preview1',
  args: ['filter', ...options],
  env: PULLCREDS_POLICY === undefined ? {} : { PULLCREDS_POLICY },
  returnOnExit: true, // the exit code comes back: 0 nothing to complain of, 1 something remains, 2 it could not be done
});
const { instance } = await WebAssembly.instantiate(readFileSync(file), wasi.getImportObject());
process.exitCode = wasi.start(instance);
