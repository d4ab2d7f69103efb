// Runs requests (JSON, a list, on stdin) through a filter with node:wasi; prints the answers.
//   node hosts.mjs FILE < requests > answers
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

const module = await WebAssembly.compile(readFileSync(process.argv[2]));
const folder = mkdtempSync(join(tmpdir(), 'pullcreds-'));
const at = (name) => join(folder, name);

const answers = [];
for (const { definition, arguments: args, environment = {} } of JSON.parse(readFileSync(0, 'utf8'))) {
  writeFileSync(at('stdin'), definition);
  const [stdin, stdout, stderr] = [openSync(at('stdin'), 'r'), openSync(at('stdout'), 'w'), openSync(at('stderr'), 'w')];
  const wasi = new WASI({
    version: 'preview1', args: ['filter', ...args], env: environment, returnOnExit: true, stdin, stdout, stderr,
  });
  const code = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
  [stdin, stdout, stderr].forEach((file) => closeSync(file));
  answers.push({ code, stdout: readFileSync(at('stdout'), 'utf8'), stderr: readFileSync(at('stderr'), 'utf8') });
}
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(answers));
