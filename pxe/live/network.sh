# The network: a lease on the first card through which the appliance answers.

connect() {
  MUSTER_HOST=${MUSTER#*://}
  MUSTER_PORT=${MUSTER_HOST##*:}
  MUSTER_HOST=${MUSTER_HOST%%:*}
  for card in $(nic_names); do ip link set "$card" up; done
  for attempt in $(seq 60); do
    for card in $(nic_names); do
      [ "$(disk_line "/sys/class/net/$card/carrier")" = 1 ] || continue
      if lease "$card"; then return 0; fi
    done
    usleep 500000
    # A card on USB may come late.
    load_drivers
    for card in $(nic_names); do ip link set "$card" up; done
  done
  return 1
}

lease() {
  udhcpc -q -n -t 4 -T 1 -i "$1" -s /lib/muster/dhcp-event.sh >/dev/null 2>&1 || return 1
  say "address $(ip -4 -o addr show "$1" | sed 's/.*inet \([^ ]*\).*/\1/') on $1"
  if netcat -z -w 3 "$MUSTER_HOST" "$MUSTER_PORT"; then return 0; fi
  say "the appliance $MUSTER_HOST does not answer there"
  ip addr flush dev "$1"
  return 1
}
