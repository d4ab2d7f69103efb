
stop_at_failure=
checked() {
    names=$(tar -tzf "$file") || fail "$file: is no whole archive"
    printf '%s\n' "$names" | grep -Eqx '(\./)?\.docker/config\.json' || fail "$file: there is no .docker/config.json in it"
}

# shellcheck disable=SC2016 # the agent expands it
then='
if [ -z "$changed" ]; then
    echo "$(hostname): as it should be: $target"
    exit
fi
mv -f "$new" "$target"
[ "$(checksum < "$target")" = "$wanted" ] || fail "$target is not what was sent"
echo "$(hostname): changed: $target"
'
