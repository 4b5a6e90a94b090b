# Talking to the appliance and to people. MUSTER and GRANT come from the kernel command line.

LOG=/tmp/live.log

# One line for people, on every console and in the log.
say() {
  read -r say_uptime _ </proc/uptime
  echo "muster $say_uptime: $*" >>"$LOG"
  for say_console in $(cat /sys/class/tty/console/active); do
    echo "muster $say_uptime: $*" >"/dev/$say_console"
  done 2>/dev/null
}

# A value of the kernel command line.
parameter() {
  sed -n "s/^\(.* \)\{0,1\}$1=\([^ ]*\).*/\2/p" /proc/cmdline
}

# post PATH [FILE]: sends JSON from a file or from stdin and prints the answer.
post() {
  wget -q -T 20 -O - --header 'Content-Type: application/json' --post-file "${2:-/dev/stdin}" "$MUSTER$1"
}

# post_patiently PATH FILE: as post, ten times when it must; the last error is in /tmp/post.error.
post_patiently() {
  post_tries=0
  until post "$1" "$2" 2>/tmp/post.error; do
    post_tries=$((post_tries + 1))
    # A refusal stays one.
    if [ "$post_tries" -ge 10 ] || grep -q ' 4[0-9][0-9] ' /tmp/post.error; then return 1; fi
    sleep 2
  done
}

# beacon STAGE [PERCENT]: says how far it is; that nobody hears it stops nothing.
beacon() {
  printf '{"grant":"%s","stage":"%s"%s}' "$GRANT" "$1" "${2:+,\"percent\":$2}" >/tmp/beacon
  post /boot/progress /tmp/beacon >/dev/null 2>&1
}

# fail REASON: tells the appliance and the people, waits a minute, boots again.
fail() {
  say "FAILED: $*"
  printf '{"grant":"%s","reason":%s,"log":"%s"}' "$GRANT" "$(json "$*")" "$(
    tail -n 30 "$LOG" | tr -c '\040-\176\n' ' ' | sed 's/[\\"]/\\&/g; s/$/\\n/' | tr -d '\n'
  )" >/tmp/failed
  post_patiently /boot/failed /tmp/failed >/dev/null || say "the appliance could not be told"
  say "booting again in a minute"
  sleep "${PATIENCE:-60}"
  sync
  reboot -f
}
