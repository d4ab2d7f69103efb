
stop_at_failure=yes
checked() {
    if command -v pullcreds > /dev/null; then
        pullcreds --quiet credentials cluster --check "$file" || fail "$file: no agent would start with it"
    fi
}

# An agent reads the file when it starts, and does not start with one that it cannot read: then the old file comes back.
# The old one is kept beside it until the agent runs, so that a run that was cut off is taken up again.
# shellcheck disable=SC2016 # the agent expands it
then='
before="$folder/.docker_credentials.before"
if [ -z "$changed" ] && [ ! -e "$before" ]; then
    echo "$(hostname): as it should be: $target"
    exit
fi
unit=
for name in dcos-mesos-slave dcos-mesos-slave-public; do
    if systemctl cat "$name" > /dev/null 2>&1; then unit=$name; fi
done
[ -n "$unit" ] || fail "there is no unit dcos-mesos-slave nor dcos-mesos-slave-public: this is no agent"
restarted() {
    systemctl restart "$unit" || return 1
    seconds=0
    while [ "$seconds" -lt "${SETTLE:-10}" ]; do
        sleep 1
        systemctl is-active --quiet "$unit" || return 1
        seconds=$((seconds + 1))
    done
}
if [ ! -e "$before" ]; then
    if [ -e "$target" ]; then
        cp -p "$target" "$before.new"
    else
        : > "$before.new"
    fi
    mv -f "$before.new" "$before"
fi
mv -f "$new" "$target"
[ "$(checksum < "$target")" = "$wanted" ] || fail "$target is not what was sent"
if restarted; then
    rm -f "$before"
    echo "$(hostname): changed: $target; restarted: $unit"
    exit
fi
if [ -s "$before" ]; then
    mv -f "$before" "$target"
else
    rm -f "$before" "$target"
fi
restarted || fail "$unit does not run with the new file, nor with the old one, which is in place again"
fail "$unit does not run with the new file; it runs with the old one, which is in place again"
'
