"""Definitions through the filter, with wasmtime (pip install -r requirements.txt).

    python filter.py pullcreds.filter.wasm "$policy" < app.json > fixed.json
    python filter.py pullcreds.filter.wasm --requests < requests.ndjson > answers.ndjson

The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too. A request is a
line {"definition": "…", "arguments": […]}, its answer a line {"code": 0, "stdout": "…", "stderr": "…"}.
"""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig

file, *options = sys.argv[1:]
engine = Engine()
module = Module.from_file(engine, file)
linker = Linker(engine)
linker.define_wasi()


def run(options, wasi):
    """An instance for each run. Gives 0: nothing to complain of, 1: something remains, 2: it could not be done."""
    wasi.argv = ["filter", *options]
    wasi.env = [(name, value) for name, value in os.environ.items() if name == "PULLCREDS_POLICY"]
    store = Store(engine)
    store.set_wasi(wasi)
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
    except ExitTrap as end:
        return end.code
    return 0


def answer(request, folder):
    stdin, stdout, stderr = (folder / name for name in ("stdin", "stdout", "stderr"))
    stdin.write_bytes(request["definition"].encode())
    wasi = WasiConfig()
    wasi.stdin_file, wasi.stdout_file, wasi.stderr_file = str(stdin), str(stdout), str(stderr)
    code = run(request["arguments"], wasi)
    return {"code": code, "stdout": stdout.read_bytes().decode(), "stderr": stderr.read_bytes().decode()}


if options == ["--requests"]:
    with TemporaryDirectory() as folder:
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line), Path(folder))))
else:
    wasi = WasiConfig()
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    sys.exit(run(options, wasi))
