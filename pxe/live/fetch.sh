# fetch PATH BYTES: a file of the appliance on stdout, as one stream: where a connection breaks, the next goes on.

fetch() {
  offset=0 idle=0
  while [ "$offset" -lt "$2" ]; do
    echo 0 >/tmp/received
    request "$1" "$offset" | netcat -w 10 "$MUSTER_HOST" "$MUSTER_PORT" | receive "$offset" || return 1
    read -r received </tmp/received
    offset=$((offset + received))
    [ "$offset" -lt "$2" ] || return 0
    if [ "$received" -gt 0 ]; then idle=0; else idle=$((idle + 1)); fi
    [ "$idle" -lt 10 ] || { broke "the connection to the appliance broke after $offset bytes and did not come back"; return 1; }
    say "the connection broke after $offset of $2 bytes; going on"
    sleep 1
  done
}

request() {
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\nRange: bytes=%s-\r\n\r\n' "$1" "$MUSTER_HOST" "$2"
}

# Takes the head of an answer away and passes the body on; its length is left in /tmp/received.
receive() {
  read -r _ status _
  while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
  case $status:$1 in
    206:* | 200:0) ;;
    :*) return 0 ;;
    5??:*) return 0 ;;
    416:*) broke "the image ends after $1 bytes, more are expected"; return 1 ;;
    *) broke "the appliance answered $status when asked for the image"; return 1 ;;
  esac
  # It fails only where its reader is gone.
  gnu-dd bs=64k 2>/tmp/received.dd || return 1
  sed -n 's/^\([0-9]*\) bytes.*/\1/p' /tmp/received.dd >/tmp/received
}

# Keeps the first cause: one end of a pipe takes the others with it.
broke() {
  [ -s /tmp/broken ] || echo "$*" >/tmp/broken
}
