// Definitions through the filter, with wazero, which needs neither cgo nor anything installed.
//
//	filter pullcreds.filter.wasm "$policy" < app.json > fixed.json
//	filter pullcreds.filter.wasm --requests < requests.ndjson > answers.ndjson
//
// The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too.
// A request is a line {"definition": "…", "arguments": […]}, its answer a line {"code": 0, "stdout": "…", "stderr": "…"}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

// A line of standard input with --requests.
type request struct {
	Definition string   `json:"definition"`
	Arguments  []string `json:"arguments"`
}

// A line of standard output then.
type answer struct {
	Code   uint32 `json:"code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

type filter struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

func main() {
	code, err := run(context.Background(), os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		code = 2
	}
	os.Exit(int(code))
}

func run(ctx context.Context, file string, options []string) (uint32, error) {
	bytes, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	module, err := runtime.CompileModule(ctx, bytes)
	if err != nil {
		return 0, err
	}
	filter := filter{runtime, module}
	if len(options) > 0 && options[0] == "--requests" {
		return 0, filter.answer(ctx)
	}
	return filter.run(ctx, options, os.Stdin, os.Stdout, os.Stderr)
}

func (filter filter) answer(ctx context.Context) error {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for requests.More() {
		var asked request
		if err := requests.Decode(&asked); err != nil {
			return err
		}
		var stdout, stderr strings.Builder
		code, err := filter.run(ctx, asked.Arguments, strings.NewReader(asked.Definition), &stdout, &stderr)
		if err != nil {
			return err
		}
		if err := answers.Encode(answer{code, stdout.String(), stderr.String()}); err != nil {
			return err
		}
	}
	return nil
}

// An instance for each run. Gives 0: nothing to complain of, 1: something remains, 2: it could not be done.
func (filter filter) run(ctx context.Context, options []string, stdin io.Reader, stdout, stderr io.Writer) (uint32, error) {
	config := wazero.NewModuleConfig().
		WithName(""). // so that none is in the way of the next
		WithArgs(append([]string{"filter"}, options...)...).
		WithStdin(stdin).WithStdout(stdout).WithStderr(stderr)
	if policy, ok := os.LookupEnv("PULLCREDS_POLICY"); ok {
		config = config.WithEnv("PULLCREDS_POLICY", policy)
	}
	instance, err := filter.runtime.InstantiateModule(ctx, filter.module, config)
	if exit := new(sys.ExitError); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 0, err
	}
	return 0, instance.Close(ctx)
}
