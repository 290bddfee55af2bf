# Names at the limit, names in other scripts and empty files come through every step as they are; names over a limit
# and names that some file system takes for one are refused.
. "$SOURCE/tests/cli/input.bash"
export LC_ALL=C.UTF-8
make_input input
long=$(printf 'n%.0s' $(seq 255))
deep=$(printf 'd/%.0s' $(seq 30)) # below docs: 32 parts with the name
composed=$(printf 'caf\303\251') decomposed=$(printf 'cafe\314\201')
chinese=$(printf '\344\270\255\346\226\207.txt') emoji=$(printf '\360\237\232\242.md')
mkdir -p "input/docs/$deep"
for name in "$long" "${deep}last" "$composed" "$chinese" "$emoji" "with spaces"; do
    echo "this is $name" > "input/docs/$name"
done
: > input/docs/empty
: > input/docs/empty-too
make_keys release
expect_exit 0 sealift init input --profile "$profile" --name story --license model=MIT
expect_exit 0 sealift build input -o a.sealift --signing-key release.key
expect_exit 0 sealift build input -o folder/ --signing-key release.key
rm input/sealift.json input/engine/launch.json
(cd input && find . -type f | cut -c3- | LC_ALL=C sort) > wanted
for bundle in a.sealift folder; do
    expect_exit 0 sealift verify $bundle --key release.pub
    expect_out TRUSTED
    expect_exit 0 sealift ls $bundle --format json
    jq -r '.files[].path' <<< "$out" | LC_ALL=C sort > listed
    expect_same listed wanted
    expect_json '.files[] | select(.path == "docs/empty").size_bytes' 0
    expect_exit 0 sealift cat $bundle "docs/$chinese"
    expect_out_is "this is $chinese"
    expect_exit 0 sealift extract $bundle -o out --key release.pub
    expect_exit 0 diff -r input out
    rm -r out
    expect_exit 0 sealift-runtime install $bundle --key release.pub --site site
    rm -rf installed
    cp -r site/generations/*/files installed
    expect_equal "$(cd installed && find . -type f ! -path ./engine/launch.json | cut -c3- | LC_ALL=C sort)" "$(cat wanted)"
    expect_same "installed/docs/$emoji" "input/docs/$emoji"
    expect_same installed/docs/empty input/docs/empty
    rm -rf site
done

# recipe FILE PATH...: packs the licence under these paths.
recipe() {
    local file=$1
    shift
    python3 - "$file" "$@" << 'PYTHON'
import json, re, sys
recipe = json.loads(re.sub(r"(?m)^ *//.*$", "", open("plain.json").read()))
first = next(entry for entry in recipe["files"] if entry["path"] == "docs/LICENSE")
recipe["files"] += [{**first, "path": path, "source": "docs/LICENSE"} for path in sys.argv[2:]]
json.dump(recipe, open(sys.argv[1], "w"), ensure_ascii=False)
PYTHON
}
make_input plain
quietly sealift init plain --profile "$profile" --name story
cp plain/sealift.json plain.json
# refused CODE PATH...: no bundle comes of such a recipe.
refused() {
    local code=$1
    shift
    recipe plain/refused.json "$@"
    expect_exit 2 sealift build plain/refused.json -o refused.sealift
    expect_err "$code"
    refute_file refused.sealift
}
recipe plain/accepted.json "docs/$long" "docs/${deep}last" "docs/$composed" docs/strasse
expect_exit 0 sealift build plain/accepted.json -o accepted.sealift
refused SL-PATH-UNCLEAN "docs/n$long"
refused SL-PATH-UNCLEAN "docs/d/${deep}last"
refused SL-PATH-COLLISION "docs/$composed" "docs/$decomposed"
refused SL-PATH-COLLISION docs/strasse "docs/$(printf 'stra\303\237e')"
refused SL-PATH-COLLISION docs/readme docs/README
refused SL-PATH-COLLISION docs/a docs/a/b
refused SL-PATH-COLLISION docs/A docs/a/b
