#!/bin/sh
# Gives flagd the flags of a file by a ConfigMap, if everything that the file serves is countersigned; a step of a pipeline.
#
#   flagd-configmap.sh FILE CONFIGMAP
#
# It runs in a clone of the repository with refs/countersign/receipts fetched:
#   git fetch origin refs/countersign/receipts:refs/countersign/receipts
# COUNTERSIGN_PROJECT names the project whose flags they are: a flag of another one, which may ask nobody, is none of them.
# Without a clone, COUNTERSIGN_BUNDLE and COUNTERSIGN_TRUST name the receipts (countersign receipt --export) and the trust.
set -eu

file=$1
name=$2
set -- "$file" --format flagd --exit-code
[ -z "${COUNTERSIGN_PROJECT:-}" ] || set -- "$@" --project "$COUNTERSIGN_PROJECT"
[ -z "${COUNTERSIGN_BUNDLE:-}" ] || set -- "$@" --bundle "$COUNTERSIGN_BUNDLE"
[ -z "${COUNTERSIGN_TRUST:-}" ] || set -- "$@" --trust "$COUNTERSIGN_TRUST"

# What is verified is what is deployed: nobody writes to this copy in between.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp "$file" "$copy/flags.flagd.json"
shift
"${COUNTERSIGN:-countersign}" verify "$copy/flags.flagd.json" "$@"
kubectl create configmap "$name" --from-file="$copy/flags.flagd.json" --dry-run=client --output=yaml >"$copy/configmap.yaml"
kubectl apply --filename="$copy/configmap.yaml"
