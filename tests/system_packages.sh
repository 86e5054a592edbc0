#!/usr/bin/env bash
# Installs what tests need from Debian when it may; what cannot be had is named, and its tests are skipped with a reason.
set -u
declare -A provides=(
    [mosquitto]=mosquitto [chromium]=chromium [influxdb]=influxd [postgresql]=psql [fonts-noto-cjk]=
)
missing=()
for package in "${!provides[@]}"; do
    program=${provides[$package]}
    if [ -n "$program" ]; then
        PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null 2>&1 && { [ "$package" != postgresql ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } && continue
    elif ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; then
        continue
    fi
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && { echo "== system packages for tests: all there"; exit 0; }
if ! command -v apt-get >/dev/null 2>&1; then
    echo "== not a Debian system: tests that need ${missing[*]} will be skipped"
    exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "== no root here: tests that need ${missing[*]} will be skipped; 'sudo apt-get install ${missing[*]}' brings them"
        exit 0
    fi
    as_root=(sudo -n)
fi
echo "== installing system packages for tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq || echo "== apt-get update failed; going on with the package lists at hand"
for package in "${missing[@]}"; do
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 \
        || echo "== could not install $package: the tests that need it will be skipped"
done
exit 0
