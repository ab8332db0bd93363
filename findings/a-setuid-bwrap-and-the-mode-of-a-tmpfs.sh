#!/usr/bin/env bash
# Belief: bubblewrap that is set-uid root makes its mounts as root, so the mode of a tmpfs that it has made itself
#   (--perms 0555 --tmpfs DIR) hinders nobody from making mount points in it: without the set-uid bit the same options work.
# What happens: set-uid, it keeps five capabilities and not CAP_DAC_OVERRIDE, and works with the caller's fsuid; also with
#   --unshare-user. In a directory whose owner may not write it makes nothing: "Can't mkdir parents for ...: Permission
#   denied". Without the bit it has every capability of its user namespace, and the mode is ignored. --chmod afterwards
#   gives the mode that is wanted in both.
# Versions: bubblewrap 0.8.0 (Debian 12), Linux 6.18; --chmod is there since 0.5.
# Matters: options that were only tried without the bit fail on hardened systems, which are those that have it.
# Needs root, for the set-uid bit; it is set on a copy, in a mount namespace of its own.
set -u
if [ "${1-}" != inner ]; then exec unshare --mount bash "$0" inner; fi
folder=$(mktemp -d)
mount -t tmpfs none "$folder"
trap 'umount -l "$folder"; rmdir "$folder"' EXIT
chmod 755 "$folder"
cp "$(command -v bwrap)" "$folder/plain"
cp "$folder/plain" "$folder/setuid"
chmod 4755 "$folder/setuid"
"$folder/plain" --version
uname -r
try() { # try PROGRAM PERMS [OPTION...]: what comes of a file in a tmpfs of these permissions
    program=$1 perms=$2
    shift 2
    setpriv --reuid 65534 --regid 65534 --clear-groups "$folder/$program" --unshare-user --ro-bind / / --tmpfs /tmp \
        --perms "$perms" --tmpfs /tmp/own --ro-bind /etc/passwd /tmp/own/below/file "$@" stat -c '%a' /tmp/own 2>&1
}
plain=$(try plain 0555)
setuid=$(try setuid 0555)
mended=$(try setuid 0755 --chmod 0555 /tmp/own)
echo "without the bit: $plain"
echo "set-uid: $setuid"
echo "set-uid, --chmod afterwards: $mended"
[ "$plain" = 555 ] && [ "$mended" = 555 ] && [[ $setuid == *"Can't mkdir parents"* ]]
