# Drivers: those that the hardware asks for by its modalias, out of the few this system carries.

load_drivers() {
  loaded=/tmp/loaded
  # Without a line busybox's grep takes the list for one empty word, which is in everything.
  [ -s "$loaded" ] || echo none >"$loaded"
  # A driver may find a bus with more devices behind it.
  for round in 1 2 3 4 5; do
    find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u >/tmp/aliases
    grep -vxFf "$loaded" /tmp/aliases >/tmp/new
    [ -s /tmp/new ] || return 0
    cat /tmp/new >>"$loaded"
    xargs modprobe -qab </tmp/new 2>/dev/null
    usleep 50000
  done
}

# Some disks are found seconds after their driver is there.
wait_for_disk() {
  for second in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$(disk_names)" ] || return 0
    sleep 1
    load_drivers
  done
}
