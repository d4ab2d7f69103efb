# Rewrites every *.json below FOLDER with one process a file, as shell scripts do: inject-each.sh FOLDER PROGRAM ARGUMENT…
# The program gets the file's name as its last argument and prints the new text. The shell's loop and the `mv` are in the
# time, because the way cannot be had without them.
folder=$1
shift
find "$folder" -name '*.json' -type f | while IFS= read -r file; do
  "$@" "$file" > "$file.new" && mv "$file.new" "$file" || exit 1
done
