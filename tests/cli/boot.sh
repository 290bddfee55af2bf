# boot, status, stop: the newest generation starts, answers, and stops cleanly.
. "$SOURCE/tests/cli/input.bash"
need_tool curl jq
make_bundle a.sealift
site=site # relative: the process that stays behind works elsewhere
trap 'sealift-runtime stop --site "$DIR/site" > "$STORY_CONTROL/stopped" 2>&1 || true' EXIT

expect_exit 0 sealift-runtime status --site $site
expect_out "nothing is installed"
expect_exit 0 sealift-runtime stop --site $site
expect_out "nothing was running"
expect_exit 1 sealift-runtime boot --site $site
expect_out SL-SITE-STATE
expect_out "sealift-runtime install"
quietly sealift-runtime install a.sealift --key release.pub --site $site

# Captured output does not keep the caller waiting for the engine's end.
began_s=$SECONDS
said=$(sealift-runtime boot --site $site 2>&1)
[ $((SECONDS - began_s)) -lt 20 ] || fail "boot took $((SECONDS - began_s)) s"
expect_equal "$(grep -c '^BOOTED  story 0.1.0' <<< "$said")" 1
expect_exit 0 sealift-runtime status --site $site
expect_out_like '^state +running$'
expect_out_like '^000001-[0-9a-f]{16} +story 0.1.0 +candidate, good$'
expect_exit 0 sealift-runtime status --site $site --format json
expect_json .schema sealift.status/1
expect_json .state running
expect_json '.generations[0].good' true
endpoint=$(jq -r .endpoint <<< "$out")
engine=$(jq -r .engine_pid <<< "$out")
expect_exit 0 curl -sSf "$endpoint/health"
expect_json .status ok
# The engine has nothing of our environment, an empty folder to work in, and no terminal.
expect_equal "$(tr '\0' '\n' < "/proc/$engine/environ" | wc -l)" 0
expect_equal "$(find "/proc/$engine/cwd/" -mindepth 1 | wc -l)" 0
expect_equal "$(readlink "/proc/$engine/fd/0")" /dev/null

# One site runs one engine.
expect_exit 1 sealift-runtime boot --site $site
expect_out SL-SITE-STATE
expect_out "sealift-runtime stop"
expect_exit 0 curl -sSf "$endpoint/health"

expect_exit 0 sealift-runtime stop --site $site
expect_out "STOPPED  story 0.1.0, exit status 0"
[ ! -e "/proc/$engine" ] || fail "the engine runs still"
expect_exit 0 sealift-runtime status --site $site
expect_out_like '^state +stopped$'
expect_exit 0 sealift-runtime stop --site $site --format json
expect_json .was_running false

# An engine that dies is noticed.
expect_exit 0 sealift-runtime boot --site $site --format json
expect_json .booted true
expect_json .schema sealift.boot/1
kill -9 "$(jq -r .engine_pid <<< "$out")"
for _ in $(seq 100); do
    [ "$(sealift-runtime status --site $site --format json | jq -r .state)" != failed ] || break
    sleep 0.1
done
expect_exit 1 sealift-runtime status --site $site
expect_out_like '^state +failed$'
expect_out "signal 9"
expect_exit 0 sealift-runtime boot --site $site
# So is a supervisor that dies, and its engine with it.
engine=$(sealift-runtime status --site $site --format json | jq -r .engine_pid)
kill -9 "$(jq -r .supervisor_pid site/run/state.json)"
for _ in $(seq 100); do
    [ -e "/proc/$engine" ] || break
    sleep 0.1
done
[ ! -e "/proc/$engine" ] || fail "the engine outlives its supervisor"
expect_exit 1 sealift-runtime status --site $site
expect_out_like '^state +failed$'
expect_out "the supervisor was killed"

# What was changed on the disk since does not start.
chmod -R u+w site
flip_bit site/generations/*/files/"$weights" 1000
expect_exit 1 sealift-runtime boot --site $site
expect_out SL-CONTENT-DIGEST
expect_out "$weights"
expect_out "NOT BOOTED"
expect_exit 2 sealift-runtime boot --site $site --port 65536
expect_exit 2 sealift-runtime boot --site $site --prot 80
expect_err "did you mean --port?"
