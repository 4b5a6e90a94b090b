#!/bin/sh
# Called by udhcpc: takes the address it was given.
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
[ -z "${router:-}" ] || ip route add default via "${router%% *}" dev "$interface"
