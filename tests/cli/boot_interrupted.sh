# boot: who presses Ctrl-C while the engine gets ready does not find it running a minute later.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
make_bundle slow.sealift slow
site=$DIR/site
trap 'sealift-runtime stop --site "$site" > "$STORY_CONTROL/stopped" 2>&1 || true' EXIT

# A background job of a script ignores SIGINT, so SIGTERM stands for it: both end the command the same way.
sealift-runtime boot slow.sealift --key release.pub --site "$site" > "$STORY_CONTROL/boot" 2>&1 &
boot=$!
for _ in $(seq 100); do
    engine=$(jq -r '.engine_pid' "$site/run/state.json" 2> /dev/null || true)
    [ "${engine:-0}" = 0 ] || break
    [ -e "$site/run/engine.log" ] && break
    sleep 0.02
done
sleep 0.2
kill -TERM "$boot"
wait "$boot" && fail "an interrupted boot ended as if it were done"
for _ in $(seq 150); do
    sealift-runtime status --site "$site" --format json > state.json 2> "$STORY_CONTROL/status" || true
    case $(jq -r .state state.json) in failed | stopped) break ;; esac
    sleep 0.02
done
state=$(jq -r .state state.json)
case $state in failed | stopped) ;; *) fail "after an interrupted boot the state is $state" ;; esac
expect_exit 0 sealift-runtime stop --site "$site"
expect_out "nothing was running"
