# disk_id NAME: a name for a disk (vda, sda, nvme0n1) that stays the same whatever order disks are found in.
# Plain sh and sysfs only: the live system and the Debian installer use it. SYS stands for /sys in tests.

disk_id() {
  disk_folder=${SYS:-/sys}/block/$1
  disk_wwid=$(disk_line "$disk_folder/device/wwid")
  [ -n "$disk_wwid" ] || disk_wwid=$(disk_line "$disk_folder/wwid")
  if [ -n "$disk_wwid" ]; then disk_word "wwid:$disk_wwid"; return; fi
  disk_number=$(disk_serial "$1")
  if [ -n "$disk_number" ]; then
    disk_word "serial:$(disk_line "$disk_folder/device/model")_$disk_number"
    return
  fi
  disk_path=$(readlink -f "$disk_folder")
  disk_path=${disk_path#"${SYS:-/sys}"/devices/}
  # Numbers that are given in the order of finding say nothing about the place.
  disk_word "path:$(echo "${disk_path%/block/*}" | sed 's,/host[0-9]*/,/,; s,/ata[0-9]*/,/,; s,/virtio[0-9]*$,,')"
}

# The serial number, from the disk or from the USB device it is behind; nothing where there is none.
disk_serial() {
  for disk_file in "${SYS:-/sys}/block/$1/serial" "${SYS:-/sys}/block/$1/device/serial"; do
    disk_value=$(disk_line "$disk_file")
    if [ -n "$disk_value" ]; then echo "$disk_value"; return; fi
  done
  disk_place=$(readlink -f "${SYS:-/sys}/block/$1/device")
  case $disk_place in */usb[0-9]*) ;; *) return ;; esac
  while [ "${disk_place##*/}" != devices ] && [ -n "$disk_place" ]; do
    disk_value=$(disk_line "$disk_place/serial")
    if [ -n "$disk_value" ]; then echo "$disk_value"; return; fi
    disk_place=${disk_place%/*}
  done
}

# The first line of a file without blanks around and in rows; nothing where there is no such file.
disk_line() {
  if [ -r "$1" ]; then head -n 1 "$1" 2>/dev/null | tr -s ' \t' ' ' | sed 's/^ //; s/ $//'; fi
}

disk_word() {
  echo "$1" | sed 's/[^A-Za-z0-9._:+-]/_/g'
}
