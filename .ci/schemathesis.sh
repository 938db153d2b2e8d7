#!/usr/bin/env bash
# Schemathesis over infra/openapi.json, against the local system: every operation with every kind of right and wrong
# input, signed in and as nobody. Wants the local system built (`cargo build`) and `schemathesis` on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

local_system="${CARGO_TARGET_DIR:-target}/debug/local"
log="$(mktemp)"

# Ports that nobody has. The one way to know that is to have had them.
read -r port dynamodb_port s3_port stripe_port < <(python3 - <<'PYTHON'
import socket
held = [socket.socket() for _ in range(4)]
for each in held:
    each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in held))
PYTHON
)
url="http://127.0.0.1:$port"

"$local_system" --memory --seed --port "$port" --dynamodb-port "$dynamodb_port" --s3-port "$s3_port" \
  --stripe-port "$stripe_port" >"$log" 2>&1 &
pid=$!
stop() {
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  rm -f "$log"
}
trap stop EXIT

for _ in $(seq 60); do
  if curl --silent --fail --output /dev/null "$url/api/health"; then break; fi
  if ! kill -0 "$pid" 2>/dev/null; then break; fi
  sleep 0.5
done
if ! curl --silent --fail --output /dev/null "$url/api/health"; then
  echo "the local system does not answer; it said:"
  cat "$log"
  exit 1
fi

status=0
run() {
  SCHEMATHESIS_URL="$url" SCHEMATHESIS_CALLER="$1" schemathesis --config-file .ci/schemathesis.toml \
    run infra/openapi.json --url "$url" --checks all --no-color "${@:2}" || status=1
}
echo "--- signed in, all phases"
run somebody --phases examples,coverage,fuzzing,stateful
echo "--- as nobody"
run nobody --phases examples,coverage,fuzzing --max-examples 20 --warnings off

if ! kill -0 "$pid" 2>/dev/null; then
  echo "the local system died; it said:"
  status=1
fi
# What the system said belongs to a failure: a 500 has its reason there.
if [ "$status" -ne 0 ]; then grep -E " (WARN|ERROR) |panicked" "$log" | tail -n 100 || true; fi
exit "$status"
