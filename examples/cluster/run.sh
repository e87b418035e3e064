#!/usr/bin/env bash
# A coordinator and three workers as processes of this machine train the quickstart; one worker is killed with SIGKILL on the way. Then one process trains it alone.
# The two adapters have the same SHA-256: that is the point.
set -euo pipefail
cd "$(dirname "$0")/../.."

job=${JOB:-examples/quickstart/job.yaml}
port=${PORT:-4700}
kill_at=${KILL_AT:-20}                                    # the step after which a worker dies
work=$(mktemp -d)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# The program itself and not "dotnet run" or a shell around it, so that a kill hits it.
dll=${PEFT_DLL:-artifacts/bin/PeftCluster.Cli/release/peft.dll}
if [ -z "${PEFT_DLL:-}" ]; then dotnet build -c Release src/PeftCluster.Cli -v quiet --nologo; fi
peft() { dotnet "$dll" "$@"; }

nodes=()
finish() {
  kill "${nodes[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

start() { # NAME PORT WORDS…: starts a node and waits until it is a member
  local name=$1 at=$2 log="$work/$1.out"; shift 2
  (exec dotnet "$dll" node --listen "127.0.0.1:$at" --state "$work/$name" "$@") >"$log" 2>&1 &
  nodes+=($!)
  for _ in $(seq 300); do
    if grep -q ' is up' "$log"; then echo "$name: $(cat "$log")"; return; fi
    if ! kill -0 "${nodes[-1]}" 2>/dev/null; then echo "$name did not start: $(cat "$log")" >&2; exit 1; fi
    sleep 0.1
  done
  echo "$name is not up after 30 s: $(cat "$log")" >&2
  exit 1
}

start coordinator "$port" --roles coordinator
for worker in 1 2 3; do
  start "worker$worker" $((port + worker)) --roles worker --join "127.0.0.1:$port"
done
peft cluster status "127.0.0.1:$port"

peft train "$job" --cluster "127.0.0.1:$port" --set output.folder="$work/cluster" --set training.logging_steps=1 --json >"$work/cluster.out" 2>&1 &
training=$!
until grep -q "^step *$kill_at/" "$work/cluster.out"; do
  if ! kill -0 "$training" 2>/dev/null; then cat "$work/cluster.out" >&2; exit 1; fi
  sleep 0.05
done
disown "${nodes[2]}"                                    # or the shell would say a line of its own about it
kill -9 "${nodes[2]}"
echo "killed worker2 with SIGKILL after step $kill_at"
wait "$training" || { cat "$work/cluster.out" >&2; exit 1; }
grep "is gone" "$work/cluster.out"                      # what the run says of it

peft train "$job" --set output.folder="$work/alone" --quiet

hash() { # FOLDER: the adapter's SHA-256 (macOS calls the program shasum)
  local file="$1/adapter/adapter_model.safetensors"
  { sha256sum "$file" 2>/dev/null || shasum -a 256 "$file"; } | cut -d' ' -f1
}
cluster=$(hash "$work/cluster") alone=$(hash "$work/alone")
echo "three workers, one killed  $cluster"
echo "one process                $alone"
if [ "$cluster" != "$alone" ]; then
  echo "they differ" >&2
  exit 1
fi
echo "the same bits"
