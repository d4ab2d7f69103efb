// Makes JavaScript of the component, into transformer/; once, after npm ci.
//   node transpile.mjs pullcreds.component.wasm
// `npx jco transpile pullcreds.component.wasm --name transformer -o transformer` does the same.
import { transpile, writeFiles } from '@bytecodealliance/jco-transpile';

const outDir = new URL('transformer', import.meta.url).pathname;
const { files } = await transpile(process.argv[2], { name: 'transformer', outDir, noComponentErrorWrapping: false });
await writeFiles(files);
