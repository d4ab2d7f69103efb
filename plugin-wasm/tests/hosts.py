"""Runs requests (JSON, a list, on stdin) through a component or a filter with wasmtime; prints the answers.

    hosts.py component FILE < requests > answers
    hosts.py filter FILE < requests > answers
"""

import json
import sys
import tempfile
from pathlib import Path

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig, component

INTERFACE = "pullcreds:transform/transformer@0.1.0"


def plain(value):
    """Records, variants and lists as JSON has them."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if hasattr(value, "__dict__"):
        return {name: plain(member) for name, member in vars(value).items()}
    return value


def components(file):
    engine = Engine()
    plugin = component.Component.from_file(engine, file)
    linker = component.Linker(engine)  # offers nothing, and nothing is wanted

    def answer(request):
        store = Store(engine)
        instance = linker.instantiate(store, plugin)
        interface = instance.get_export_index(store, INTERFACE)

        def function(name):
            return instance.get_func(store, instance.get_export_index(store, name, interface))

        if request == "describe":
            return plain(function("describe")(store))
        transform = function("transform")
        options = component.Record()
        vars(options).update(request["options"])
        return plain(transform(store, request["definition"], request["policy"], options))

    return answer


def filters(file):
    engine = Engine()
    module = Module.from_file(engine, file)
    linker = Linker(engine)
    linker.define_wasi()
    folder = Path(tempfile.mkdtemp())
    stdin, stdout, stderr = (folder / name for name in ("stdin", "stdout", "stderr"))

    def answer(request):
        stdin.write_bytes(request["definition"].encode())
        store = Store(engine)
        wasi = WasiConfig()
        wasi.argv = ["filter", *request["arguments"]]
        wasi.env = list(request.get("environment", {}).items())
        wasi.stdin_file, wasi.stdout_file, wasi.stderr_file = str(stdin), str(stdout), str(stderr)
        store.set_wasi(wasi)
        code = 0
        try:
            linker.instantiate(store, module).exports(store)["_start"](store)
        except ExitTrap as exit:
            code = exit.code
        del store
        return {
            "code": code,
            "stdout": stdout.read_bytes().decode(),
            "stderr": stderr.read_bytes().decode(),
        }

    return answer


answer = {"component": components, "filter": filters}[sys.argv[1]](sys.argv[2])
json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)
