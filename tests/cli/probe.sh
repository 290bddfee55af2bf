# probe: the machine as found, and the profiles that it fits.
need_tool jq
export SEALIFT_PROFILES=$SOURCE/profiles

expect_exit 0 sealift-runtime probe
expect_out_like '^MACHINE +FOUND$'
expect_out_like "^architecture +$(uname -m)\$"
expect_out_like '^PROFILE +FITS +REASON$'
expect_out_like '^(hygon-dhyana|zen4|sapphirerapids|armv8.2) +no +[a-z]+: '

expect_exit 0 sealift-runtime probe --format json
expect_json .schema sealift.probe/1
expect_json .machine.cpu.architecture "$(uname -m)"
expect_json '.profiles | length' "$(find "$SOURCE/profiles" -name '*.json' ! -name '*.schema.json' | wc -l)"
expect_json '.best_profile as $best | [.profiles[] | select(.id == $best).fits] | all' true
expect_json '[.machine.memory_bytes, .machine.cpu.logical_count] | map(. > 0) | all' true
sealift-runtime probe --format json > first
sealift-runtime probe --format json > second
expect_same first second

# A copied tree does not say what its processor can do, and that is no pass.
mkdir empty
expect_exit 0 sealift-runtime probe --sysroot empty --format json
expect_json '[.profiles[] | select(.fits)] | length' 0
expect_json '.best_profile // "none" | if . == "" then "none" else . end' none
expect_json '.profiles[] | select(.id == "x86_64-v1") | .answer' "cannot tell"
expect_json '.profiles[] | select(.id == "nvidia-h100") | .answer' no
expect_exit 0 sealift-runtime probe --sysroot empty
refute_out "$(uname -r)"
expect_out_like '^x86_64-v1 +cannot tell +architecture: unknown$'
expect_out_like '^nvidia-h100 +no +NVIDIA H100: none$'

# Of one machine some profiles are met, some are not, and of some it does not say enough: three answers, and what could
# not be told stands before what is refused.
expect_exit 0 sealift-runtime probe --format json
expect_json '[.profiles[].answer] - ["yes", "no", "cannot tell"] | length' 0
expect_json '[.profiles[] | .fits == (.answer == "yes")] | all' true
expect_json '[.profiles[] | select(.answer == "cannot tell") | .reasons[] | select(.severity == "refusal")] | length' 0
expect_json '[.profiles[].answer] == ([.profiles[].answer] | sort_by({"yes": 0, "cannot tell": 1, "no": 2}[.]))' true

expect_exit 3 sealift-runtime probe --sysroot no-such-folder
expect_err no-such-folder
expect_exit 2 sealift-runtime probe --profiles no-such-folder
expect_exit 2 sealift-runtime probe extra
expect_exit 2 sealift-runtime probe --formt json
expect_err "did you mean --format?"
