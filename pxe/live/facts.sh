# facts: what this machine is, as JSON. Plain sh on sysfs and /proc; SYS and PROC stand for them in tests.

facts() {
  facts_sys=${SYS:-/sys} facts_proc=${PROC:-/proc}
  printf '{"firmware":"%s",' "$(firmware)"
  printf '"cpu":{"model":%s,' "$(json "$(cpu_line 'model name')")"
  printf '"cores":%s,' "$(grep -c '^processor' "$facts_proc/cpuinfo")"
  printf '"flags":%s},' "$(json "$(cpu_line flags)")"
  printf '"memory_mb":%s,' "$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' "$facts_proc/meminfo") / 1024))"
  printf '"product":{"vendor":%s,"name":%s,' "$(dmi sys_vendor)" "$(dmi product_name)"
  printf '"serial":%s,"uuid":%s},' "$(dmi product_serial)" "$(dmi product_uuid)"
  printf '"disks":['
  facts_comma=
  for facts_disk in $(disk_names); do printf '%s' "$facts_comma"; disk_facts "$facts_disk"; facts_comma=,; done
  printf '],"nics":['
  facts_comma=
  for facts_nic in $(nic_names); do printf '%s' "$facts_comma"; nic_facts "$facts_nic"; facts_comma=,; done
  printf ']}\n'
}

firmware() {
  if [ -d "${SYS:-/sys}/firmware/efi" ]; then echo uefi; else echo bios; fi
}

# A JSON string of any text: printable ASCII stays, the rest becomes blanks.
json() {
  case $1 in
    *[!A-Za-z0-9\ ._:/,+=@\(\)-]*)
      printf '"%s"' "$(printf '%s' "$1" | tr -c '\040-\176' ' ' | sed 's/[\\"]/\\&/g')" ;;
    *) printf '"%s"' "$1" ;;
  esac
}

cpu_line() {
  sed -n "s/^$1[[:space:]]*: *//p" "$facts_proc/cpuinfo" | head -n 1
}

dmi() {
  json "$(disk_line "$facts_sys/class/dmi/id/$1")"
}

# Whole disks that have a size; no partitions, no CD, no floppy, nothing made of memory or of other disks.
disk_names() {
  for name_folder in "${SYS:-/sys}"/block/*; do
    name_disk=${name_folder##*/}
    case $name_disk in
      loop* | ram* | zram* | sr* | fd* | md* | dm-* | nbd* | mtd* | mmcblk*boot* | mmcblk*rpmb | '*') continue ;;
    esac
    [ "$(disk_line "$name_folder/hidden")" != 1 ] || continue
    if [ "$(disk_line "$name_folder/size")" -gt 0 ] 2>/dev/null; then echo "$name_disk"; fi
  done
}

disk_facts() {
  fact_folder=$facts_sys/block/$1
  fact_contents=$(disk_contents "$1")
  printf '{"id":%s,"name":"%s",' "$(json "$(disk_id "$1")")" "$1"
  printf '"bytes":%s,' "$(($(disk_line "$fact_folder/size") * 512))"
  printf '"model":%s,' "$(json "$(disk_line "$fact_folder/device/model")")"
  printf '"serial":%s,' "$(json "$(disk_serial "$1")")"
  printf '"removable":%s,' "$(is_removable "$1" && echo true || echo false)"
  printf '"rotational":%s,' "$([ "$(disk_line "$fact_folder/queue/rotational")" = 1 ] && echo true || echo false)"
  printf '"blank":%s,"contents":%s}' "$([ -z "$fact_contents" ] && echo true || echo false)" "$(json "$fact_contents")"
}

# Sticks, cards and everything behind USB, which says of itself that it is fixed.
is_removable() {
  [ "$(disk_line "$facts_sys/block/$1/removable")" != 1 ] || return 0
  [ "$(disk_line "$facts_sys/block/$1/device/type")" != SD ] || return 0
  case $(readlink -f "$facts_sys/block/$1") in */usb[0-9]*) return 0 ;; esac
  return 1
}

# What is on a disk, for people; nothing where it is blank. DEV stands for /dev in tests.
disk_contents() {
  content_disk=${DEV:-/dev}/$1
  content_text=
  for content_part in "$content_disk" "$content_disk"[0-9]* "$content_disk"p[0-9]*; do
    [ -e "$content_part" ] || continue
    content_kind=$(signature "$content_part")
    [ -z "$content_kind" ] || content_text="$content_text${content_text:+, }${content_part##*/}: $content_kind"
  done
  [ -n "$content_text" ] || has_zero_ends "$1" || content_text='data of unknown kind'
  printf '%.290s' "$content_text"
}

# `gpt`, `ext4 "root"`, `ntfs "Windows"`: as blkid finds it by looking.
signature() {
  blkid -p -o export "$1" 2>/dev/null | sed -n '
    s/\\\(.\)/\1/g; s/^PTTYPE=\(.*\)/\1 partition table/p; s/^TYPE=//p; s/^LABEL=\(.*\)/"\1"/p' | tr '\n' ' ' | sed 's/ $//'
}

# The first and the last MiB, where everything that knows a disk leaves its mark.
has_zero_ends() {
  zero_bytes=$(($(disk_line "${SYS:-/sys}/block/$1/size") * 512))
  [ "$zero_bytes" -gt 1048576 ] || zero_bytes=1048576
  for zero_start in 0 $((zero_bytes - 1048576)); do
    zero_rest=$(dd if="${DEV:-/dev}/$1" bs=65536 iflag=skip_bytes,count_bytes skip="$zero_start" count=1048576 2>/dev/null | tr -d '\000' | head -c 1 | wc -c)
    [ "$zero_rest" -eq 0 ] || return 1
  done
}

# Cards with hardware and an address of their own.
nic_names() {
  for name_folder in "${SYS:-/sys}"/class/net/*; do
    [ -e "$name_folder/device" ] || continue
    case $(disk_line "$name_folder/address") in
      00:00:00:00:00:00 | ?[13579bdf]:*) ;;
      [0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f])
        echo "${name_folder##*/}" ;;
    esac
  done
}

nic_facts() {
  fact_folder=$facts_sys/class/net/$1
  fact_driver=$(readlink -f "$fact_folder/device/driver")
  fact_speed=$(disk_line "$fact_folder/speed")
  printf '{"name":%s,"mac":"%s",' "$(json "$1")" "$(disk_line "$fact_folder/address")"
  printf '"driver":%s,' "$(json "${fact_driver##*/}")"
  printf '"link":%s,' "$([ "$(disk_line "$fact_folder/carrier")" = 1 ] && echo true || echo false)"
  case $fact_speed in '' | *[!0-9]*) fact_speed=null ;; esac
  printf '"mbps":%s}' "$fact_speed"
}
