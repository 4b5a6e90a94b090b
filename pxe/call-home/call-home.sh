#!/bin/sh
# Tells the appliance that this machine is installed, until it has been heard. Then never again.
# MUSTER_URL comes from /etc/default/muster-call-home, written by the installer. MUSTER_SECRET, which only the machine
# that was installed knows, may stand there too: it is used once.
set -u
: "${MUSTER_URL:?set MUSTER_URL in /etc/default/muster-call-home, for example http://192.168.1.10:8001}"
settings=${MUSTER_SETTINGS:-/etc/default/muster-call-home}
host=${MUSTER_URL#*://}
host=${host%%[:/]*}

# The address that reaches the appliance; the first address of the machine may belong to another network.
own_address() {
  ip -o route get "$host" 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p'
}

body() {
  printf '{"ip_address": "%s", "hostname": "%s"' "$1" "$(hostname -s)"
  [ -z "${MUSTER_SECRET:-}" ] || printf ', "secret": "%s"' "$MUSTER_SECRET"
  printf '}'
}

# By stdin: arguments are for everybody to read.
call() {
  body "$1" | curl -s -o "$answer" -w '%{http_code}' --max-time 20 -H 'Content-Type: application/json' \
    --data-binary @- "$MUSTER_URL/api/ready-for-provisioning"
}

heard() {
  if grep -qs '^MUSTER_SECRET=' "$settings"; then
    umask 077
    grep -v '^MUSTER_SECRET=' "$settings" >"$settings.draft"
    sync "$settings.draft"
    mv "$settings.draft" "$settings"
  fi
  systemctl disable call-home.service
}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
try=0
while [ "$try" -lt 30 ]; do
  address=$(own_address)
  try=$((try + 1))
  if [ -n "$address" ]; then
    status=$(call "$address")
    echo "call-home $try: $status $(cat "$answer")"
    case $status in
      200 | 202 | 409) heard; exit 0 ;;
    esac
  fi
  case $try in 1 | 2) sleep 1 ;; 3 | 4) sleep 2 ;; 5) sleep 5 ;; *) sleep 10 ;; esac
done
echo "call-home: not heard after $try tries; next try in 5 minutes" >&2
exit 1
