# shellcheck shell=bash
# What the scripts share: Debian's packages, and building a preset. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "greenfront: $*" >&2; }

# packages_of GROUP...: the names listed under [GROUP] in packages.txt.
packages_of() {
    local group
    for group in "$@"; do
        awk -v group="[$group]" '
            /^[[:space:]]*(#|$)/ { next }
            /^\[/ { inside = ($1 == group); found = found || inside; next }
            inside { print $1 }
            END { exit !found }' "$root/scripts/packages.txt" || {
            say "scripts/packages.txt has no group [$group]"
            return 1
        }
    done
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need GROUP...: makes sure that the packages are there. apt is asked only when something is missing, so
# that a machine that has everything needs neither network nor rights.
need() {
    local package names missing=()
    if ! command -v dpkg-query >/dev/null; then
        say "this is not a Debian system; install what scripts/packages.txt lists, then use CMake as CONTRIBUTING.md says"
        exit 69
    fi
    names=$(packages_of "$@")
    for package in $names; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        # A script must not hang at a password prompt that nobody sees.
        if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            as_root=(sudo)
        else
            refuse_packages "${missing[@]}"
        fi
    fi
    say "installing ${#missing[@]} packages: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
    # Package lists may be absent or old; they are fetched again only when they do not do.
    "${apt[@]}" install --no-install-recommends "${missing[@]}" >&2 </dev/null || {
        "${apt[@]}" update >&2 </dev/null &&
            "${apt[@]}" install --no-install-recommends "${missing[@]}" >&2 </dev/null
    } || refuse_packages "${missing[@]}"
}

refuse_packages() {
    say "these packages are missing and cannot be installed from here: $*"
    say "type:  sudo apt-get update && sudo apt-get install --no-install-recommends $*"
    exit 69
}

# The compiler takes up to 1.5 GB for one file; more jobs than fit in memory make the build slower or kill it.
jobs_for_build() {
    local cores available by_memory
    cores=$(nproc)
    available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
    by_memory=$((available / 1500))
    [ "$by_memory" -lt 1 ] && by_memory=1
    echo $((cores < by_memory ? cores : by_memory))
}

# build PRESET [TARGET...]: configures and builds; its log goes to stderr, results alone go to stdout.
build() {
    local preset=$1
    shift
    local launcher=()
    # The cache is a convenience; a build without it gives the same bytes.
    command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    cmake --preset "$preset" "${launcher[@]}" >&2
    cmake --build --preset "$preset" -j "$(jobs_for_build)" ${1:+--target "$@"} >&2
}
