#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# packages.sh: sourced by the scripts that need Debian packages. A machine that has them needs no network.

# quietly COMMAND...: shows what it says only if it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || {
    printf '%s\n' "$output" >&2
    return 1
  }
}

# install_packages NAME...: those that are missing.
install_packages() {
  local missing=() as_root=() package
  for package in "$@"; do
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>&1) == installed ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0

  if [[ $EUID -ne 0 ]]; then as_root=(sudo); fi
  if ! type apt-get "${as_root[@]}" >/dev/null 2>&1; then
    echo "Debian packages are missing, and cannot be installed without apt-get and root or sudo: ${missing[*]}" >&2
    return 1
  fi
  echo "Installing ${missing[*]}"
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get -o DPkg::Lock::Timeout=300 update &&
    apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@"' sh "${missing[@]}" || {
    echo "apt-get failed; these Debian packages are still missing: ${missing[*]}" >&2
    return 1
  }
}
