# From a written image to a disk that boots. Its table is made in memory and put on the disk last.

# make_table DISK: the image's table in /tmp/table, for a disk of this size, with ids that no other machine has.
make_table() {
  capacity=$(($(cat "/sys/block/$1/size") * 512))
  truncate -s "$capacity" /tmp/table
  dd if=/tmp/first of=/tmp/table conv=notrunc 2>/dev/null
  sfdisk -q --relocate gpt-bak-std /tmp/table &&
    echo ', +' | sfdisk -q -N 3 /tmp/table &&
    sfdisk -q --disk-id /tmp/table "$(random_id)" &&
    for part in 1 2 3; do sfdisk -q --part-uuid /tmp/table "$part" "$(random_id)" || return 1; done
  # Old firmware boots only a disk with an active partition; UEFI ignores the mark.
  [ "$(firmware)" = uefi ] || printf '\200' | dd of=/tmp/table bs=1 seek=446 conv=notrunc 2>/dev/null
}

random_id() {
  cat /proc/sys/kernel/random/uuid
}

# put_identity DISK: what makes the machine this one, into the root that is on the disk.
put_identity() {
  root_start=$(sfdisk -d /tmp/table | sed -n 's/^.*3 : start= *\([0-9]*\),.*/\1/p')
  modprobe -qa crc32c_generic ext4 loop
  loop=$(losetup -f) && losetup -o $((root_start * 512)) "$loop" "/dev/$1" && mount -t ext4 "$loop" /mnt || return 1
  printf '{"grant":"%s"}' "$GRANT" >/tmp/identity.json
  post_patiently /boot/identity /tmp/identity.json >/tmp/identity.tar && tar -xf /tmp/identity.tar -C /mnt || return 1
  random_id | tr -d - >/mnt/etc/machine-id
  umount /mnt && losetup -d "$loop" && sync
}

# make_bootable DISK: the copy of the table at the end, then the first MiB, which is all that was missing.
make_bootable() {
  capacity=$(($(cat "/sys/block/$1/size") * 512))
  end=$((capacity - MIB))
  dd if=/tmp/table of="/dev/$1" bs=64k iflag=skip_bytes oflag=seek_bytes skip=$end seek=$end conv=notrunc,fsync 2>/dev/null &&
    dd if=/tmp/table of="/dev/$1" bs=$MIB count=1 conv=notrunc,fsync 2>/dev/null
}
