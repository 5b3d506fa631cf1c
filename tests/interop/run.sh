#!/bin/sh
# Runs the client against the cluster of KUBECONFIG; README.md says what has to be set. Further arguments: -class NAME, -method NAME ...
set -eu
here=$(dirname "$0")
: "${KUBECONFIG:?is not set}" "${MESH_INTEROP_ADDRESSES:?is not set}"
dotnet build "$here" -v quiet
exec "$here/bin/Debug/net10.0/Mesh.Client.InteropTests" -showliveoutput "$@"
