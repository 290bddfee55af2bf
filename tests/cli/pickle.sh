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
rm input/weights/x.ckpt input/weights/config.json input/weights/modeling_x.py input/sealift.json

# In an archive within an archive, behind the front of a long file, in something that is also something else: there
# too. What cannot be looked through counts as one.
python3 - input << 'PYTHON'
import bz2, gzip, io, lzma, os, pickle, struct, sys, tarfile, zipfile
class Call:
    def __reduce__(self):
        return os.system, ("touch it-ran",)
evil = pickle.dumps(Call(), 2)
def zipped(name, content, method=zipfile.ZIP_STORED, extra=b""):
    out = io.BytesIO(extra)
    out.seek(len(extra))
    with zipfile.ZipFile(out, "a" if extra else "w", method) as archive:
        archive.writestr(name, content)
    return out.getvalue()
def tarred(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()
weights = struct.pack("<Q", 64) + b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'.ljust(64) + bytes(4)
long = b"I1\n0" * 30000 + pickle.dumps(Call(), 0)
deep = evil
for _ in range(8):
    deep = zipped("in", deep)
files = {
    "zip-in-zip.bin": zipped("a.zip", zipped("b", evil, zipfile.ZIP_DEFLATED)),
    "zip-in-tar-gz.bin": gzip.compress(tarred("a.zip", zipped("b", evil)), mtime=0),
    "long.bin": zipped("a", long, zipfile.ZIP_DEFLATED),
    "tar-and-zip.bin": tarred("a", b"hello") + zipped("b", evil),
    "weights-and-zip.bin": zipped("b", evil, extra=weights),
    "xz-in-bz2.bin": bz2.compress(lzma.compress(evil)),
    "deep.bin": deep,
}
for name, content in files.items():
    with open(f"{sys.argv[1]}/weights/{name}", "wb") as file:
        file.write(content)
os.mkdir("honest")
script = b"#!/bin/sh\nexit 0\n"
files = {
    "package.run": script + gzip.compress(tarred("lib.so", b"\x7fELF" + bytes(100)), mtime=0),
    "image.tar.gz": gzip.compress(tarred("a.whl", zipped("a.py", b"import os\nos.getcwd()\n")), mtime=0),
    "program": zipped("__main__.py", b"pass", extra=b"\x7fELF" + bytes(5000)),
    "short.safetensors": struct.pack("<Q", 128) + weights[8:72].ljust(128) + bytes(4),
    "files.txt": b"Pipfile\n.git\n",
    "formula.txt": b"x^2 + y^2 = z^2\n",
}
for name, content in files.items():
    with open(f"honest/{name}", "wb") as file:
        file.write(content)
PYTHON
quietly sealift init input --profile "$profile" --name story --license model=MIT
expect_exit 1 sealift build input -o e.sealift
at_load="it can run code when it is loaded:"
expect_out_like "SL-MODEL-PICKLE +weights/zip-in-zip.bin: $at_load 'b' in 'a.zip' in it is a pickle of protocol 2"
expect_out_like "SL-MODEL-PICKLE +weights/zip-in-tar-gz.bin: $at_load 'b' in 'a.zip' in what is compressed in it is"
expect_out_like "SL-MODEL-PICKLE +weights/long.bin: $at_load 'a' in it is a pickle of protocol 0"
expect_out_like "SL-MODEL-PICKLE +weights/tar-and-zip.bin: $at_load 'b' in it is a pickle of protocol 2"
expect_out_like "SL-MODEL-PICKLE +weights/weights-and-zip.bin: $at_load 'b' in it is a pickle of protocol 2"
expect_out_like "SL-MODEL-PICKLE +weights/xz-in-bz2.bin: $at_load what is compressed in what is compressed in it is"
expect_out_like "SL-MODEL-PICKLE +weights/deep.bin: .*cannot be looked through for pickles: it is more than 6 archives"
refute_file e.sealift
rm input/weights/*.bin input/sealift.json
cp honest/* input/weights/
quietly sealift init input --profile "$profile" --name story --license model=MIT
expect_exit 0 sealift build input -o e.sealift --signing-key release.key
refute_out SL-MODEL-PICKLE

# inspect says what an archive is, and what is in it.
expect_exit 0 sealift inspect honest/image.tar.gz
expect_out_like '^other +image.tar.gz: gzip$'
python3 -c 'import zipfile; zipfile.ZipFile("x.zip", "w").writestr("a", b"\x80\x02N.")'
printf '7z\274\257\047\034 and no more' > x.7z
expect_exit 1 sealift inspect x.zip
expect_out "SL-MODEL-PICKLE  x.zip: it can run code when it is loaded: 'a' in it is a pickle of protocol 2"
expect_exit 1 sealift inspect x.7z
expect_out_like '^other +x.7z: 7z$'
refute_file it-ran
