#!/bin/sh
# muster-llama PROGRAM ARGS: runs llama-server or ggml-rpc-server of the folder this script lies in, through
# the folder's own loader, so that it works on an older C library as well as inside the folder as root.
# Model paths must be absolute: the backends are found from the current folder.
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ "$root" = / ] && root=
libraries=$root/usr/lib/x86_64-linux-gnu
case $1 in
  llama-server) program=$root/usr/bin/llama-server ;;
  ggml-rpc-server) program=$root/usr/libexec/x86_64-linux-gnu/llama/bin/ggml-rpc-server ;;
  *) echo "muster-llama: unknown program '$1' (llama-server or ggml-rpc-server)" >&2; exit 64 ;;
esac
shift
# A client that leaves during the handshake must not kill the worker.
trap '' PIPE
cd "$libraries/ggml/backends0" || exit 66
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/llama:$libraries/ggml/backends0" \
  --argv0 "$program" "$program" "$@"
