"""Definitions through the component, with wasmtime (pip install -r requirements.txt).

    python component.py pullcreds.component.wasm "$policy" < app.json > fixed.json
    python component.py pullcreds.component.wasm --requests < requests.ndjson > answers.ndjson
    python component.py pullcreds.component.wasm       # says what it is, and what a policy looks like

A request is a line {"definition": "…", "policy": "…", "options": {…}}, its answer a line with the outcome.
"""

import json
import sys

from wasmtime import Engine, Store, component

INTERFACE = "pullcreds:transform/transformer@0.1.0"
NOTHING_SPECIAL = {
    "kind": None, "group": None, "current": None, "path": None, "select": [], "ignore": [],
    "unsafe-fixes": False, "strict-templates": False, "fix-patches": False,
}

file, *rest = sys.argv[1:]
engine = Engine()
plugin = component.Component.from_file(engine, file)
linker = component.Linker(engine)  # offers nothing, and nothing is wanted


def call(name, *arguments):
    """A function of the interface, in an instance of its own."""
    store = Store(engine)
    instance = linker.instantiate(store, plugin)
    interface = instance.get_export_index(store, INTERFACE)
    function = instance.get_func(store, instance.get_export_index(store, name, interface))
    return function(store, *arguments)


def transform(definition, policy, options):
    """An outcome, or a failure, which is a variant: which text is at fault, and what is wrong."""
    record = component.Record()
    vars(record).update(options)
    return call("transform", definition, policy, record)


def run(policy):
    """Gives 0: nothing to complain of, 1: something remains, 2: it could not be done."""
    definition = sys.stdin.buffer.read()
    answer = transform(definition.decode(), policy, NOTHING_SPECIAL)
    if isinstance(answer, component.Variant):
        print(f"{answer.tag}: {answer.payload.message}", file=sys.stderr)
        return 2
    for finding in answer.remaining:
        print(f"{finding.code}[{finding.name}]: {finding.message}", file=sys.stderr)
    sys.stdout.buffer.write(definition if answer.text is None else answer.text.encode())
    return 1 if any(finding.severity != "info" for finding in answer.remaining) else 0


if not rest:
    print(json.dumps(call("describe"), default=vars))
elif rest == ["--requests"]:
    for line in sys.stdin:
        print(json.dumps(transform(**json.loads(line)), default=vars))
else:
    sys.exit(run(*rest))
