# write_image DISK PATH SHA256 BYTES SIZE: streams the compressed image onto a disk.
# The first MiB, which has the table and the boot code, stays in /tmp/first: without it nothing boots from the disk.

MIB=1048576

write_image() {
  capacity=$(($(cat "/sys/block/$1/size") * 512))
  [ "$capacity" -ge $(($5 + MIB)) ] || { broke "$1 has $capacity bytes, the image needs $5"; return 1; }
  [ "$(cat "/sys/block/$1/queue/logical_block_size")" = 512 ] ||
    { broke "$1 has sectors of $(cat "/sys/block/$1/queue/logical_block_size") bytes; the image is for 512"; return 1; }
  clear_ends "/dev/$1" "$capacity" || { broke "$1 cannot be written"; return 1; }
  show_progress "$1" "$5" &
  progress=$!
  stream "/dev/$1" "$2" "$4"
  kill "$progress" 2>/dev/null
  wait "$progress" 2>/dev/null
  check_image "$3" "$5"
}

# Nothing that was on the disk may boot half, not even by the copy of its table at the end.
clear_ends() {
  dd if=/dev/zero of="$1" bs=$MIB count=1 conv=notrunc,fsync 2>/dev/null &&
    dd if=/dev/zero of="$1" bs=64k count=16 oflag=seek_bytes seek=$(($2 - MIB)) conv=notrunc,fsync 2>/dev/null
}

stream() {
  mkfifo /tmp/sum.pipe
  sha256sum </tmp/sum.pipe >/tmp/sum &
  sum=$!
  fetch "$2" "$3" | tee /tmp/sum.pipe | unpack | {
    dd of=/tmp/first bs=$MIB count=1 iflag=fullblock 2>/dev/null
    # Past the page cache: else the last close waits for all of it.
    gnu-dd of="$1" bs=4M iflag=fullblock oflag=direct,seek_bytes seek=$MIB 2>/tmp/written || broke "the disk cannot be written: $(head -n 1 /tmp/written)"
  }
  wait "$sum"
}

unpack() {
  zstd -dcq --no-progress 2>/tmp/zstd || broke "the image is damaged: $(tail -n 1 /tmp/zstd)"
}

check_image() {
  [ ! -s /tmp/broken ] || return 1
  read -r found _ </tmp/sum
  [ "$found" = "$1" ] || { broke "the image is damaged: its SHA-256 is $found, expected is $1"; return 1; }
  written=$(($(sed -n 's/^\([0-9]*\) bytes.*/\1/p' /tmp/written) + MIB))
  [ "$written" -eq "$2" ] || { broke "the image has $written bytes, expected are $2"; return 1; }
}

# Every two seconds, from what the kernel counts: sectors written since the beginning.
show_progress() {
  start=$(awk '{print $7}' "/sys/block/$1/stat")
  while :; do
    percent=$((($(awk '{print $7}' "/sys/block/$1/stat") - start) * 51200 / $2))
    [ "$percent" -le 100 ] || percent=100
    say "writing $percent %"
    beacon write "$percent"
    sleep 2
  done
}
