// Definitions through the filter, with Chicory, which is Java alone: no native code.
//
//   java -jar filter.jar pullcreds.filter.wasm "$policy" < app.json > fixed.json
//   java -jar filter.jar pullcreds.filter.wasm --requests < requests.ndjson > answers.ndjson
//
// The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too.
// A request is a line {"definition": "…", "arguments": […]}, its answer a line {"code": 0, "stdout": "…", "stderr": "…"}.

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import static java.nio.charset.StandardCharsets.UTF_8;

public final class Filter {
  /** A line of standard input with --requests. */
  record Request(String definition, List<String> arguments) {}

  /** A line of standard output then. */
  record Answer(int code, String stdout, String stderr) {}

  private final WasmModule module;
  private final Function<Instance, Machine> machines;

  Filter(Path file) {
    module = Parser.parse(file);
    // Makes byte code of it, which takes a second. Without this it is interpreted, at a fifth of the speed.
    machines = MachineFactoryCompiler.compile(module);
  }

  public static void main(String[] arguments) throws IOException {
    var filter = new Filter(Path.of(arguments[0]));
    var options = List.of(arguments).subList(1, arguments.length);
    if (options.equals(List.of("--requests"))) {
      filter.answer(System.in, new PrintStream(System.out, false, UTF_8));
    } else {
      System.exit(filter.run(options, System.in, System.out, System.err));
    }
  }

  private void answer(InputStream requests, PrintStream answers) throws IOException {
    var gson = new Gson();
    var lines = new BufferedReader(new InputStreamReader(requests, UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      var request = gson.fromJson(line, Request.class);
      var stdout = new ByteArrayOutputStream();
      var stderr = new ByteArrayOutputStream();
      var stdin = new ByteArrayInputStream(request.definition().getBytes(UTF_8));
      int code = run(request.arguments(), stdin, stdout, stderr);
      answers.println(gson.toJson(new Answer(code, stdout.toString(UTF_8), stderr.toString(UTF_8))));
    }
    answers.flush();
  }

  /** An instance for each run. Gives 0: nothing to complain of, 1: something remains, 2: it could not be done. */
  private int run(List<String> options, InputStream stdin, OutputStream stdout, OutputStream stderr) {
    var arguments = new ArrayList<>(List.of("filter"));
    arguments.addAll(options);
    var streams = WasiOptions.builder().withArguments(arguments).withStdin(stdin).withStdout(stdout).withStderr(stderr);
    var policy = System.getenv("PULLCREDS_POLICY");
    if (policy != null) {
      streams.withEnvironment("PULLCREDS_POLICY", policy);
    }
    try (var wasi = WasiPreview1.builder().withOptions(streams.build()).build()) {
      var imports = new Store().addFunction(wasi.toHostFunctions()).toImportValues();
      Instance.builder(module).withImportValues(imports).withMachineFactory(machines).build();
      return 0;
    } catch (WasiExitException exit) {
      return exit.exitCode();
    }
  }
}
