# pickle: a file that can run code when it is loaded does not get into a bundle, unless somebody says why; then the
# bundle says so to everybody.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
make_input input
sed -i "s#weights/\*#$weights#" input/engine/launch.json
python3 - input/weights << 'PYTHON'
import io, os, pickle, sys, zipfile
class Call:
    def __reduce__(self):
        return os.system, ("touch it-ran",)
folder = sys.argv[1]
with open(f"{folder}/old.bin", "wb") as file:
    pickle.dump(Call(), file, 0)
with zipfile.ZipFile(f"{folder}/new.pt", "w") as archive:
    archive.writestr("new/data.pkl", pickle.dumps(Call(), 2))
    archive.writestr("new/data/0", bytes(100))
with open(f"{folder}/raw.bin", "wb") as file:
    file.write(bytes(range(256)))
PYTHON
quietly sealift init input --profile "$profile" --name story --license model=MIT

expect_exit 1 sealift build input -o a.sealift
expect_out_like "SL-MODEL-PICKLE +weights/old.bin: it can run code when it is loaded: it is a pickle of protocol 0, which fetches (posix|nt|os).system"
expect_out "SL-MODEL-PICKLE  weights/new.pt: it can run code when it is loaded: 'new/data.pkl' in it is a pickle of protocol 2"
expect_out "--allow-pickle REASON"
refute_out weights/raw.bin
expect_out "NOT BUILT"
refute_file a.sealift
refute_file it-ran

# The reason is one line that says something.
expect_exit 2 sealift build input -o a.sealift --allow-pickle ""
expect_exit 2 sealift build input -o a.sealift --allow-pickle "$(printf 'two\nlines')"
expect_err "one line"
refute_file a.sealift

make_keys release
expect_exit 0 sealift build input -o a.sealift --signing-key release.key --allow-pickle "reviewed by QA, ticket 4711"
expect_out "let through: reviewed by QA, ticket 4711"
expect_exit 0 sealift inspect a.sealift
expect_out "lets through pickle in weights/new.pt: reviewed by QA, ticket 4711"
expect_exit 0 sealift inspect a.sealift --format json
expect_json '.document.accepted_risks | map("\(.path) \(.danger) \(.reason)") | join("; ")' \
    "weights/new.pt pickle reviewed by QA, ticket 4711; weights/old.bin pickle reviewed by QA, ticket 4711"
expect_exit 0 sealift verify a.sealift --key release.pub
expect_out "the release lets it through: reviewed by QA, ticket 4711"
expect_exit 0 sealift reproduce a.sealift --inputs input
expect_out_like '^REPRODUCED '

# Also where weights are not expected, and whatever the name is.
rm input/weights/old.bin input/weights/new.pt input/sealift.json
python3 -c 'import pickle, collections; pickle.dump(collections.OrderedDict(), open("input/docs/LICENSE.txt", "wb"), 4)'
quietly sealift init input --profile "$profile" --name story --license model=MIT
expect_exit 1 sealift build input -o b.sealift
expect_out "SL-MODEL-PICKLE  docs/LICENSE.txt: it can run code when it is loaded: it is a pickle of protocol 4, which fetches collections.OrderedDict"
rm input/docs/LICENSE.txt input/sealift.json
echo harmless > input/config/table.pkl
quietly sealift init input --profile "$profile" --name story --license model=MIT
expect_exit 1 sealift build input -o b.sealift
expect_out "SL-MODEL-PICKLE  config/table.pkl: it can run code when it is loaded: loaders take a file of this name for a pickle"
rm input/config/table.pkl input/sealift.json

# Code that a model brings is no refusal, but it is said; and recorded, if there is a reason.
cat > input/weights/config.json << 'JSON'
{"model_type": "x", "num_hidden_layers": 1, "auto_map": {"AutoModel": "modeling_x.X"}}
JSON
echo "print('hello')" > input/weights/modeling_x.py
quietly sealift init input --profile "$profile" --name story --license model=MIT
expect_exit 0 sealift build input -o c.sealift --signing-key release.key
expect_out "SL-MODEL-CODE"
expect_out "weights/modeling_x.py: a loader runs it if it is told to trust remote code"
expect_exit 0 sealift inspect c.sealift --format json
expect_json '.document.accepted_risks // [] | length' 0
expect_exit 0 sealift build input -o d.sealift --signing-key release.key --allow-code "read by two of us"
expect_exit 0 sealift inspect d.sealift
expect_out "lets through code in weights/modeling_x.py: read by two of us"

# A model is looked at without packing it.
python3 -c 'import pickle; pickle.dump({"a": 1}, open("input/weights/x.ckpt", "wb"), 2)'
expect_exit 1 sealift inspect input/weights
expect_out "SL-MODEL-PICKLE  x.ckpt: it can run code when it is loaded: it is a pickle of protocol 2"
expect_out_like '^other +x.ckpt: pickle$'
refute_file it-ran
