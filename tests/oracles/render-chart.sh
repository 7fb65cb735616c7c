#!/bin/sh
# Renders the Helm chart (helm 3 on PATH) into tests/fixtures/k8s, and notes the hash of the chart's sources beside it.
# tests/src/chart.test.ts validates what is rendered, and fails when the sources have changed since.
set -eu
cd "$(dirname "$0")/../.."
out=tests/fixtures/k8s
render() { helm template carousel k8s/carousel --namespace carousel --kube-version 1.31.0 "$@"; }
render > $out/default.yaml
render -f k8s/carousel/values-gpu.yaml --set worker.keda.enabled=true --set jobs.accessMode=ReadWriteOnce > $out/gpu-keda.yaml
render --set redis.enabled=false --set redis.externalUrl=rediss://redis.example:6380 --set jobs.existingClaim=shared --set worker.keda.enabled=true > $out/external-redis.yaml
render -f $out/everything.values.yaml > $out/everything.yaml
node tests/oracles/hash-chart.mjs > $out/chart.sha256
