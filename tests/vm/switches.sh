#!/bin/sh
# Process 1 of tests/vm/kernels.py: what an installed aigate does where user namespaces are allowed, restricted and switched off.
# Says each case, and at the end whether all was as it must be.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
bad=0
good() { echo "vm: ok: $*"; }
wrong() { echo "vm: WRONG: $*"; sed 's/^/vm:    /' /tmp/said | head -30; bad=$((bad + 1)); }
confine= # words that start what a user does under a profile
# shellcheck disable=SC2086 # they are words
user() { setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/user $confine "$@"; }
works() { # works NAME COMMAND...
    name=$1 && shift
    if "$@" >/tmp/said 2>&1; then good "$name"; else wrong "$name: status $?"; fi
}
refused() { # refused NAME WORDS COMMAND...: it fails, and says these words
    name=$1 words=$2 && shift 2
    if "$@" >/tmp/said 2>&1; then wrong "$name: it went well"; return; fi
    if grep -q -- "$words" /tmp/said; then good "$name: $(grep -m 1 -- "$words" /tmp/said)"; else wrong "$name: other words"; fi
}
switch() { [ ! -e "/proc/sys/$1" ] || echo "$2" >"/proc/sys/$1"; }

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for place in /dev/shm /tmp /run; do mount -t tmpfs -o mode=1777 tmpfs "$place"; done
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up 2>/dev/null
echo "vm: Linux $(uname -r), $(uname -m), $(aigate version)"

run() { user sh -c 'cd && mkdir -p project && cd project && aigate run --quiet -- "$@"' sh "$@"; }
hides() { # hides [OPTION...]
    # shellcheck disable=SC2016 # the inner shell expands
    said=$(user sh -c 'cd ~/project && aigate run --quiet "$@" -- sh -c "cat .env 2>/dev/null; echo $0"' \
        sk-ant-api03-EXAMPLEexample0123456789EXAMPLE "$@")
    echo "$said"
    [ "$said" = 'sk-ant-***' ]
}
without_bwrap() {
    mv /usr/bin/bwrap /usr/bin/bwrap.away
    "$@"
    mv /usr/bin/bwrap.away /usr/bin/bwrap
}
user aigate init >/dev/null
user sh -c 'mkdir ~/project && echo secret >~/project/.env'

cd /root || exit
works "smoke suite, user, bubblewrap" user sh /smoke.sh aigate
works "root" aigate init
case $(uname -r) in
5.[0-9].* | 5.1[01].*)
    refused "root in its home" "set home: writable" env -C /root aigate run --quiet -- true
    mkdir -p /root/one
    works "root runs a command in a project" env -C /root/one aigate run --quiet -- true
    without_bwrap refused "user, without bubblewrap" "mount_setattr\|mounted" run true
    ;;
*)
    works "root runs a command" env -C /root aigate run --quiet -- true
    without_bwrap works "user, without bubblewrap" hides
    ;;
esac

if [ -e /proc/sys/kernel/unprivileged_userns_clone ]; then
    switch kernel/unprivileged_userns_clone 0
    refused "user, unprivileged_userns_clone=0" "unprivileged_userns_clone=1" run true
    refused "doctor --fix there" "not done.*unprivileged_userns_clone=1" user aigate doctor --fix
    mkdir -p /root/project
    # What filters the network has namespaces of its own, made without root's rights.
    refused "root there, filtered network" "unprivileged_userns_clone=1" env -C /root/project aigate run --quiet -- true
    chmod u+s /usr/bin/bwrap
    if user bwrap --bind / / true >/tmp/said 2>&1; then
        refused "user, setuid bubblewrap there, filtered network" "unprivileged_userns_clone=1" run true
        printf 'mask_stdout: {presets: [all]}\ndeny_read: [.env]\n' >/tmp/unfiltered.yaml
        works "user, setuid bubblewrap there, network as it is" hides --config /tmp/unfiltered.yaml
    else
        refused "user, setuid bubblewrap there: $(cat /tmp/said)" "aigate: " run true # Debian 13's cannot be setuid
    fi
    chmod u-s /usr/bin/bwrap
    switch kernel/unprivileged_userns_clone 1
fi

old=$(cat /proc/sys/user/max_user_namespaces)
switch user/max_user_namespaces 0
refused "user, max_user_namespaces=0" "max_user_namespaces=15000" run true
switch user/max_user_namespaces "$old"
works "user again" hides

echo "vm: AppArmor: $(cat /sys/module/apparmor/parameters/enabled), $(cat /sys/kernel/security/lsm)"
restrict=kernel/apparmor_restrict_unprivileged_userns
profiled() { # what `doctor --fix` does where a user may not make namespaces; `told 1` shows the switch, `told 0` hides a stand-in
    refused "AppArmor restricts: an unshare of nobody's" "not permitted\|denied" user unshare --user --map-root-user --mount true
    told 1
    refused "user there" "doctor --fix" run true
    refused "doctor --fix as a user shows the profile" "profile aigate" user aigate doctor --fix
    refused "and what to do" "sudo .* doctor --fix" user aigate doctor --fix
    works "doctor --fix as root" aigate doctor --fix
    sed 's/^/vm:    /' /tmp/said
    works "doctor --fix again has nothing to do" aigate doctor --fix
    works "nor has a user's" user aigate doctor --fix
    told 0
    works "user, bubblewrap, then" hides
    without_bwrap works "user, without bubblewrap, then" hides
    refused "others are restricted as before" "not permitted\|denied" user unshare --user --map-root-user --mount true
}
if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ]; then
    echo "vm: AppArmor is off: its restriction is not tried"
elif [ -e "/proc/sys/$restrict" ]; then
    told() { :; }
    switch "$restrict" 1
    profiled
    switch "$restrict" 0
elif grep -qs userns_create /sys/kernel/security/apparmor/features/namespaces/mask; then
    # This kernel asks profiles about user namespaces, and lacks Ubuntu's switch, by which those without a profile are refused. A
    # profile without `userns` stands for that, in which all but programs with one of their own stay; a file stands for the switch.
    cat >/etc/apparmor.d/restricted <<'END'
abi <abi/4.0>,
profile restricted flags=(attach_disconnected, mediate_deleted) {
  /{**,} rwlkm,
  /** pix,
  capability,
  network,
  unix,
  signal,
  ptrace,
  mount,
  remount,
  umount,
  pivot_root,
}
END
    told() {
        if [ "$1" = 0 ]; then umount /proc/sys/kernel && return; fi
        mkdir -p /tmp/kernel
        for one in /proc/sys/kernel/*; do [ -d "$one" ] || cat "$one" >"/tmp/kernel/${one##*/}" 2>/dev/null; done
        echo 1 >"/tmp/kernel/${restrict##*/}"
        mount --bind /tmp/kernel /proc/sys/kernel
    }
    works "a profile that forbids user namespaces is loaded" apparmor_parser --replace /etc/apparmor.d/restricted
    confine="aa-exec --profile restricted -- env" # what aa-exec itself starts never changes to a profile of its own
    profiled
    confine=
    works "those without a profile are not restricted" user unshare --user --map-root-user --mount true
else
    echo "vm: this kernel asks AppArmor nothing about user namespaces: its restriction is not tried"
fi
[ "$bad" = 0 ] && echo "aigate-vm: switches tried: all well" || echo "aigate-vm: switches tried: $bad wrong"
sync
echo o >/proc/sysrq-trigger
while :; do :; done # until that comes
