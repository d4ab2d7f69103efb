"""A definition through the component, with wasmtime (pip install wasmtime).

    python component.py pullcreds.component.wasm "$policy" < app.json > fixed.json
"""

import sys

from wasmtime import Engine, Store, component

file, policy = sys.argv[1:]
engine = Engine()
plugin = component.Component.from_file(engine, file)
store = Store(engine)
instance = component.Linker(engine).instantiate(store, plugin)  # offers nothing, and nothing is wanted
interface = instance.get_export_index(store, "pullcreds:transform/transformer@0.1.0")
transform = instance.get_func(store, instance.get_export_index(store, "transform", interface))

options = component.Record()
vars(options).update({
    "kind": None, "group": None, "current": None, "path": None, "select": [], "ignore": [],
    "unsafe-fixes": False, "strict-templates": False, "fix-patches": False,
})
definition = sys.stdin.buffer.read()
answer = transform(store, definition.decode(), policy, options)
if isinstance(answer, component.Variant):  # a failure: which text is at fault, and what is wrong
    sys.exit(f"{answer.tag}: {answer.payload.message}")
for finding in answer.remaining:
    print(f"{finding.severity}[{finding.code} {finding.name}]: {finding.message}", file=sys.stderr)
sys.stdout.buffer.write(definition if answer.text is None else answer.text.encode())
sys.exit(1 if any(finding.severity != "info" for finding in answer.remaining) else 0)
