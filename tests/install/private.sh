# A private view of this system, to install into: what is written there is gone at the end, and nothing is set that makes
# programs find what was installed. To be sourced by a check, which is run again in a mount namespace of its own; skipped
# where that is not allowed. Defines inside COMMAND, and the folders `root` (the system's /) and `project` (a copy of the
# sources, /root/project in there).
if [ -z "${TELEAI_PRIVATE_ROOT:-}" ]; then
    no_private() { echo "$1: what installs is not tried"; exit 77; }
    [ "$(id -u)" = 0 ] || no_private "not root"
    TELEAI_PRIVATE_ROOT=$(mktemp -d /tmp/teleai-root.XXXXXX)
    export TELEAI_PRIVATE_ROOT
    trap 'rmdir "$TELEAI_PRIVATE_ROOT"' EXIT
    apart=(unshare --mount)
    if ! "${apart[@]}" true 2>/dev/null; then # the root of a chroot is no mount whose propagation could be changed
        apart+=(--propagation unchanged)
        "${apart[@]}" true 2>/dev/null || no_private "no mount namespace is allowed here"
    fi
    "${apart[@]}" bash -c 'mount -t tmpfs tmpfs "$1" || exit
        if grep -q " $1 .* shared:" /proc/self/mountinfo; then umount "$1"; exit 1; fi # the system around it would have it too
        mkdir "$1"/{upper,work,root} &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"' - "$TELEAI_PRIVATE_ROOT" \
        2>/dev/null || no_private "no overlay can be mounted here"
    status=0
    "${apart[@]}" --pid --fork --kill-child bash "$0" || status=$?
    exit "$status"
fi

mount -t tmpfs tmpfs "$TELEAI_PRIVATE_ROOT"
mkdir "$TELEAI_PRIVATE_ROOT"/{upper,work,root}
root=$TELEAI_PRIVATE_ROOT/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$TELEAI_PRIVATE_ROOT/upper,workdir=$TELEAI_PRIVATE_ROOT/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
project=$root/root/project
rm -rf "$project"
mkdir -p "$project"
tar -C "$TELEAI_SOURCE_DIR" --exclude=./build --exclude=./.git -cf - . | tar -C "$project" -xf -
# The README's commands say sudo, which not every system has where root is at work.
[ -e "$root/usr/bin/sudo" ] || { printf '#!/bin/sh\nexec "$@"\n' >"$root/usr/bin/sudo"; chmod 755 "$root/usr/bin/sudo"; }

# How packages are reached is this machine's affair; nothing else of its environment counts in there.
private_environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
    DEBIAN_FRONTEND=noninteractive CMAKE_BUILD_PARALLEL_LEVEL=2)
while IFS= read -r name; do
    private_environment+=("$name=${!name}")
done < <(compgen -e | grep -E '^(PIP_.*|.*_proxy|.*_PROXY|SSL_CERT_.*|REQUESTS_CA_BUNDLE)$' || true)

# In a folder of the private system, as its login shell would.
inside() {
    local folder=$1
    shift
    env -i "${private_environment[@]}" chroot "$root" bash -e -c "cd '$folder' && $*"
}

# A library that this system has already must not be taken for the one that is installed.
find "$root/usr" -xdev \( -name 'libteleai*' -o -name 'teleai*.pc' -o -path '*/bin/teleai' -o -path '*/cmake/teleai' \) \
    -prune -exec rm -rf {} +
inside / ldconfig
! inside / ldconfig -p | grep -q libteleai || { echo "the private system has the library already"; exit 1; }
