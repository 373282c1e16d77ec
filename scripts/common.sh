# Shared by the scripts beside it; sourced, not run.
#
# shellcheck shell=bash
# For Debian and Ubuntu; written for macOS too, but untested there.

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "error: $*"
    exit 1
}

# Fails unless Swift 6.2 or later is on the PATH.
require_swift() {
    local where="see https://www.swift.org/install"
    command -v swift >/dev/null 2>&1 ||
        fail "swift is not on the PATH; Weir needs Swift 6.2 or later: $where"
    local version major minor
    version="$(swift --version 2>&1 |
        sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)"
    [ -n "$version" ] || fail "swift does not say its version: $(command -v swift)"
    major="${version%%.*}"
    minor="${version##*.}"
    if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
        fail "swift is $version; Weir needs Swift 6.2 or later: $where"
    fi
}

# Installs those of the named Debian packages that are missing, as root or with sudo.
require_packages() {
    if [ "$(uname -s)" = Darwin ]; then
        # SQLite and time zones are part of the system there.
        return
    fi
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "not a Debian system: Weir needs what Debian calls $*"
        return
    fi
    local package status missing=()
    for package in "$@"; do
        status="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" \
            2>/dev/null || true)"
        [ "$status" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0

    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 ||
            fail "missing packages; as root: apt-get install ${missing[*]}"
        root=(sudo)
    fi
    command -v apt-get >/dev/null 2>&1 ||
        fail "missing packages, and no apt-get to install them: ${missing[*]}"
    say "installing ${missing[*]}"
    # To stderr: standard output belongs to what is run afterwards.
    if ! "${root[@]}" apt-get update -qq >&2 ||
        ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2; then
        fail "apt-get failed; install these by hand: ${missing[*]}"
    fi
}

# Installs those of the named Debian packages that are missing, for their programs alone: their
# services are neither started now nor with the system.
require_programs() (
    policy=/usr/sbin/policy-rc.d
    root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo)
    missing=()
    for package in "$@"; do
        command -v dpkg-query >/dev/null 2>&1 || break
        status="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" \
            2>/dev/null || true)"
        [ "$status" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || exit 0
    # Debian asks this program before it starts a service; 101 forbids it.
    if [ ! -e "$policy" ]; then
        trap '"${root[@]}" rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${root[@]}" install -m 755 /dev/stdin "$policy"
    fi
    require_packages "${missing[@]}"
    for package in "${missing[@]}"; do
        if command -v systemctl >/dev/null 2>&1; then
            "${root[@]}" systemctl disable --quiet "$package" 2>/dev/null || true
        fi
    done
)

# Prints the folder of a virtual environment of Python with just these packages, made once in the
# user's cache and named after the first: `python_environment openai==3.54.0`. Fails where it can't
# be made.
python_environment() {
    local environment="${XDG_CACHE_HOME:-$HOME/.cache}/weir/${1/==/-}"
    # The mark is written last.
    if [ "$(cat "$environment/installed" 2>/dev/null || true)" != "$*" ]; then
        say "installing $* into $environment"
        rm -rf "$environment"
        mkdir -p "$(dirname "$environment")" &&
            python3 -m venv "$environment" >&2 &&
            "$environment/bin/pip" install --quiet --disable-pip-version-check "$@" >&2 &&
            printf '%s\n' "$*" >"$environment/installed" || return 1
    fi
    printf '%s\n' "$environment"
}
