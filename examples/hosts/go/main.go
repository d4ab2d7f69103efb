// A definition through the filter, with wazero, which needs neither cgo nor anything installed.
//
//	go run . pullcreds.filter.wasm "$policy" < app.json > fixed.json
//
// The policy is JSON text; it may also stand in PULLCREDS_POLICY. All options of the filter go here, too.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

func main() {
	code, err := filter(context.Background(), os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(code)
}

func filter(ctx context.Context, file string, options []string) (int, error) {
	module, err := os.ReadFile(file)
	if err != nil {
		return 2, err
	}
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	config := wazero.NewModuleConfig().
		WithArgs(append([]string{"filter"}, options...)...).
		WithStdin(os.Stdin).WithStdout(os.Stdout).WithStderr(os.Stderr)
	if policy, ok := os.LookupEnv("PULLCREDS_POLICY"); ok {
		config = config.WithEnv("PULLCREDS_POLICY", policy)
	}
	_, err = runtime.InstantiateWithConfig(ctx, module, config)
	// 0: nothing to complain of, 1: something remains, 2: it could not be done
	if exit := new(sys.ExitError); errors.As(err, &exit) {
		return int(exit.ExitCode()), nil
	}
	if err != nil {
		return 2, err
	}
	return 0, nil
}
