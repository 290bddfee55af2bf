# Sourced by tests/run and examples/quickstart/run: install_missing_packages makes sure that the packages of
# packages.txt are there. Nothing is asked of the network when nothing is missing.

packages_file=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/packages.txt

# missing_packages programs|tests   prints the packages that are not installed, one a line
missing_packages() {
    local package
    while read -r package; do
        case $package in
        '[tests]') [ "$1" = tests ] && continue || break ;;
        '' | '#'*) continue ;;
        esac
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || echo "$package"
    done < "$packages_file"
    # Debian's npm brings hundreds of packages along, so any npm that is there will do; it only downloads.
    command -v npm > /dev/null || echo npm
}

# install_missing_packages programs|tests
install_missing_packages() {
    if ! command -v dpkg-query > /dev/null; then
        echo "setup: this is not Debian; install what these lines name: $packages_file" >&2
        return 0
    fi
    local missing
    mapfile -t missing < <(missing_packages "$1")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        {
            echo "setup: error: ${#missing[@]} packages are not installed: ${missing[*]}"
            echo "setup: hint: run this as root, then start again:"
            echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        } >&2
        exit 3
    fi
    echo "setup: installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    local log
    log=$(mktemp)
    local again=(-o Acquire::Retries=3) # a mirror that hiccups once
    if ! { apt-get update "${again[@]}" && apt-get install "${again[@]}" -y --no-install-recommends "${missing[@]}"; } \
        > "$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "setup: error: apt-get could not install the packages; its whole output is in $log" >&2
        exit 3
    fi
    rm -f "$log"
}

# use_folder_for_home FOLDER   caches go there when there is no home to keep them in
use_folder_for_home() {
    [ ! -w "${HOME:-/nonexistent}" ] || return 0
    export CCACHE_DIR=${CCACHE_DIR:-$1/ccache} npm_config_cache=${npm_config_cache:-$1/npm} HOME=$1/home
    mkdir -p "$HOME" || {
        echo "setup: error: there is no home folder, and $1 belongs to somebody else" >&2
        echo "setup: hint: work in a clone of your own, or set HOME to a folder that you may write to" >&2
        exit 3
    }
}

# compilers_at_once   prints how many compilers run side by side: one a processor, if each has 1 GB of memory
compilers_at_once() {
    local processors fit
    processors=$(nproc)
    fit=$(awk '/^MemAvailable:/ { print int($2 / 1000000) }' /proc/meminfo 2> /dev/null) || fit=
    if [ -n "$fit" ] && [ "$fit" -lt "$processors" ]; then
        echo $((fit > 0 ? fit : 1))
    else
        echo "$processors"
    fi
}

# A build folder remembers where it stood; one that was copied or moved along is made anew.
forget_moved_build() {
    local cache=$1/CMakeCache.txt
    [ -e "$cache" ] || return 0
    grep -qxF "CMAKE_CACHEFILE_DIR:INTERNAL=$(realpath "$1")" "$cache" || rm -rf "$cache" "$1/CMakeFiles"
}
