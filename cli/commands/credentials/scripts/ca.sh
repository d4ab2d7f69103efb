
root=${ROOT:-}
check=${CHECK:-}
folder="$root$docker_folder"
pki="$root$mesos_folder"
umask 022

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

command -v openssl > /dev/null || fail "openssl is not on the PATH; it computes the names of Mesos' links"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Puts a text at a place, whole or not at all.
put() {
    if [ -f "$2" ] && cmp -s "$1" "$2"; then
        printf 'as it should be: %s\n' "$2"
        return
    fi
    printf 'changed: %s\n' "$2"
    [ -z "$check" ] || return 0
    mkdir -p "${2%/*}"
    cp "$1" "$2.new"
    chmod 0644 "$2.new"
    mv -f "$2.new" "$2"
}

fingerprint() {
    openssl x509 -noout -fingerprint -sha256 -in "$1"
}

# Makes the link by which OpenSSL finds a certificate: HASH.0, or the next number that no other certificate has.
# OpenSSL counts from 0 and stops at the first that is missing, so a link that leads nowhere is replaced.
link() {
    hash=$(openssl x509 -noout -hash -in "$1")
    number=0
    while [ -e "$pki/$hash.$number" ]; do
        if [ "$(fingerprint "$pki/$hash.$number" 2> /dev/null)" = "$(fingerprint "$1")" ]; then
            printf 'as it should be: %s\n' "$pki/$hash.$number"
            return
        fi
        number=$((number + 1))
    done
    printf 'changed: %s -> %s\n' "$pki/$hash.$number" "$2"
    [ -z "$check" ] || return 0
    rm -f "$pki/$hash.$number"
    ln -s "$2" "$pki/$hash.$number"
}

# Docker reads all certificates of the file, Mesos one of each.
: > "$work/all"
index=0
certificates | while IFS= read -r line; do
    case $line in
        *BEGIN*) index=$((index + 1)) ;;
    esac
    printf '%s\n' "$line" >> "$work/all"
    printf '%s\n' "$line" >> "$work/$index"
done
for one in "$work"/[0-9]*; do
    openssl x509 -noout -in "$one" || fail "openssl cannot read a certificate of this script; was it cut?"
done

put "$work/all" "$folder/ca.crt"
index=1
while [ -f "$work/$index" ]; do
    name="$mesos_name"
    [ "$index" = 1 ] || name="$name-$index"
    put "$work/$index" "$pki/$name.crt"
    link "$work/$index" "$name.crt"
    index=$((index + 1))
done
