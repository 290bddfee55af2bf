# boot: each way in which an engine can fail has its code, leaves nothing running, and shows where its log is.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
make_bundle good.sealift
site=$DIR/site
trap 'sealift-runtime stop --site "$site" > "$STORY_CONTROL/stopped" 2>&1 || true' EXIT
quietly sealift-runtime install good.sealift --key release.pub --site "$site"
quietly sealift-runtime boot --site "$site"
quietly sealift-runtime stop --site "$site"

# make_patient SECONDS MISBEHAVIOUR: a bundle whose engine has so much time to get ready.
make_patient() {
    make_input "input-$2" "$2"
    jq --argjson limit "$1" '.ready.timeout_s = $limit' "input-$2/engine/launch.json" > launch
    cp launch "input-$2/engine/launch.json"
    quietly sealift init "input-$2" --profile "$profile" --name story
    make_bundle "$2.sealift" "$2"
}
make_patient 20 exit
make_patient 2 no-listen
make_patient 2 unhealthy
make_patient 20 wrong-device
make_patient 20 wrong-answer
make_patient 20 slow

while read -r misbehaviour code words; do
    expect_exit 1 sealift-runtime boot $misbehaviour.sealift --key release.pub --site "$site" < /dev/null
    expect_out "$code"
    expect_out "$words"
    expect_out "$site/run/engine.log"
    expect_out_like "^NOT BOOTED "
    expect_exit 1 sealift-runtime status --site "$site" --format json < /dev/null
    expect_json .state failed
    [ ! -e "/proc/$(jq -r .engine_pid <<< "$out")" ] || fail "the engine runs still"
done << 'TABLE'
exit SL-BOOT-START exit status 1
no-listen SL-BOOT-READY 2 s
unhealthy SL-BOOT-READY 503
wrong-device SL-BOOT-DEVICE Other
wrong-answer SL-BOOT-ANSWER tokens
TABLE

# An installed one that fails does not become the good generation.
quietly sealift-runtime install wrong-answer.sealift --key release.pub --site "$site"
expect_exit 1 sealift-runtime boot --site "$site" --format json
expect_json .booted false
expect_json '.findings[0].code' SL-BOOT-ANSWER
expect_exit 1 sealift-runtime status --site "$site"
expect_out_like '^000001-[0-9a-f]{16} +story 0.1.0 +good$'
expect_out_like '^000002-[0-9a-f]{16} +story 0.1.0 +candidate$'

# Talking much is not wrong either, while it starts, answers and stops.
make_patient 20 chatty
expect_exit 0 sealift-runtime boot chatty.sealift --key release.pub --site "$site"
expect_exit 0 sealift-runtime stop --site "$site"
expect_out "exit status 0"

# A port that somebody else has is refused before that somebody's answers are taken for the engine's.
python3 -c 'import socket, sys, time
server = socket.create_server(("127.0.0.1", 0)); print(server.getsockname()[1], flush=True); time.sleep(60)' > port &
taken=$!
until [ -s port ]; do sleep 0.02; done
expect_exit 1 sealift-runtime boot good.sealift --key release.pub --site "$site" --port "$(cat port)"
expect_out SL-BOOT-START
expect_out "port $(cat port) is taken"
expect_exit 1 sealift-runtime status --site "$site" --format json
expect_json '.findings[0].code' SL-BOOT-START
kill "$taken"

# Slow is not wrong.
expect_exit 0 sealift-runtime boot slow.sealift --key release.pub --site "$site"
expect_exit 0 sealift-runtime stop --site "$site"
expect_out "exit status 0"
