#!/bin/sh
# Tells the appliance that this machine is installed, until it has been heard. Then never again.
# MUSTER_URL comes from /etc/default/muster-call-home, written by the installer.
set -u
: "${MUSTER_URL:?set MUSTER_URL in /etc/default/muster-call-home, for example http://192.168.1.10:8001}"
host=${MUSTER_URL#*://}
host=${host%%[:/]*}

# The address that reaches the appliance; the first address of the machine may belong to another network.
own_address() {
  ip -o route get "$host" | sed -n 's/.* src \([0-9.]*\).*/\1/p'
}

try=0
while [ "$try" -lt 30 ]; do
  try=$((try + 1))
  address=$(own_address)
  if [ -n "$address" ]; then
    body=$(printf '{"ip_address": "%s", "hostname": "%s"}' "$address" "$(hostname -s)")
    status=$(curl -s -o /run/call-home.answer -w '%{http_code}' --max-time 20 -X POST \
      -H 'Content-Type: application/json' -d "$body" "$MUSTER_URL/api/ready-for-provisioning")
    echo "call-home $try: $status $(cat /run/call-home.answer 2>/dev/null)"
    case $status in
      200 | 202 | 409) systemctl disable call-home.service; exit 0 ;;
    esac
  fi
  sleep 10
done
echo "call-home: not heard after $try tries; next try in 5 minutes" >&2
exit 1
