
# Each command line below is also the way to try it: SSH='ssh -p 2222' and SUDO= change how agents are reached.
ssh=${SSH:-ssh}
sudo=${SUDO-sudo -n}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

checksum() {
    if command -v sha256sum > /dev/null; then
        sha256sum
    else
        shasum -a 256
    fi | cut -d ' ' -f 1
}

[ $# -gt 0 ] || fail "name the agents: sh $0 AGENT..."
[ -s "$file" ] || fail "$file: is not there, or empty"
checked

# What an agent does. It reads a checksum and then the file; neither is ever seen in a list of processes.
# shellcheck disable=SC2016 # the agent expands it
program='
set -eu
target="${ROOT:-}$1" user=$2 mode=$3
fail() {
    printf "%s\n" "$*" >&2
    exit 1
}
checksum() {
    sha256sum | cut -d " " -f 1
}
IFS= read -r wanted
folder=${target%/*}
[ -d "$folder" ] || fail "there is no folder $folder"
[ ! -d "$target" ] || fail "$target is a folder"
group=$(id -gn "$user") || fail "there is no user $user"
umask 077
new=$(mktemp "$folder/.pullcreds.XXXXXX")
trap "rm -f \"\$new\"" EXIT
trap "exit 1" HUP INT TERM
cat > "$new"
[ "$(checksum < "$new")" = "$wanted" ] || fail "it arrived damaged, and was not put in place"
chown "root:$group" "$new"
chmod "$mode" "$new"
if [ "$user" != root ]; then
    su -s /bin/sh -c "cat \"$new\"" "$user" > /dev/null ||
        fail "$user cannot read files in $folder; nothing was changed"
fi
state() {
    stat -c "%U:%G %a" "$1"
}
changed=yes
if [ -f "$target" ] && [ ! -L "$target" ] && cmp -s "$new" "$target" && [ "$(state "$new")" = "$(state "$target")" ]; then
    changed=
fi
'"$then"

failed=
for agent do
    # shellcheck disable=SC2086 # SSH and SUDO are several words
    if { checksum < "$file"; cat "$file"; } | $ssh -- "$agent" $sudo sh -c "'$program'" pullcreds "$target" "$user" "$mode"; then
        continue
    fi
    failed="$failed $agent"
    printf 'error: %s: failed\n' "$agent" >&2
    [ -z "$stop_at_failure" ] || break
done
[ -z "$failed" ] || fail "failed on$failed"
