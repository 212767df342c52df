#!/usr/bin/env bash
# Asks a server of its own whatever its OpenAPI document allows, and much that it does not: no answer may be a failure of the
# server, and each has a status, a media type and a body as the document says. For $1 seconds (100), then with the other words
# behind it as options of schemathesis. $SEOGI_BIN is the program, $TOOLS a folder for what is installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.32.5
program=$(realpath "${SEOGI_BIN:-target/debug/seogi}")
tools=$(realpath -m "${TOOLS:-target/tools}/schemathesis-$version")
seconds=${1:-100}
shift $(($# > 0 ? 1 : 0))

if [ ! -x "$tools/bin/st" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

folder=$(mktemp -d)
# shellcheck disable=SC2064 # the folder is known now
trap "kill \$server 2>/dev/null; wait 2>/dev/null; rm -rf '$folder'" EXIT
cp tests/ground-truth/models/toy.bin "$folder"
(cd "$folder" && exec env -i PATH="$PATH" SEOGI_MODEL="$folder/toy.bin" SEOGI_MODEL_URL=http://127.0.0.1:9 SEOGI_SPEECH_THREADS=1 \
    SEOGI_MIN_FREE_SPACE=1 OLLAMA_BASE_URL=http://127.0.0.1:9 LMSTUDIO_BASE_URL=http://127.0.0.1:9 OPENAI_BASE_URL=http://127.0.0.1:9 \
    GEMINI_BASE_URL=http://127.0.0.1:9 SEOGI_LLM_RETRIES=0 "$program" serve --port 0 >"$folder/said" 2>"$folder/log") &
server=$!
for _ in $(seq 600); do
    address=$(grep -o 'http://[0-9.:]*' "$folder/said" | head -n 1) && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
[ -n "${address:-}" ] || { tail -n 20 "$folder/log" >&2 && exit 1; }

# Left out are the bytes of a piece, which it cannot write, and streams, whose schema it takes for that of a frame and not of its
# data: these have tests of their own.
root=$PWD
cd "$folder"
"$tools/bin/st" run "$root/docs/openapi.json" --url "$address" --max-time "$seconds" --request-timeout 30 --no-color \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance \
    --phases coverage,fuzzing --exclude-path-regex 'events|uploads/.upload_id.' --suppress-health-check all --output-truncate false "$@" || {
    status=$?
    grep -v '"level":"INFO"' "$folder/log" | tail -n 20 >&2
    exit "$status"
}
