# sealift-runtime is one static file of at most 8 MiB that needs nothing beside it.
need_tool file ldd
program=$(command -v sealift-runtime)
if ldd "$program" > ldd.txt 2>&1 && grep -q 'lib[au]*san' ldd.txt; then
    echo "not run on this machine: a build with sanitizers is dynamic" >&2
    exit 77
fi
expect_exit 1 ldd "$program"
expect_err "not a dynamic executable"
expect_exit 0 file -L "$program"
expect_out_like "statically linked|static-pie linked"
refute_out interpreter
# What ships is stripped; an unoptimised build with its debug sections is not what ships.
if ! readelf -S "$program" | grep -q '\.debug_info'; then
    expect_equal "$(($(stat -L -c %s "$program") <= 8 * 1024 * 1024))" 1
fi

# With no environment at all, from another folder, with closed streams.
expect_exit 0 env -i "$program" --version
expect_exit 0 env -i "$program" probe --profiles "$SOURCE/profiles" --format json
expect_json .schema sealift.probe/1
closed() { "$program" --version <&- >&-; }
expect_exit 3 closed

# Alone in a root of its own.
mkdir -p root
cp -L "$program" root/sealift-runtime
cp "$SOURCE/README.md" root/no-bundle 2> /dev/null || echo "no bundle" > root/no-bundle
if unshare --map-root-user --user chroot root /sealift-runtime --version > said 2>&1; then
    alone() { unshare --map-root-user --user chroot root /sealift-runtime "$@"; }
elif chroot root /sealift-runtime --version > said 2>&1; then
    alone() { chroot root /sealift-runtime "$@"; }
else
    echo "not tried: nobody may change the root folder here" >&2
    exit 0
fi
expect_exit 0 alone --version
expect_out_like '^sealift-runtime [0-9]'
expect_exit 0 alone --help
expect_exit 3 alone verify /no-bundle --key /no.pub
expect_err "no.pub"
expect_exit 0 alone probe
expect_out_like "^architecture +$(uname -m)\$"
expect_err "no folder of profiles was found"
