"""A definition through the filter, with wasmtime (pip install wasmtime).

    python filter.py pullcreds.filter.wasm "$policy" < app.json > fixed.json

The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too.
"""

import os
import sys

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig

file, *options = sys.argv[1:]
engine = Engine()
wasi = WasiConfig()
wasi.argv = ["filter", *options]
wasi.env = [(name, value) for name, value in os.environ.items() if name == "PULLCREDS_POLICY"]
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
store = Store(engine)
store.set_wasi(wasi)
linker = Linker(engine)
linker.define_wasi()
instance = linker.instantiate(store, Module.from_file(engine, file))
try:
    instance.exports(store)["_start"](store)
except ExitTrap as end:  # 1: something remains, 2: it could not be done
    sys.exit(end.code)
