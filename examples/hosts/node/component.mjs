// Definitions through the component, with what jco made of it (see transpile.mjs).
//   node component.mjs "$policy" < app.json > fixed.json
//   node component.mjs --requests < requests.ndjson > answers.ndjson
//   node component.mjs                 # says what it is, and what a policy looks like
// A request is a line {"definition": "…", "policy": "…", "options": {…}}, its answer a line with the outcome.
import { readFileSync } from 'node:fs';
import { transformer } from './transformer/transformer.js';

function transform(definition, policy, options) {
  try {
    const outcome = transformer.transform(definition, policy, options);
    // What jco made reads a text without its byte order mark.
    const mark = '\uFEFF';
    if (definition.startsWith(mark) && outcome.text?.startsWith(mark) === false) outcome.text = mark + outcome.text;
    return outcome;
  } catch (error) {
    if (error.payload === undefined) throw error; // no answer of the plugin's
    return error.payload; // a failure: which text is at fault, and what is wrong
  }
}

function filter(definition, policy) {
  const answer = transform(definition, policy, { select: [], ignore: [] });
  if (answer.tag !== undefined) {
    console.error(`${answer.tag}: ${answer.val.message}`);
    return 2;
  }
  for (const { code, name, message } of answer.remaining) console.error(`${code}[${name}]: ${message}`);
  process.stdout.write(answer.text ?? definition);
  return answer.remaining.some(({ severity }) => severity !== 'info') ? 1 : 0;
}

const policy = process.argv[2];
if (policy === undefined) {
  console.log(JSON.stringify(transformer.describe()));
} else if (policy === '--requests') {
  for (const line of readFileSync(0, 'utf8').trimEnd().split('\n')) {
    const { definition, policy, options } = JSON.parse(line);
    console.log(JSON.stringify(transform(definition, policy, options)));
  }
} else {
  process.exitCode = filter(readFileSync(0, 'utf8'), policy);
}
