
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
