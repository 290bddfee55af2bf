#!/usr/bin/env python3
"""Makes the test vectors of the bundle format: small bundles with one defect each, and some good ones.

usage: make_vectors.py OUTDIR

For each vector OUTDIR/NAME/ holds bundle.sealift, or the folder bundle/; key.pem, the key to verify it with; and
expect: the finding code, or OK, and maybe a second line `flat CODE`, of readers that also compute the SHA-256.
Everything around a defect is made anew (writer.py), so that only this defect is there.
"""
import base64
import json
import os
import pathlib
import sys

import writer
from writer import (BLOCK, BOMS, OTHERS, OURS, PROFILE, Other, about, blob_name, build, canonical, digest,
                    fs_verity_digest, header_of, level_above, reference, sm3, tar_entry, tree, with_checksum)

# --- 16: the finding codes -------------------------------------------------------------------------------------------
NOT_A_BUNDLE, TRUNCATED, TRAILING = 'SL-FORMAT-NOT-A-BUNDLE', 'SL-FORMAT-TRUNCATED', 'SL-FORMAT-TRAILING'
HEADER, ENTRY, PADDING = 'SL-FORMAT-HEADER', 'SL-FORMAT-ENTRY', 'SL-FORMAT-PADDING'
DUPLICATE, LIMIT = 'SL-FORMAT-DUPLICATE', 'SL-FORMAT-LIMIT'
JSON, BROKEN = 'SL-FORMAT-JSON', 'SL-FORMAT-DOCUMENT'
INDEX, MANIFEST, UNNAMED = 'SL-LAYOUT-INDEX', 'SL-LAYOUT-MANIFEST', 'SL-CONTENT-UNNAMED'
MISSING, SPARE, LINK = 'SL-LAYOUT-BLOB-MISSING', 'SL-LAYOUT-BLOB-SPARE', 'SL-LAYOUT-LINK'
SIZE, DIGEST, TABLE = 'SL-CONTENT-SIZE', 'SL-CONTENT-DIGEST', 'SL-CONTENT-CHUNK-TABLE'
UNCLEAN, COLLISION = 'SL-PATH-UNCLEAN', 'SL-PATH-COLLISION'
UNSIGNED, WRONG_KEY, SIGNATURE = 'SL-TRUST-UNSIGNED', 'SL-TRUST-KEY', 'SL-TRUST-SIGNATURE'
TORN, STATEMENT = 'SL-TRUST-ENVELOPE', 'SL-TRUST-STATEMENT'
LIE = 'OK\nflat SL-CONTENT-DIGEST'

VECTORS = []


def vector(name, expect, form='file', files=None, **changes):
    VECTORS.append((name, expect, form, PLAIN if files is None else files, changes))


def in_both(name, expect, files=None, **changes):
    vector(name, expect, 'file', files, **changes)
    vector(name + '-in-a-folder', expect, 'folder', files, **changes)


# --- the good bundles -------------------------------------------------------------------------------------------------
def file(path, data, role='doc', mode='0644'):
    return {'path': path, 'role': role, 'mode': mode, 'data': data}


BIG_BYTES = b'sealift\n' * 512 + bytes(600000) + b'the end'          # mostly zeros: holes on disk
HELLO = file('docs/hello.txt', b'hello')
TINY = file('weights/tiny.bin', (b'sealift\n' * 512 + bytes(61440))[:65530] + b'ending', 'weights')
BIG = file('weights/big.bin', BIG_BYTES, 'weights')
ENGINE = file('engine/run', b'#!/bin/sh\nexit 0\n', 'engine', '0755')
KERNEL = file('engine/kernels/fast.so', b'\x7fELF and so on', 'kernel')
ANSWER = file('config/known_answer.json',
    b'{"prompt":"a","text":"b","tokens":[1],"logprobs":[0],"logprob_tolerance":0}', 'config')
PLAIN = [HELLO, TINY]
LARGE = [HELLO, BIG]
WITH_ENGINE = [HELLO, ENGINE, KERNEL, ANSWER, TINY]
KERNELS = [{'path': KERNEL['path'], 'requires_features': ['avx2', 'fma'], 'fits': [digest(ENGINE['data'])]}]
RUNTIME = {
    'entrypoint': 'engine/run',
    'arguments': ['{{literal}', '--model={file:weights/tiny.bin}', '{fd:weights/tiny.bin}', '{offset:weights/tiny.bin}',
                  '{dir:engine/kernels}', '{port}', '{threads}'],
    'environment': {'HOME': '/', 'LANG': 'C'}, 'port': 0,
    'ready': {'listen_prefix': 'listening ', 'health_path': '/health', 'timeout_s': 30},
    'device': {'path': '/props', 'pointer': '/device/~0name', 'equals': 'CPU'},
    'known_answer': 'config/known_answer.json'}
RICH = WITH_ENGINE + [
    BIG, file('docs/empty.txt', b''), file('docs/' + 'n' * 255, b'long name'), file('d/' * 31 + 'e', b'deep path'),
    file('docs/Größe/重み 🙂.txt', b'Unicode'), file('docs/copy a.txt', b'copied'), file('docs/copy b.txt', b'copied'),
    file('engine/also copied.so', b'copied', 'engine'), file('weights/odd.bin', bytes(65537), 'weights'),
    file('weights/block.bin', b'y' * 4096, 'weights'), file('weights/chunk.bin', bytes(524288), 'weights'),
    file('/'.join(['p' * 255] * 3 + ['q' * 251, 'r' * 4]), b'1024 bytes of path'), file('config.json', b'{}',
        'model-config')]
FULL = {'files': RICH, 'kernels': KERNELS, 'runtime': RUNTIME}

in_both('good-plain', 'OK')
in_both('good-everything', 'OK', **FULL)
vector('good-two-signatures-in-one-envelope', 'OK', envelopes=[[OURS, OTHERS]])
in_both('good-two-envelopes', 'OK', envelopes=[[OURS], [OTHERS]])
vector('good-equal-chunk-tables', 'OK', files=[BIG, file('weights/also big.bin', BIG_BYTES, 'weights')])
vector('good-a-file-that-is-the-profile', 'OK', files=PLAIN + [file('docs/profile.json', canonical(PROFILE))])
vector('good-a-file-that-is-a-chunk-table', 'OK', files=LARGE + [file('docs/table', tree(BIG_BYTES)[1])])


# --- changes ----------------------------------------------------------------------------------------------------------
def put(*way):
    """put('files', 0, 'mode', '0777') sets thing['files'][0]['mode']."""
    *steps, last, value = way

    def change(thing):
        for part in steps:
            thing = thing[part]
        thing[last] = value
    return change


def drop(*way):
    *steps, last = way

    def change(thing):
        for part in steps:
            thing = thing[part]
        del thing[last]
    return change


def add(*way):
    *steps, value = way

    def change(thing):
        for part in steps:
            thing = thing[part]
        thing.append(value)
    return change


def swap(old, new):
    def change(data):
        assert data.count(old) >= 1, (old, data[:200])
        return data.replace(old, new, 1)
    return change


def reverse(*way):
    def change(thing):
        for part in way:
            thing = thing[part]
        thing.reverse()
    return change


def cut(size):
    return lambda data: data[:size]


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def place(entries, name):
    """Where the entry is: a name, the data of a blob, or a word for one of the documents."""
    if isinstance(name, bytes):
        name = blob_name(digest(name))
    return [entry[0] for entry in entries].index(name)


def data_of(name, change):
    """Changes the bytes of a blob, and leaves its name."""
    def change_entries(entries):
        entry = entries[place(entries, name)]
        entry[1] = change(entry[1])
    return change_entries


def without(name):
    def change(entries):
        del entries[place(entries, name)]
    return change


def nth(number, change):
    def change_entries(entries):
        entries[number][1] = change(entries[number][1])
    return change_entries


BUNDLE, DOCUMENT, MODEL, CONFIG, ATTESTATION, ENVELOPE = range(2,
    8)          # places of the small documents in a bundle

# --- 2: the file form -------------------------------------------------------------------------------------------------
vector('an-empty-file', TRUNCATED, raw=cut(0))
vector('cut-in-the-first-header', TRUNCATED, raw=cut(300))
vector('zeros', NOT_A_BUNDLE, raw=lambda raw: bytes(2048))
vector('another-kind-of-file', NOT_A_BUNDLE, raw=lambda raw: b'GGUF' + raw[4:])
vector('oci-layout-comes-second', NOT_A_BUNDLE, entries=lambda entries: [entries[1], entries[0], *entries[2:]])
vector('an-empty-folder', NOT_A_BUNDLE, 'folder', entries=lambda entries: [])
vector('a-folder-without-oci-layout', NOT_A_BUNDLE, 'folder', entries=drop(0))

vector('cut-in-the-first-data', TRUNCATED, raw=cut(600))
vector('cut-after-a-header', TRUNCATED, raw=cut(1536))
vector('cut-in-a-header', TRUNCATED, raw=cut(1300))
vector('cut-behind-the-first-entry', TRUNCATED, raw=cut(1024))
vector('cut-behind-the-index', TRUNCATED, raw=cut(2048))
vector('cut-before-the-padding', TRUNCATED, tar=lambda tar: tar[:-2], raw=lambda raw: raw[:-1024])
vector('cut-in-the-weights', TRUNCATED, raw=cut(80000))
vector('cut-in-the-last-fill', TRUNCATED, files=[HELLO, BIG], raw=lambda raw: raw[:-1024 - 1])
vector('no-closing-block', TRUNCATED, raw=lambda raw: raw[:-1024])
vector('one-closing-block', TRUNCATED, raw=lambda raw: raw[:-512])
vector('half-a-closing-block', TRUNCATED, raw=lambda raw: raw[:-1])
vector('a-zero-behind-the-end', TRAILING, raw=lambda raw: raw + b'\0')
vector('blocking-factor-of-20', TRAILING, raw=lambda raw: raw + bytes(-len(raw) % 10240 or 10240))
vector('another-tar-behind-the-end', TRAILING, raw=lambda raw: raw + raw)
vector('a-second-closing-block-that-is-not-zero', PADDING, raw=lambda raw: raw[:-1] + b'\1')


def header_field(number, at, octets):
    def change(tar):
        header = tar[number][0]
        tar[number][0] = with_checksum(header[:at] + octets + header[at + len(octets):])
    return change


def bare_header(number, at, octets):
    """Without a new checksum."""
    def change(tar):
        header = tar[number][0]
        tar[number][0] = header[:at] + octets + header[at + len(octets):]
    return change


vector('header-mode-0755', HEADER, tar=header_field(2, 100, b'0000755\0'))
vector('header-uid-1000', HEADER, tar=header_field(2, 108, b'0001750\0'))
vector('header-gid-0-in-spaces', HEADER, tar=header_field(2, 116, b'      0\0'))
vector('header-mtime', HEADER, tar=header_field(3, 136, b'14000000000\0'))
vector('header-size-with-spaces', HEADER, tar=lambda tar: header_field(3, 124, b'%11o ' % len(tar[3][1]))(tar))
vector('header-size-in-base-256', HEADER, tar=lambda tar: header_field(
    3, 124, b'\x80' + len(tar[3][1]).to_bytes(11, 'big'))(tar))
vector('header-magic-ustar', HEADER, tar=header_field(2, 257, b'ustar\x0000'))
vector('header-magic-missing', HEADER, tar=header_field(2, 257, bytes(8)))
vector('header-user-name', HEADER, tar=header_field(2, 265, b'root'))
vector('header-device', HEADER, tar=header_field(2, 329, b'0000000\x000000000\0'))
vector('header-prefix', HEADER, tar=header_field(2, 345, b'prefix'))
vector('header-bytes-behind-the-name', HEADER, tar=header_field(1, 20, b'hidden'))
vector('header-link-name', HEADER, tar=header_field(2, 157, b'target'))
vector('header-last-byte', HEADER, tar=header_field(2, 511, b'\1'))
vector('header-checksum-wrong', HEADER, tar=bare_header(2, 148, b'000000'))
vector('header-checksum-spelt-with-spaces', HEADER, tar=lambda tar: bare_header(2, 148, b' %5o \0' % sum(
    tar[2][0][:148] + b' ' * 8 + tar[2][0][156:]))(tar))
vector('first-header-uid-1000', HEADER, tar=header_field(0, 108, b'0001750\0'))
vector('padding-header-mode-0755', HEADER, tar=header_field(-2, 100, b'0000755\0'))

for kind, what in ((b'1', 'hard-link'), (b'2', 'symbolic-link'), (b'3', 'device'), (b'5', 'directory'), (b'6', 'fifo'),
                   (b'7', 'contiguous-file'), (b'\0', 'old-style-file'), (b'S', 'sparse-file')):
    vector(f'entry-kind-{what}', ENTRY, tar=header_field(-1, 156, kind))


def insert(at, *tar_entries):
    def change(tar):
        tar[at:at] = tar_entries
    return change


def special(name, kind, data):
    header, data, fill = tar_entry(name, data)
    return [with_checksum(header[:156] + kind + header[157:]), data, fill]


vector('entry-pax-header', ENTRY, tar=insert(1, special('PaxHeaders/index.json', b'x', b'19 path=index.json\n')))
vector('entry-pax-global-header', ENTRY, tar=insert(1, special('pax_global_header', b'g', b'13 comment=a\n')))
vector('entry-gnu-long-name', ENTRY, tar=insert(1, special('././@LongLink', b'L', b'index.json\0')))
vector('entry-gnu-long-link', ENTRY, tar=insert(1, special('././@LongLink', b'K', b'index.json\0')))
vector('entry-with-a-name-of-its-own', ENTRY, entries=insert(-1, ['README', b'']))
vector('entry-that-climbs-out', ENTRY, entries=insert(-1, ['../evil', b'']))
vector('entry-with-an-absolute-name', ENTRY, entries=insert(-1, ['/evil', b'']))
vector('a-spare-blob-with-a-name-that-is-no-digest', SPARE, entries=insert(-1, ['blobs/sha256/ABC', b'']))
vector('entry-without-a-name', HEADER, entries=insert(-1, ['', b'']))
vector('entry-with-a-name-in-latin-1', ENTRY, entries=insert(-1, ['caf?', b'']), tar=lambda tar: header_field(-3, 3,
       b'\xe9')(tar))
vector('entry-with-a-name-of-100-bytes', HEADER, entries=insert(-1, ['n' * 100, b'']))
vector('a-blob-twice', DUPLICATE, entries=lambda entries: [*entries[:-1], entries[-2], entries[-1]])
vector('index-twice', DUPLICATE, entries=lambda entries: [*entries, entries[1]])

# --- 2.2: alignment, padding, order -----------------------------------------------------------------------------------
vector('no-padding-entry', ENTRY, tar=drop(-2))
vector('padding-entry-with-another-number', ENTRY, tar=lambda tar: put(-2, tar_entry('sealift-padding/00000002',
       tar[-2][1]))(tar))
vector('padding-entry-with-a-short-number', ENTRY, tar=lambda tar: put(-2, tar_entry('sealift-padding/1',
       tar[-2][1]))(tar))
vector('padding-entry-that-nobody-needs', ENTRY, tar=add(tar_entry('sealift-padding/00000002', bytes(512))))
vector('padding-entry-too-early', ENTRY, tar=lambda tar: tar[:-3] + [tar[-2], tar[-3], tar[-1]])
vector('padding-entry-too-short', SIZE, tar=lambda tar: put(
    -2, tar_entry('sealift-padding/00000001', tar[-2][1][BLOCK:]))(tar))
vector('padding-entry-of-4096-alignment', SIZE, tar=lambda tar: put(
    -2, tar_entry('sealift-padding/00000001', bytes(len(tar[-2][1]) % 4096)))(tar))
vector('padding-entry-not-zero', PADDING, tar=lambda tar: put(-2, 1, b'\1' + tar[-2][1][1:])(tar))
vector('padding-entry-not-zero-at-its-end', PADDING, tar=lambda tar: put(-2, 1, tar[-2][1][:-1] + b'\1')(tar))
vector('fill-not-zero', PADDING, tar=lambda tar: put(1, 2, b'\1' + tar[1][2][1:])(tar))
vector('fill-not-zero-at-the-last-byte', PADDING, tar=lambda tar: put(3, 2, tar[3][2][:-1] + b'\1')(tar))
vector('fill-not-zero-behind-weights', PADDING, files=LARGE, tar=lambda tar: put(-1, 2, b'\1' + tar[-1][2][1:])(tar))
vector('index-comes-last', ENTRY, entries=lambda entries: [entries[0], *entries[2:], entries[1]])
vector('document-before-its-manifest', ENTRY, entries=lambda entries: entries[:2] + [entries[3], entries[2]]
       + entries[4:])
vector('weights-before-a-document', ENTRY, entries=lambda entries: entries[:-2] + [entries[-1], entries[-2]])
vector('files-by-digest-not-by-path', ENTRY, files=PLAIN + [file('docs/a', b'1'), file('docs/b', b'2')],
       entries=lambda entries: entries[:-4] + [entries[-3], entries[-4]] + entries[-2:])

# --- 3: the folder form -----------------------------------------------------------------------------------------------


def to_a_link(name):
    def change(folder):
        path = next((folder / 'blobs/sha256').iterdir()) if name == 'a blob' else folder / name
        moved = folder.parent / 'moved'
        path.rename(moved)
        path.symlink_to(os.path.relpath(moved, path.parent))
    return change


def written(name, data=b''):
    return lambda folder: (folder / name).write_bytes(data) and None


vector('a-blob-is-a-link', LINK, 'folder', folder=to_a_link('a blob'))
vector('a-folder-is-a-link', LINK, 'folder', folder=to_a_link('blobs/sha256'))
vector('the-index-is-a-link', LINK, 'folder', folder=to_a_link('index.json'))
vector('a-fifo', ENTRY, 'folder', folder=lambda folder: os.mkfifo(folder / 'fifo'))
vector('a-spare-file', ENTRY, 'folder', folder=written('README'))
vector('a-spare-file-among-the-blobs', SPARE, 'folder', folder=written('blobs/sha256/.tmp'))
vector('a-spare-folder', ENTRY, 'folder', folder=lambda folder: (folder / 'blobs/sha512').mkdir())
vector('a-padding-entry-in-a-folder', ENTRY, 'folder', folder=lambda folder: (
    (folder / 'sealift-padding').mkdir(), written('sealift-padding/00000001')(folder)) and None)
vector('a-spare-blob-under-an-upper-case-digest', SPARE, 'folder', folder=written(
    'blobs/sha256/' + digest(b'hello')[7:].upper(), b'hello'))


def respelt(change=lambda value: None):
    """As other tools write JSON: with white space, and members in another order."""
    def spell(data):
        value = json.loads(data)
        change(value)
        return json.dumps(value, indent=2, sort_keys=True).encode() + b'\n'
    return spell


def layout(data):
    return lambda entries: put(0, 1, data)(entries)


def nested(levels):
    return json.loads('[' * levels + ']' * levels)


def many(count):
    return {f'm{number}': 0 for number in range(count)}


vector('good-folder-with-a-respelt-index', 'OK', 'folder', index_bytes=respelt(lambda index: (
    put('mediaType', 'application/vnd.oci.image.index.v1+json')(index), put('annotations', {'a': 'b'})(index),
    put('manifests', 0, 'annotations', 'created', 'today')(index), put('manifests', 0, 'platform',
        {'os': 'linux'})(index),
    reverse('manifests')(index))), entries=layout(b'{ "imageLayoutVersion": "1.0.0", "more": [] }\n'))
vector('good-index-of-depth-32', 'OK', 'folder', index_bytes=respelt(put('more', nested(31))))
vector('index-of-depth-33', LIMIT, 'folder', index_bytes=respelt(put('more', nested(32))))
vector('good-index-of-10000-members', 'OK', 'folder', index_bytes=respelt(put('more', many(10000))))
vector('index-of-10001-members', LIMIT, 'folder', index_bytes=respelt(put('more', many(10001))))
vector('a-float-in-an-ignored-member', JSON, 'folder', index_bytes=respelt(put('more', 1.5)))
vector('an-integer-below-minus-2-to-the-63', JSON, 'folder', index_bytes=respelt(put('more', -2 ** 63 - 1)))
vector('good-integer-of-minus-2-to-the-63', 'OK', 'folder', index_bytes=respelt(put('more', -2 ** 63)))
vector('a-member-twice-in-an-ignored-member', DUPLICATE, 'folder', index_bytes=swap(
    b'{"schemaVersion":2', b'{"more":[{"a":1,"a":1}],"schemaVersion":2'))
in_both('layout-of-another-version', NOT_A_BUNDLE, entries=layout(b'{"imageLayoutVersion":"1.1.0"}'))
in_both('layout-is-no-json', NOT_A_BUNDLE, entries=layout(b'imageLayoutVersion: 1.0.0'))
vector('layout-with-a-space', INDEX, entries=layout(b'{"imageLayoutVersion": "1.0.0"}'))

# --- 5: JSON. The document is as good a place as any ------------------------------------------------------------------
for name, change in {
    'a-byte-order-mark': lambda data: b'\xef\xbb\xbf' + data,
    'nul-behind-the-end': lambda data: data + b'\0',
    'nul-in-a-text': swap(b'"tiny","format"', b'"ti\0y","format"'),
    'nul-as-an-escape': swap(b'"tiny","format"', b'"ti\\u0000y","format"'),
    'a-raw-line-feed-in-a-text': swap(b'"tiny","format"', b'"ti\ny","format"'),
    'half-a-surrogate-pair': swap(b'"tiny","format"', b'"ti\\ud83dy","format"'),
    'invalid-utf-8': swap(b'"tiny","format"', b'"ti\xffy","format"'),
    'overlong-utf-8': swap(b'docs/hello.txt', b'docs\xc0\xafhello.txt'),
    'surrogate-in-utf-8': swap(b'"tiny","format"', b'"ti\xed\xa0\xbdy","format"'),
    'a-fraction': swap(b'"release_counter":1', b'"release_counter":1.0'),
    'an-exponent': swap(b'"release_counter":1', b'"release_counter":1e0'),
    'an-integer-of-2-to-the-63': swap(b'"release_counter":1', b'"release_counter":9223372036854775808'),
    'an-endless-integer': swap(b'"release_counter":1', b'"release_counter":1' + b'0' * 5000),
    'a-leading-zero': swap(b'"release_counter":1', b'"release_counter":01'),
    'a-plus-sign': swap(b'"release_counter":1', b'"release_counter":+1'),
    'not-a-number': swap(b'"release_counter":1', b'"release_counter":NaN'),
    'a-comma-too-many': swap(b'"release_counter":1,', b'"release_counter":1,,'),
    'a-comment': swap(b'"release_counter":1', b'"release_counter":1/**/'),
    'cut-short': lambda data: data[:-1],
    'two-objects': lambda data: data + b'{}',
    'nothing': lambda data: b'',
}.items():
    vector('json-' + name, JSON, document_bytes=change)
for name, change in {
    'a-space': swap(b':1,', b': 1,'),
    'a-line-feed-at-the-end': lambda data: data + b'\n',
    'an-escape-that-is-not-needed': swap(b'"tiny","format"', b'"t\\u0069ny","format"'),
    'an-escaped-slash': swap(b'docs/hello.txt', b'docs\\/hello.txt'),
    'a-tab-as-u0009': swap(b'"CC0-1.0"', b'"CC0\\u0009"'),
    'upper-case-hex': swap(b'"CC0-1.0"', b'"CC0\\u001F"'),
    'an-escaped-del': swap(b'"CC0-1.0"', b'"CC0\\u007f"'),
    'two-escapes-for-one-character': swap(b'"CC0-1.0"', b'"CC0\\ud83d\\ude42"'),
    'minus-zero': swap(b'"release_counter":1', b'"release_counter":-0'),
    'a-negative-count': swap(b'"release_counter":1', b'"release_counter":-1'),
    'a-number-as-text': swap(b'"release_counter":1', b'"release_counter":"1"'),
    'true-for-one': swap(b'"release_counter":1', b'"release_counter":true'),
    'null-for-absent': swap(b'"tiny","format"', b'"tiny","architecture":null,"format"'),
    'an-array': lambda data: b'[' + data + b']',
}.items():
    vector('spelling-' + name, BROKEN, document_bytes=change)
vector('spelling-members-in-another-order', BROKEN, full_document=lambda document: dict(reversed(document.items())))
vector('json-a-member-twice', DUPLICATE, document_bytes=swap(b'"name":"tiny"', b'"name":"tiny","name":"tiny"'))
vector('json-a-member-twice-by-an-escape', DUPLICATE, document_bytes=swap(b'"name":"tiny"',
       b'"name":"tiny","n\\u0061me":"tiny"'))
vector('json-a-member-twice-deep-inside', DUPLICATE, document_bytes=swap(b'"mode":"0644"',
       b'"mode":"0644","mode":"0644"'))
vector('json-depth-100000', LIMIT, document_bytes=lambda data: data[:-1] + b',"x":' + b'[' * 100000 + b']' * 100000
       + b'}')
vector('good-json-odd-characters', 'OK', document=put(
    'model', 'licenses', ['"\\/\b\f\n\r\t\x01\x1f\x7f\x80\u2028\ufeff\U0001f642\\u0000']))
vector('good-an-empty-model', 'OK', document=put('model', {}))
vector('good-a-full-model', 'OK', document=put('model', {name: name for name in (
    'name', 'architecture', 'format', 'family', 'parameters', 'precision', 'quantization')}))
vector('good-the-greatest-counter', 'OK', document=put('release_counter', 2 ** 63 - 1))

# --- 6: manifests and index -------------------------------------------------------------------------------------------
REF = 'org.opencontainers.image.ref.name'
SECOND_BUNDLE = canonical(writer.manifest('sealift.bundle.v1+json', writer.descriptor('x', reference(b'hello')), []))
IMAGE_OF_OTHERS = canonical(writer.manifest('example.v1+json', writer.descriptor('x', reference(b'hello')), []))


def listed(data, tag):
    return {'mediaType': writer.IMAGE, 'digest': digest(data), 'size': len(data), 'annotations': {REF: tag}}


vector('index-with-a-space', INDEX, index_bytes=swap(b':2,', b': 2,'))
vector('index-with-a-media-type', INDEX, index=put('mediaType', 'application/vnd.oci.image.index.v1+json'))
vector('index-of-schema-version-1', BROKEN, index=put('schemaVersion', 1))
vector('index-is-no-json', JSON, index_bytes=cut(100))
vector('index-over-64-mib', LIMIT, 'folder', folder=lambda folder: os.truncate(folder / 'index.json', (64 << 20) + 1))
in_both('index-without-the-model', MANIFEST, index=drop('manifests', 1))
in_both('index-without-the-bundle', MANIFEST, index=drop('manifests', 0))
in_both('index-without-the-attestation', SPARE, index=drop('manifests', 2))
in_both('index-with-another-tag', INDEX, index=put('manifests', 0, 'annotations', REF, 'latest'))
in_both('index-with-two-tags-swapped', INDEX, index=lambda index: (
    put('manifests', 0, 'annotations', REF, 'model')(index), put('manifests', 1, 'annotations', REF,
        'bundle')(index)) and None)
in_both('index-with-another-media-type', INDEX, index=put('manifests', 0, 'mediaType',
        'application/vnd.oci.image.index.v1+json'))
in_both('index-without-a-tag', INDEX, index=drop('manifests', 0, 'annotations'))
vector('index-with-another-annotation', INDEX, index=put('manifests', 0, 'annotations', 'a', 'b'))
vector('index-in-another-order', INDEX, index=reverse('manifests'))
in_both('index-lists-a-manifest-twice', DUPLICATE, index=lambda index: add('manifests', index['manifests'][1])(index))
in_both('index-lists-a-manifest-under-two-tags', DUPLICATE, index=lambda index: add(
    'manifests', {**index['manifests'][1], 'annotations': {REF: 'again'}})(index))
in_both('index-lists-a-manifest-that-is-not-there', MISSING, index=add('manifests', listed(SECOND_BUNDLE, 'extra')))
in_both('index-with-a-wrong-size', SIZE, index=lambda index: put('manifests', 1, 'size',
        index['manifests'][1]['size'] + 1)(index))
in_both('two-bundle-manifests', MANIFEST, index=add('manifests', listed(SECOND_BUNDLE, 'extra')),
        entries=insert(4, [blob_name(digest(SECOND_BUNDLE)), SECOND_BUNDLE]))
in_both('a-manifest-of-another-kind', MANIFEST, index=add('manifests', listed(IMAGE_OF_OTHERS, 'extra')),
        entries=insert(4, [blob_name(digest(IMAGE_OF_OTHERS)), IMAGE_OF_OTHERS]))
vector('index-of-1025-manifests', LIMIT, index=lambda index: [
    index['manifests'].append({**index['manifests'][1], 'digest': digest(b'%d' % number)})
        for number in range(1022)] and None)
vector('index-with-an-upper-case-digest', BROKEN, index=lambda index: put(
    'manifests', 0, 'digest', 'sha256:' + index['manifests'][0]['digest'][7:].upper())(index))
in_both('no-index', ENTRY, entries=without('index.json'))

vector('manifest-with-an-unknown-member', BROKEN, bundle=put('annotations', {'a': 'b'}))
vector('manifest-with-a-space', BROKEN, bundle_bytes=swap(b':2,', b': 2,'))
vector('manifest-of-schema-version-1', BROKEN, bundle=put('schemaVersion', 1))
vector('manifest-without-layers', BROKEN, bundle=drop('layers'))
vector('manifest-with-a-fraction', JSON, bundle_bytes=swap(b'"schemaVersion":2', b'"schemaVersion":2.0'))
in_both('bundle-manifest-without-a-kernel', UNNAMED, **{**FULL, 'files': WITH_ENGINE}, bundle=lambda bundle: put(
    'layers', [layer for layer in bundle['layers'] if 'kernel' not in layer['mediaType']])(bundle))
vector('bundle-manifest-without-the-profile', UNNAMED, bundle=drop('layers', 0))
vector('bundle-manifest-without-the-chunk-table', UNNAMED, files=LARGE, bundle=drop('layers', 3))
vector('bundle-manifest-with-one-more-layer', UNNAMED, bundle=add('layers', writer.descriptor(
    'sealift.config.v1.raw', reference(b'hello'), 'config/more')))
vector('bundle-manifest-with-layers-in-another-order', UNNAMED, bundle=reverse('layers'))
vector('bundle-manifest-with-another-media-type', UNNAMED, bundle=put('layers', 0, 'mediaType',
       'application/vnd.sealift.config.v1.raw'))
vector('bundle-manifest-with-another-title', UNNAMED, bundle=put(
    'layers', 0, 'annotations', 'org.opencontainers.image.title', 'profile.json'))
vector('bundle-manifest-with-a-wrong-layer-size', UNNAMED, bundle=put('layers', 0, 'size', 1))
vector('bundle-manifest-with-a-subject', UNNAMED, bundle=lambda bundle: put('subject', bundle['config'])(bundle))
vector('bundle-manifest-with-a-wrong-document-size', SIZE, bundle=lambda bundle: put('config', 'size',
       bundle['config']['size'] + 1)(bundle))
vector('bundle-manifest-with-another-config-type', UNNAMED, bundle=put('config', 'mediaType',
       'application/vnd.oci.empty.v1+json'))
in_both('model-manifest-with-a-foreign-layer', UNNAMED, model=add('layers', writer.descriptor(
    'sealift.config.v1.raw', reference(b'hello'), 'docs/hello.txt')))
vector('model-manifest-without-a-file', UNNAMED, model=drop('layers', 0))
vector('model-manifest-without-a-file-and-its-digest', UNNAMED, model=drop('layers', 0), config=drop('modelfs',
       'diffIds', 0))
vector('model-manifest-with-another-path', UNNAMED, model=put('layers', 0, 'annotations', 'org.cncf.model.filepath',
       'docs/bye.txt'))
vector('model-config-with-another-name', UNNAMED, config=put('descriptor', 'name', 'other'))
vector('document-with-another-model-manifest', UNNAMED, full_document=lambda document: put(
    'model_manifest', 'digest', digest(b'other'))(document))
vector('document-with-another-size-of-the-model-manifest', UNNAMED, full_document=put('model_manifest', 'size_bytes',
       1))

# --- 7: the bundle document -------------------------------------------------------------------------------------------
for name, change in {
    'another-schema': put('schema', 'sealift.bundle/2'),
    'an-unknown-member': put('comment', 'none'),
    'an-unknown-member-of-a-file': put('files', 0, 'comment', 'none'),
    'no-list-of-kernels': drop('kernels'),
    'upper-case-in-the-name': put('name', 'Tiny'),
    'a-name-that-ends-in-a-dot': put('name', 'tiny.'),
    'a-name-of-129-letters': put('name', 'n' * 129),
    'a-name-with-a-line-feed': put('name', 'tiny\n'),
    'a-version-that-starts-with-a-dot': put('version', '.1'),
    'an-empty-version': put('version', ''),
    'an-empty-model-name': put('model', 'name', ''),
    'empty-licenses': put('model', 'licenses', []),
    'a-license-that-is-a-number': put('model', 'licenses', [1]),
    'an-unknown-role': put('files', 0, 'role', 'notes'),
    'another-mode': put('files', 0, 'mode', '0777'),
    'an-upper-case-digest': put('files', 0, 'digest', 'sha256:' + digest(b'hello')[7:].upper()),
    'a-short-digest': put('files', 0, 'digest', digest(b'hello')[:-1]),
    'a-digest-without-its-kind': put('files', 0, 'digest', digest(b'hello')[7:]),
    'a-digest-of-another-kind': put('files', 0, 'digest', 'sha512:' + '0' * 64),
    'an-upper-case-fs-verity-digest': put('files', 0, 'fs_verity_digest', tree(b'hello')[0].upper().replace('SHA',
    'sha')),
    'no-fs-verity-digest': drop('files', 0, 'fs_verity_digest'),
    'files-in-another-order': reverse('files'),
    'a-chunk-table-for-a-small-file': put('files', 0, 'chunk_table', reference(b'\0' * 32)),
    'a-kernel-that-is-no-file': add('kernels', {'path': 'engine/none.so', 'requires_features': [], 'fits': []}),
}.items():
    vector('document-with-' + name, BROKEN, document=change)
vector('document-without-weights', BROKEN, files=[HELLO])
vector('document-without-files', BROKEN, files=[])
vector('document-without-a-kernel-entry', BROKEN, files=WITH_ENGINE)
vector('document-with-a-kernel-twice', BROKEN, files=WITH_ENGINE, kernels=KERNELS * 2)
vector('document-with-a-kernel-for-no-engine', BROKEN, files=WITH_ENGINE, kernels=[{**KERNELS[0],
       'fits': [digest(b'hello')]}])
vector('document-with-features-that-do-not-rise', BROKEN, files=WITH_ENGINE,
       kernels=[{**KERNELS[0], 'requires_features': ['fma', 'avx2']}])
vector('document-with-a-size-over-2-to-the-62', LIMIT, files=LARGE, document=lambda document: (
    put('files', 1, 'size_bytes', 2 ** 62 + 1)(document),
    put('files', 1, 'chunk_table', 'size_bytes', 32 * (2 ** 43 + 1))(document)) and None)
vector('document-with-one-digest-and-two-sizes', BROKEN, files=PLAIN + [file('docs/hi.txt', b'hello')],
       document=put('files', 1, 'size_bytes', 6))
vector('document-with-one-digest-and-two-trees', BROKEN, files=PLAIN + [file('docs/hi.txt', b'hello')],
       document=put('files', 1, 'fs_verity_digest', digest(b'')))
vector('document-with-one-digest-and-two-chunk-tables', BROKEN, files=LARGE + [file('weights/more.bin', BIG_BYTES,
       'weights')],
       document=put('files', 2, 'chunk_table', 'digest', digest(bytes(64))))
vector('document-with-a-file-of-the-profile-in-another-size', SIZE, files=PLAIN + [file('docs/p', canonical(PROFILE))],
       document=put('files', 1, 'size_bytes', 7))

NEEDS = {
    'architecture': 'aarch64', 'abi': [{'name': 'GLIBC', 'version': '2.34'}, {'name': 'GLIBCXX', 'version': '3.4.30'}],
    'engine': {'name': 'vllm-ascend', 'version': '0.23.0'}, 'tensor_types': ['BF16', 'F32', 'I8'],
    'memory': {'tensor_parallel': 16, 'pipeline_parallel': 1, 'data_parallel': 1, 'context_tokens': 32768,
               'sequences': 1, 'weight_bytes': 45000000000, 'cache_bytes': 2302672896, 'overhead_bytes': 3221225472,
               'utilisation_percent': 90}}


def changed_needs(change):
    needs = json.loads(json.dumps(NEEDS))
    change(needs)
    return needs


def with_needs(needs):
    """The target with these needs, behind its digest and size."""
    return put('target', 'needs', needs)


def with_risks(*risks):
    def change(document):
        members = list(document.items())
        document.clear()
        for name, value in members:
            document[name] = value
            if name == 'kernels':
                document['accepted_risks'] = [dict(zip(('path', 'danger', 'reason'), risk)) for risk in risks]
    return change


in_both('good-needs', 'OK', document=with_needs(NEEDS))
for name in NEEDS:
    vector(f'good-needs-of-{name.replace("_", "-")}-alone', 'OK', document=with_needs({name: NEEDS[name]}))
for name, change in {
    'that-say-nothing': lambda needs: needs.clear(), 'with-an-unknown-member': put('chip', 'any'),
    'with-an-empty-architecture': put('architecture', ''), 'with-an-empty-list-of-types': put('tensor_types', []),
    'with-types-that-do-not-rise': put('tensor_types', ['F32', 'BF16']), 'with-a-type-twice': put('tensor_types', ['I8'] * 2),
    'with-an-empty-list-of-abis': put('abi', []), 'with-abis-that-do-not-rise': reverse('abi'),
    'with-an-abi-of-another-library': put('abi', 0, 'name', 'MUSL'),
    'with-an-abi-version-with-letters': put('abi', 0, 'version', 'GLIBC_2.34'),
    'with-an-empty-abi-version': put('abi', 0, 'version', ''),
    'with-an-abi-version-of-33-digits': put('abi', 0, 'version', '1' * 33),
    'with-an-engine-without-a-name': put('engine', 'name', ''), 'with-an-engine-without-a-version': drop('engine', 'version'),
    'with-memory-without-weights': drop('memory', 'weight_bytes'), 'with-memory-as-a-number': put('memory', 64),
    'with-no-device': put('memory', 'tensor_parallel', 0), 'with-65537-devices': put('memory', 'tensor_parallel', 65537),
    'with-131072-devices-by-two-factors': lambda needs: needs['memory'].update(tensor_parallel=65536, data_parallel=2),
    'with-no-sequence': put('memory', 'sequences', 0), 'with-too-many-sequences': put('memory', 'sequences', 2 ** 20 + 1),
    'with-weights-over-2-to-the-50': put('memory', 'weight_bytes', 2 ** 50 + 1),
    'with-a-cache-below-nothing': put('memory', 'cache_bytes', -1),
    'with-0-percent': put('memory', 'utilisation_percent', 0), 'with-101-percent': put('memory', 'utilisation_percent', 101),
    'in-another-order': lambda needs: needs.update(architecture=needs.pop('architecture')),
}.items():
    vector('needs-' + name, BROKEN, document=with_needs(changed_needs(change)))
vector('needs-beside-the-target', BROKEN, document=put('needs', NEEDS))
vector('needs-that-are-null', BROKEN, document=with_needs(None))

for name, kernel in {
    'good-targets-from-bytes': {'format': 'cuda', 'targets': ['sm_80', 'sm_90'], 'targets_from': 'bytes'},
    'good-targets-from-a-declaration': {'targets': ['Ascend910B3'], 'targets_from': 'declaration'},
    'good-a-format-alone': {'format': 'ascend-object'},
    'targets-without-an-origin': {'targets': ['sm_90']}, 'targets-from-elsewhere': {'targets': ['sm_90'],
    'targets_from': 'folder'}, 'targets-of-none': {'targets': [], 'targets_from': 'bytes'},
    'targets-that-do-not-rise': {'targets': ['sm_90', 'sm_80'], 'targets_from': 'bytes'},
    'an-origin-without-targets': {'targets_from': 'bytes'}, 'an-empty-format': {'format': ''},
}.items():
    vector(name, 'OK' if name.startswith('good') else BROKEN, files=WITH_ENGINE, kernels=[{**KERNELS[0], **kernel}])

HELLO_RISK, TINY_RISK = ('docs/hello.txt', 'pickle', 'read by a person'), ('weights/tiny.bin', 'code', 'signed: Ü')
vector('good-risks', 'OK', document=with_risks(('docs/hello.txt', 'code', 'x' * 1024), HELLO_RISK, TINY_RISK))
for name, risks in {
    'of-none': [], 'of-a-file-that-is-not-there': [('docs/none', 'pickle', 'why')],
    'of-another-danger': [('docs/hello.txt', 'virus', 'why')], 'without-a-reason': [('docs/hello.txt', 'pickle', '')],
    'with-a-reason-of-1025-bytes': [('docs/hello.txt', 'pickle', 'x' * 1025)],
    'with-a-reason-of-1026-bytes-in-513-characters': [('docs/hello.txt', 'pickle', 'ü' * 513)],
    'with-a-reason-of-two-lines': [('docs/hello.txt', 'pickle', 'a\nb')],
    'with-a-reason-with-an-escape': [('docs/hello.txt', 'pickle', 'a\x1b[2J')],
    'with-a-reason-with-u007f': [('docs/hello.txt', 'pickle', 'a\x7f')],
    'that-do-not-rise': [TINY_RISK, HELLO_RISK], 'twice': [HELLO_RISK, HELLO_RISK],
    'whose-dangers-do-not-rise': [HELLO_RISK, ('docs/hello.txt', 'code', 'why')],
}.items():
    vector('risks-' + name, BROKEN, document=with_risks(*risks))
for mode in ('0640', '0750'):
    vector('good-mode-' + mode, 'OK', files=[{**HELLO, 'mode': mode}, TINY])

# --- 9: paths ---------------------------------------------------------------------------------------------------------
for name, path in {
    'empty': '', 'dot': '.', 'dot-dot': '..', 'that-climbs-out': '../evil', 'that-climbs-out-later': 'docs/../../evil',
    'absolute': '/etc/passwd', 'with-an-empty-part': 'docs//a', 'that-ends-in-a-slash': 'docs/',
    'with-a-part-dot': 'docs/./a',
    'with-a-backslash': 'docs\\a', 'with-a-line-feed': 'docs/a\nb', 'with-a-control-character-u0001': 'docs/a\x01',
    'with-u007f': 'docs/a\x7f', 'with-u0085': 'docs/a\x85b', 'with-a-trailing-dot': 'docs/a.',
    'with-a-trailing-space': 'docs/a ',
    'with-a-folder-with-a-trailing-dot': 'docs./a', 'of-1025-bytes': '/'.join(['p' * 255] * 3 + ['q' * 251, 'r' * 5]),
    'with-a-part-of-256-bytes': 'docs/' + 'p' * 256, 'with-a-part-of-86-three-byte-characters': 'docs/' + '重' * 86,
    'of-33-parts': 'd/' * 32 + 'e',
}.items():
    vector('path-' + name, UNCLEAN, files=PLAIN + [file(path, b'odd')])
vector('path-of-a-kernel-that-climbs-out', UNCLEAN, document=add(
    'kernels', {'path': '../evil.so', 'requires_features': [], 'fits': []}))
for name, paths in {
    'in-case': ['docs/read.me', 'docs/READ.ME'], 'in-case-of-a-folder': ['docs/a/x', 'DOCS/A/X'],
    'in-full-case-folding': ['docs/straße', 'docs/STRASSE'], 'in-a-ligature': ['docs/ﬁle', 'docs/FILE'],
    'in-normal-form': ['docs/caf\u00e9', 'docs/cafe\u0301'], 'in-normal-form-and-case': ['docs/CAF\u00c9',
    'docs/cafe\u0301'],
    'in-the-order-of-marks': ['docs/a\u0323\u0307', 'docs/a\u0307\u0323'], 'of-the-kelvin-sign': ['docs/\u212a',
    'docs/k'],
    'of-final-sigma': ['docs/ΟΔΟΣ', 'docs/οδος'], 'of-hangul': ['docs/각', 'docs/\u1100\u1161\u11a8'],
    'of-iota-subscript': ['docs/\u1f80', 'docs/\u1f00\u03b9'], 'of-cherokee': ['docs/\uab70', 'docs/\u13a0'],
    'of-a-file-in-a-file': ['docs/a', 'docs/a/b'], 'of-a-file-in-a-file-in-another-case': ['docs/a/b', 'docs/A'],
    'of-a-file-in-a-file-with-a-name-between': ['docs/a', 'docs/a-b', 'docs/a/b'],
    'with-the-folder-sealift': ['sealift/x'], 'with-the-name-sealift': ['sealift'],
    'with-sealift-in-capitals': ['SEALIFT/x'],
    'with-sealift-in-a-long-s': ['\u017fealift/x'],
}.items():
    vector('collision-' + name, COLLISION, files=PLAIN + [file(path, b'%d' % number) for number,
        path in enumerate(paths)])
vector('document-with-a-path-twice', BROKEN, document=lambda document: document['files'].insert(1,
       document['files'][0]))
vector('good-paths-that-nearly-collide', 'OK', files=PLAIN + [file(path, path.encode()) for path in (
    'docs/x2', 'docs/x²', 'docs/ı', 'docs/i', 'docs/İ', 'docs/a-b', 'docs/a/b', 'docs/a.b', 'my sealift/x', 'sealift-x',
    'docs/sealift/x', '...x', 'docs/ space', 'docs/\u200bzero', 'docs/С', 'docs/C', 'docs/а')])

# --- 10: the runtime section ------------------------------------------------------------------------------------------
ENGINE_FULL = {**FULL, 'files': WITH_ENGINE}
for name, change in {
    'an-entrypoint-that-is-no-file': put('entrypoint', 'engine/none'),
    'an-entrypoint-that-is-no-engine': put('entrypoint', 'docs/hello.txt'),
    'an-unknown-placeholder': put('arguments', ['{weights}']),
    'an-unclosed-placeholder': put('arguments', ['{port']),
    'a-placeholder-for-no-file': put('arguments', ['{file:weights/none.bin}']),
    'a-placeholder-for-no-folder': put('arguments', ['{dir:weights/tiny.bin}']),
    'an-argument-that-is-no-text': put('arguments', [1]),
    'ld-preload': put('environment', {'LD_PRELOAD': 'x'}),
    'the-backend-path': put('environment', {'GGML_BACKEND_PATH': 'x'}),
    'an-environment-that-does-not-rise': put('environment', {'B': '', 'A': ''}),
    'an-equals-sign-in-a-name': put('environment', {'A=B': ''}),
    'an-empty-name-in-the-environment': put('environment', {'': ''}),
    'port-65536': put('port', 65536),
    'a-health-path-without-a-slash': put('ready', 'health_path', 'health'),
    'a-health-path-with-a-space': put('ready', 'health_path', '/a b'),
    'no-time': put('ready', 'timeout_s', 0),
    'a-pointer-without-a-slash': put('device', 'pointer', 'device'),
    'a-known-answer-that-is-no-file': put('known_answer', 'config/none.json'),
}.items():
    vector('runtime-with-' + name, BROKEN, **ENGINE_FULL, document=lambda document,
        change=change: change(document['runtime']))
vector('runtime-with-an-entrypoint-that-cannot-run', BROKEN, **ENGINE_FULL, document=put('files', 3, 'mode', '0644'))
vector('good-runtime-with-few-members', 'OK', **ENGINE_FULL, document=put('runtime', {
    'entrypoint': 'engine/run', 'arguments': ['}', '{{{{port}', ''], 'environment': {}, 'port': 65535,
    'ready': {'health_path': '/', 'timeout_s': 86400}}))
vector('runtime-that-chooses-a-port-in-silence', BROKEN, **ENGINE_FULL, document=drop('runtime', 'ready',
       'listen_prefix'))
vector('runtime-with-an-unclean-placeholder', UNCLEAN, **ENGINE_FULL, document=put('runtime', 'arguments', ['{dir:}']))
vector('runtime-with-an-unclean-entrypoint', UNCLEAN, **ENGINE_FULL, document=put('runtime', 'entrypoint', '../bin/sh'))

# --- 11: signatures ---------------------------------------------------------------------------------------------------


def sig(text):
    return put('signatures', 0, 'sig', text)


def altered(envelope, index):
    data = base64.b64decode(envelope['signatures'][0]['sig'])
    sig(base64.b64encode(flipped(data, index)).decode())(envelope)


def url_safe(envelope):
    assert '+' in envelope['payload'] and '/' in envelope['payload']
    envelope['payload'] = envelope['payload'].replace('+', '-').replace('/', '_')
    for one in envelope['signatures']:
        one['sig'] = one['sig'].replace('+', '-').replace('/', '_')


def cut_padding(value):
    assert value.endswith('='), value
    return value.rstrip('=')


def spaced(data):
    """With so many spaces in front that its base64 ends in padding."""
    return b' ' * ((1 - len(data)) % 3) + data


in_both('unsigned', UNSIGNED, envelopes=[])
in_both('signed-by-another-key', WRONG_KEY, envelopes=[[OTHERS]])
vector('signature-with-a-flipped-bit', SIGNATURE, envelope=lambda envelope: altered(envelope, 5))
vector('signature-of-another-payload', SIGNATURE, pae=lambda message: message + b' ')
vector('signature-without-dsse', SIGNATURE, pae=lambda message: message[message.index(b'{'):])
vector('signature-of-another-key-under-the-name-of-ours', SIGNATURE, envelopes=[[OTHERS]], envelope=put('signatures',
       0, 'keyid', OURS.id))
vector('good-signature-beside-one-that-is-bad', 'OK', envelope=lambda envelope: (
    add('signatures', {'keyid': OURS.id, 'sig': base64.b64encode(bytes(64)).decode()})(envelope)))
vector('signature-that-is-bad-and-names-nobody', WRONG_KEY, envelope=lambda envelope: (
    altered(envelope, 5), put('signatures', 0, 'keyid', 'somebody')(envelope)) and None)
vector('signature-of-63-bytes', SIGNATURE, envelope=lambda envelope: sig(base64.b64encode(
    base64.b64decode(envelope['signatures'][0]['sig'])[:63]).decode())(envelope))
vector('good-signature-without-a-keyid', 'OK', envelope=drop('signatures', 0, 'keyid'))
vector('good-signature-that-names-nobody', 'OK', envelope=put('signatures', 0, 'keyid', 'somebody'))
vector('good-signature-in-url-safe-base64', 'OK', statement=put('more', '>>>???' * 3), envelope=url_safe)
vector('good-envelope-with-members-of-others', 'OK', envelope=lambda envelope: (
    put('more', {'a': 1.5e300})(envelope), put('signatures', 0, 'cert', None)(envelope)) and None,
       envelope_bytes=lambda data: json.dumps(json.loads(data), indent=1).encode())
vector('good-statement-with-members-of-others', 'OK', statement=put('more', {'a': 1}),
       payload=lambda data: json.dumps(json.loads(data), indent=1).encode())
vector('good-statement-with-a-date', 'OK', statement=put('predicate', 'issued', '2026-11-01T12:00:00Z'))
vector('good-statement-with-another-digest-beside', 'OK', statement=put('subject', 0, 'digest', 'sha512', '0'))
vector('good-signature-that-names-another-key', 'OK', envelope=put('signatures', 0, 'keyid', OTHERS.id))
vector('good-signature-that-names-an-algorithm', 'OK', envelope=put('signatures', 0, 'keyid', 'sm2-sm3'))
vector('good-signature-twice-by-one-key', 'OK', envelope=lambda envelope: add(
    'signatures', {**envelope['signatures'][0], 'keyid': 'another'})(envelope))
vector('good-signature-beside-one-of-another-algorithm', 'OK', envelope=add(
    'signatures', {'keyid': 'a P-256 key', 'sig': base64.b64encode(b'0E' + bytes(69)).decode()}))
for name, change in {
    'without-signatures': put('signatures', []), 'without-a-payload': drop('payload'),
    'without-sig': drop('signatures', 0, 'sig'),
    'with-a-payload-in-no-base64': put('payload', 'e30*'),
    'with-a-payload-without-padding': lambda envelope: put('payload', cut_padding(envelope['payload']))(envelope),
    'with-a-signature-without-padding': lambda envelope: sig(cut_padding(envelope['signatures'][0]['sig']))(envelope),
    'with-a-signature-in-no-base64': sig('!'), 'with-an-empty-signature': sig(''),
    'with-an-empty-payload-type': put('payloadType', ''), 'with-a-payload-type-that-is-no-text': put('payloadType', 1),
    'with-a-keyid-that-is-no-text': put('signatures', 0, 'keyid', None),
    'with-two-base64-alphabets': sig(base64.b64encode(bytes(62)).decode()[:-4] + '+_=='),
    'with-loose-bits-in-base64': sig(base64.b64encode(bytes(64)).decode()[:-3] + 'B=='),
    'with-base64-on-two-lines': lambda envelope: sig(envelope['signatures'][0]['sig'][:40] + '\n' +
                                                     envelope['signatures'][0]['sig'][40:])(envelope),
}.items():
    vector('envelope-' + name, TORN, payload=spaced, envelope=change)
vector('statement-under-another-payload-type', STATEMENT, envelope=put('payloadType', 'application/json'),
       pae=lambda message: writer.pae('application/json', message[message.index(b'{'):]))
vector('signature-of-another-payload-type', SIGNATURE, envelope=put('payloadType', 'application/json'))
vector('envelope-that-is-no-json', TORN, envelope_bytes=cut(100))
vector('envelope-that-is-an-array', TORN, envelope_bytes=lambda data: b'[' + data + b']')
vector('envelope-with-a-member-twice', TORN, envelope_bytes=swap(b'{"payload":', b'{"payload":"","payload":'))
vector('envelope-of-65-signatures', TORN, envelope=lambda envelope: envelope['signatures'].extend(
    {'keyid': 'somebody', 'sig': base64.b64encode(bytes(64)).decode()} for _ in range(64)))
vector('envelope-over-1-mib', LIMIT, envelope=put('more', 'x' * (1 << 20)))
def deeper(levels):
    return lambda data: data[:-1] + b',"more":' + b'[' * levels + b']' * levels + b'}'


vector('envelope-of-depth-20000', TORN, envelope_bytes=deeper(20000))
vector('statement-of-depth-20000', STATEMENT, payload=deeper(20000))
vector('statement-of-depth-7000', STATEMENT, payload=deeper(7000))
vector('envelope-behind-a-byte-order-mark', TORN, envelope_bytes=lambda data: b'\xef\xbb\xbf' + data)
vector('statement-over-16-kib', STATEMENT, payload=lambda data: data[:-1] + b' ' * (16385 - len(data)) + b'}')
vector('good-statement-of-16-kib', 'OK', payload=lambda data: data[:-1] + b' ' * (16384 - len(data)) + b'}')
vector('good-statement-of-depth-32', 'OK', statement=put('more', nested(31)))
vector('statement-behind-a-byte-order-mark', STATEMENT, payload=lambda data: b'\xef\xbb\xbf' + data)


def terms(**members):
    return lambda statement: statement['predicate'].update(members)


ALL_TERMS = {'security_epoch': 3, 'issued': '2024-02-29T23:59:59Z', 'expires': '2024-03-01T00:00:00Z',
             'policy_min_version': 7, 'replaces': sorted([digest(b'a'), digest(b'b')]),
             'export': {'classification': 'ECCN 5D992.c ß', 'destinations': ['DE', 'NO']}}
for name, change in {
    'of-another-bundle': put('subject', 0, 'digest', 'sha256', '0' * 64), 'of-two-bundles': lambda statement: add(
        'subject', statement['subject'][0])(statement), 'of-no-bundle': put('subject', []),
    'with-another-name': put('subject', 0, 'name', 'tiny@1.1'), 'without-a-name': drop('subject', 0, 'name'),
    'with-a-digest-of-31-bytes': lambda statement: put('subject', 0, 'digest', 'sha256', '0' * 62)(statement),
    'with-a-digest-in-capitals': lambda statement: put(
        'subject', 0, 'digest', 'sha256', statement['subject'][0]['digest']['sha256'].upper())(statement),
    'with-another-sm3': put('subject', 0, 'digest', 'sm3', sm3(b'another bundle')),
    'with-an-sm3-of-31-bytes': put('subject', 0, 'digest', 'sm3', '0' * 62),
    'with-an-sm3-and-no-sha256': put('subject', 0, 'digest', {'sm3': sm3(b'another bundle')}),
    'with-a-subject-that-is-a-text': put('subject', ['tiny@1.0']), 'with-a-predicate-in-a-list': put('predicate', []),
    'with-an-empty-predicate-type': put('predicateType', ''),
    'with-a-fraction-for-a-counter': put('predicate', 'release_counter', 1.0),
    'of-depth-33': put('more', nested(32)),
    'of-another-type': put('_type', 'https://in-toto.io/Statement/v0.1'),
    'of-another-product': put('predicate', 'product', 'other'), 'of-another-version': put('predicate', 'version',
    '1.1'),
    'of-another-counter': put('predicate', 'release_counter', 2), 'with-true-for-a-counter': put('predicate',
    'release_counter', True),
    'for-another-profile': put('predicate', 'target', 'profile', 'other'), 'for-another-profile-digest': put(
        'predicate', 'target', 'profile_digest', digest(b'')), 'with-an-unknown-member': put('predicate', 'approved',
        True),
    'without-a-target': drop('predicate', 'target'), 'with-a-date-in-words': put('predicate', 'issued', 'yesterday'),
    'with-a-day-that-is-none': put('predicate', 'issued', '2026-02-29T12:00:00Z'),
    'with-a-leap-second': put('predicate', 'issued', '2026-06-30T23:59:60Z'),
    'that-ends-before-it-is-issued': terms(issued='2026-11-01T00:00:00Z', expires='2026-10-31T23:59:59Z'),
    'that-ends-when-it-is-issued': terms(issued='2026-11-01T00:00:00Z', expires='2026-11-01T00:00:00Z'),
    'that-ends-never': terms(expires=None), 'with-security-epoch-0': terms(security_epoch=0),
    'with-a-negative-security-epoch': terms(security_epoch=-1), 'with-policy-min-version-0': terms(
        policy_min_version=0),
    'that-replaces-in-no-order': terms(replaces=[digest(b'b'), digest(b'a')] if digest(b'a') < digest(b'b') else
                                       [digest(b'a'), digest(b'b')]),
    'that-replaces-one-twice': terms(replaces=[digest(b'a')] * 2), 'that-replaces-a-name': terms(replaces=['tiny@0.9']),
    'with-an-export-of-no-class': terms(export={'destinations': ['DE']}), 'with-an-unknown-member-of-export': terms(
        export={'classification': 'a', 'until': ''}),
    'with-destinations-in-no-order': terms(export={'classification': 'a', 'destinations': ['NO', 'DE']}),
    'with-a-destination-of-two-words': terms(export={'classification': 'a', 'destinations': ['New Zealand']}),
    'with-a-class-that-turns-the-line-around': terms(export={'classification': 'a\u202eb'}),
    'with-a-backslash-in-a-class': terms(export={'classification': 'a\\b'}),
    'with-a-class-of-256-bytes': terms(export={'classification': 'ß' * 128}),
}.items():
    vector('statement-' + name, STATEMENT, statement=change)
vector('statement-that-is-no-json', STATEMENT, payload=cut(50))
vector('statement-with-a-member-twice', STATEMENT, payload=swap(b'"_type"', b'"_type":"","_type"'))
vector('statement-with-a-product-twice', STATEMENT, payload=swap(b'"product"', b'"product":"tiny","product"'))
vector('statement-with-a-member-twice-where-nobody-looks', STATEMENT, statement=put('more', {'a': {'b': 1}}),
       payload=swap(b'{"b":1}', b'{"b":1,"\\u0062":1}'))
in_both('good-release-on-all-terms', 'OK', statement=terms(**ALL_TERMS))


def with_its_sm3(entry):
    """The release names the SM3 of the bundle manifest, which the step before it shows."""
    seen = {}
    return {'bundle_bytes': lambda data: seen.update(bundle=data), 'statement': lambda statement: put(
        'subject', 0, 'digest', entry, sm3(seen['bundle']))(statement)}


vector('good-release-with-its-sm3', 'OK', **with_its_sm3('sm3'))
vector('statement-with-the-sm3-under-sha256', STATEMENT, **with_its_sm3('sha256'))

# --- 11.3, 11.4: what else is said about a bundle ---------------------------------------------------------------------
PROVENANCE = about('https://slsa.dev/provenance/v1', {
    'buildDefinition': {'buildType': 'urn:sealift:build/v1', 'externalParameters': {'profile': 'any-x86'},
                        'resolvedDependencies': []},
    'runDetails': {'builder': {'id': 'https://build.example/one', 'version': {'sealift': '1'}}}})
BOM_REFERENCE = about('https://in-toto.io/attestation/reference/v0.1', {
    'attester': {'id': 'https://build.example/one'}, 'references': [
        {'name': 'sealift/software.cdx.json', 'digest': {'sha256': digest(BOMS[0])[7:]},
         'mediaType': 'application/vnd.cyclonedx+json'}]})
MEASURED = about('https://example.com/measured/v1', {'accuracy': 0.917, 'by': None})
POLICY = 'application/vnd.sealift.trust-policy.v1+json'
POLICY_LABEL = 'sealift.trust-policy.v1+dsse'


def labelled(word):
    return f'in-toto.{word}+dsse'


def on(name):
    """A statement about something else."""
    return lambda make: lambda subject: make([{'name': name, 'digest': {'sha256': digest(name.encode())[7:]}}])


def beside(*others):
    return {'envelopes': [[OURS], *others]}


for name, others in {
    'provenance': [Other([OURS], labelled('provenance'), PROVENANCE)],
    'provenance-and-boms-of-a-builder': [Other([OTHERS], labelled('provenance'), PROVENANCE),
                                         Other([OTHERS], labelled('reference'), BOM_REFERENCE)],
    'provenance-of-another-bundle': [Other([OURS], labelled('provenance'), on('other')(PROVENANCE))],
    'a-statement-of-an-unknown-type': [Other([OURS], labelled('statement'), MEASURED)],
    'a-release-of-another-version-of-the-format': [Other([OURS], labelled('statement'), about(
        'urn:sealift:release/v2', {'product': 'tiny'}))],
    'a-broken-statement-of-somebody': [Other([OTHERS], labelled('release'), lambda subject: b'{"_type":')],
    'another-payload-type-of-somebody': [Other([OTHERS], labelled('release'), PROVENANCE, 'text/plain')],
    'a-policy': [Other([OURS], POLICY_LABEL, lambda subject: b'{"_type":"urn:sealift:trust-policy/v1"}', POLICY)],
    'a-policy-that-is-none': [Other([OTHERS], POLICY_LABEL, lambda subject: b'no JSON', POLICY)],
    'a-component': [Other([OTHERS], labelled('component'), on('weights/tiny.bin')(about(
        'urn:sealift:component/v1', {'role': 'weights'})))],
    'a-release-set-of-something-else': [Other([OURS], labelled('release-set'), on('driver')(about(
        'urn:sealift:release-set/v1', {'set': 'site'})))],
    'a-rollback-permit': [Other([OURS], labelled('rollback-permit'), about('urn:sealift:rollback-permit/v1', {}))],
}.items():
    vector('good-release-beside-' + name, 'OK', **beside(*others))
for word, kind in {'verification-summary': 'https://slsa.dev/verification_summary/v1',
                   'cyclonedx': 'https://cyclonedx.org/bom',
                   'test-result': 'https://in-toto.io/attestation/test-result/v0.1',
                   'vulns': 'https://in-toto.io/attestation/vulns/v0.2',
                   'scai': 'https://in-toto.io/attestation/scai/v0.3'}.items():
    vector('good-release-beside-' + word, 'OK', **beside(Other([OTHERS], labelled(word), about(kind, {}))))
for name, label, make in (
        ('a-release-labelled-provenance', 'provenance', None), ('a-release-labelled-statement', 'statement', None),
        ('provenance-labelled-release', 'release', PROVENANCE),
        ('provenance-labelled-statement', 'statement', PROVENANCE),
        ('an-unknown-statement-labelled-cyclonedx', 'cyclonedx', MEASURED),
        ('a-broken-statement-labelled-statement', 'statement', lambda subject: b'{')):
    if make:
        vector(name, MANIFEST, **beside(Other([OURS], labelled(label), make)))
    else:
        in_both(name, MANIFEST, label=lambda _, label=label: labelled(label))
vector('a-release-labelled-as-nothing-known', MANIFEST, label=lambda _: labelled('approval'))
vector('a-policy-labelled-release', MANIFEST, **beside(Other([OURS], labelled('release'), lambda _: b'{}', POLICY)))
vector('a-broken-statement-beside-a-release', STATEMENT, **beside(Other([OURS], labelled('release'), lambda _: b'{')))
vector('provenance-of-nothing-beside-a-release', STATEMENT, **beside(Other(
    [OURS], labelled('release'), lambda _: PROVENANCE([]))))
vector('another-payload-type-beside-a-release', STATEMENT, **beside(Other(
    [OURS], labelled('release'), PROVENANCE, 'text/plain')))
vector('another-release-beside-a-release', STATEMENT, **beside(Other(
    [OURS], labelled('release'), on('other@1.0')(about('urn:sealift:release/v1', {})))))
vector('provenance-that-was-changed', SIGNATURE, **beside(Other(
    [OURS], labelled('provenance'), PROVENANCE, envelope=lambda envelope: altered(envelope, 5))))
vector('a-torn-envelope-beside-a-release', TORN, **beside(Other(
    [OTHERS], labelled('release'), PROVENANCE, envelope=drop('payload'))))
in_both('provenance-without-a-release', WRONG_KEY, envelopes=[Other([OURS], labelled('provenance'), PROVENANCE)])
vector('a-policy-without-a-release', UNSIGNED, envelopes=[Other([OURS], POLICY_LABEL, lambda _: b'{}', POLICY)])
vector('provenance-of-ours-and-a-release-of-others', WRONG_KEY, envelopes=[
    [OTHERS], Other([OURS], labelled('provenance'), PROVENANCE)])
vector('statement-with-another-predicate-type', WRONG_KEY, statement=put('predicateType', 'urn:sealift:release/v2'),
       label=lambda _: labelled('statement'))
vector('attestation-of-another-bundle', MANIFEST, attestation=put('subject', 'digest', digest(b'')))
vector('attestation-with-two-envelopes', MANIFEST, attestation=lambda manifest: add('layers',
       manifest['layers'][0])(manifest))
vector('attestation-without-an-envelope', MANIFEST, attestation=put('layers', []))
vector('attestation-without-a-subject', MANIFEST, attestation=drop('subject'))
vector('attestation-with-an-annotation', MANIFEST, attestation=put('layers', 0, 'annotations', {'a': 'b'}))
vector('attestation-with-a-space', BROKEN, attestation_bytes=swap(b':2,', b': 2,'))

# --- 12: profile ------------------------------------------------------------------------------------------------------
OTHER_PROFILE = {**PROFILE, 'id': 'other'}


def with_profile(data):
    return {'profile': lambda _: data, 'document': lambda document: document['target'].update(reference(data))}


in_both('profile-of-another-id', BROKEN, **with_profile(canonical(OTHER_PROFILE)))
vector('profile-of-another-schema', BROKEN, **with_profile(canonical({**PROFILE, 'schema': 'sealift.profile/2'})))
vector('profile-with-an-unknown-member', BROKEN, **with_profile(canonical({**PROFILE, 'comment': ''})))
vector('profile-with-a-source-that-is-not-there', BROKEN, **with_profile(canonical({**PROFILE, 'memory': {'bytes': 1,
       'source': 'x'}})))
vector('profile-with-a-source-that-nothing-names', BROKEN, **with_profile(canonical(
    {**PROFILE, 'sources': PROFILE['sources'] + [{'id': 'b', 'title': 'b', 'date': '2026-11-01'}]})))
vector('profile-of-depth-9', LIMIT, **with_profile(canonical({**PROFILE, 'chips': nested(8)})))
vector('profile-of-101-members', LIMIT, **with_profile(canonical({**PROFILE, **many(96)})))
vector('profile-that-is-no-json', JSON, **with_profile(b'profile'))
vector('profile-over-1-mib', LIMIT, **with_profile(canonical(PROFILE) + b' ' * (1 << 20)))
vector('good-profile-in-another-spelling', 'OK', **with_profile(json.dumps(PROFILE, indent=2,
       sort_keys=True).encode() + b'\n'))

CHIP = {
    'schema': 'sealift.profile/1', 'id': 'any-x86', 'title': 'A chip on any host', 'vendor': 'Maker', 'chips': ['X1'],
    'accelerators': [{
        'name': 'X', 'pci_ids': ['19e5:d500'], 'quantity': 1, 'source': 'a',
        'memory': {'bytes': 1 << 46, 'source': 'a'},
        'models': {'names': ['X1', 'X2'], 'source': 'a'}, 'devices_per_node': {'count': 65536, 'source': 'a'},
        'devices_per_function': {'count': 1, 'by_subsystem': {'19e5:0110': 2}, 'source': 'a'},
        'device_nodes': {'paths': ['/dev/x_manager', '/dev/x{n}'], 'source': 'a'}}],
    'software': [{'kind': 'driver', 'name': 'd', 'version_range': 'vers:generic/*', 'source': 'a', 'places': {
        'files': [{'path': '/usr/local/x/version.info', 'key': 'Version'}, {'path': '/etc/x'}], 'source': 'a'}}],
    'number_types': {'computes': ['bf16', 'int8'], 'source': 'a', 'lacks': ['fp8'], 'lacks_source': 'a'},
    'file_modes': [{'role': 'weights', 'mode': '0644', 'source': 'a'},
                   {'engine': 'e', 'role': 'config', 'mode': '0640', 'source': 'a'}],
    'validated_sets': [{'id': 's', 'date': '2026-08', 'source': 'a', 'members': [
        {'kind': 'engine', 'name': 'e', 'version_range': 'vers:generic/1'},
        {'kind': 'toolkit', 'name': 't', 'version_range': 'vers:generic/2'}]}],
    'kernels': {'formats': [{'format': 'cuda', 'targets': ['sm_90'], 'target_in_bytes': True, 'source': 'a'}]},
    'sources': [{'id': 'a', 'title': 'a', 'date': '2026-11-01'}]}
ON_A_HOST = {**CHIP, 'cpu': {'architecture': 'loongarch64', 'features': ['lasx'], 'source': 'a'}, 'kernels': {
    'elf_machine': 'loongarch64', 'names': ['a.so'], 'features': ['lasx'], 'source': 'a', **CHIP['kernels']}}


def chip(*changes):
    value = json.loads(canonical(CHIP))
    for change in changes:
        change(value)
    return with_profile(canonical(value))


MEMBERS = ('validated_sets', 0, 'members')
vector('good-profile-of-a-chip', 'OK', **chip())
vector('good-profile-of-a-chip-that-no-list-knows', 'OK', **chip(drop('accelerators', 0, 'pci_ids'), drop('kernels')))
vector('good-profile-of-a-chip-on-a-host', 'OK', **with_profile(canonical(ON_A_HOST)))
for name, change in {
    'without-accelerator-and-host': drop('accelerators'), 'with-an-empty-list-of-pci-ids': put(
        'accelerators', 0, 'pci_ids', []), 'with-memory-beyond-belief': put('accelerators', 0, 'memory', 'bytes',
        (1 << 46) + 1), 'with-memory-without-a-source': drop('accelerators', 0, 'memory', 'source'),
    'with-no-devices-behind-a-function': put('accelerators', 0, 'devices_per_function', 'count', 0),
    'with-functions-that-say-nothing': put('accelerators', 0, 'devices_per_function', {'source': 'a'}),
    'with-a-subsystem-that-is-none': put('accelerators', 0, 'devices_per_function', 'by_subsystem', {'0110': 2}),
    'with-no-exceptions-by-subsystem': put('accelerators', 0, 'devices_per_function', 'by_subsystem', {}),
    'with-65537-devices': put('accelerators', 0, 'devices_per_node', 'count', 65537),
    'with-models-out-of-order': put('accelerators', 0, 'models', 'names', ['X2', 'X1']),
    'with-a-device-node-elsewhere': put('accelerators', 0, 'device_nodes', 'paths', ['/etc/x']),
    'with-a-device-node-of-two-numbers': put('accelerators', 0, 'device_nodes', 'paths', ['/dev/x{n}/y{n}']),
    'with-a-place-that-climbs': put('software', 0, 'places', 'files', 0, 'path', '/usr/../etc/x'),
    'with-a-place-twice': put('software', 0, 'places', 'files', 1, 'path', '/usr/local/x/version.info'),
    'with-a-key-and-its-sign': put('software', 0, 'places', 'files', 0, 'key', 'Version='),
    'with-a-number-type-that-nobody-knows': put('number_types', 'lacks', ['fp8_e4m3']),
    'with-a-number-type-in-both-lists': put('number_types', 'lacks', ['int8']),
    'with-lacking-types-without-a-source': drop('number_types', 'lacks_source'),
    'with-no-number-types': put('number_types', {}), 'with-a-mode-of-no-bundle': put('file_modes', 0, 'mode', '0600'),
    'with-modes-out-of-order': reverse('file_modes'), 'with-a-set-of-one': drop(*MEMBERS, 1),
    'with-a-set-out-of-order': reverse(*MEMBERS), 'with-a-set-without-a-date': drop('validated_sets', 0, 'date'),
    'with-a-set-of-month-13': put('validated_sets', 0, 'date', '2026-13'),
    'with-a-set-of-an-unknown-kind': put(*MEMBERS, 0, 'kind', 'library'),
    'with-targets-in-bytes-that-are-not-named': drop('kernels', 'formats', 0, 'targets'),
    'with-kernels-of-an-unknown-host': put('kernels', {'elf_machine': 'x86_64', 'names': [], 'features': [],
                                                       'source': 'a'}),
    'with-no-kernels-in-the-list': put('kernels', {}),
    'with-a-source-of-no-day': put('sources', 0, 'date', '2026-04-31')}.items():
    vector(f'profile-{name}', BROKEN, **chip(change))

# --- 13, 15: content --------------------------------------------------------------------------------------------------
BIG_TABLE = tree(BIG_BYTES)[1]

for name, number in {'bundle-manifest': BUNDLE, 'bundle-document': DOCUMENT, 'model-manifest': MODEL,
    'model-config': CONFIG,
                     'attestation': ATTESTATION, 'envelope': ENVELOPE}.items():
    in_both(f'a-flipped-bit-in-the-{name}', DIGEST, entries=nth(number, lambda data: flipped(data, len(data) // 2)))
for name, number in {'empty-config': 8, 'profile': 9, 'software-bom': 10, 'hardware-bom': 11}.items():
    vector(f'a-flipped-bit-in-the-{name}', DIGEST, entries=nth(number, lambda data: flipped(data, len(data) // 2)))
in_both('a-flipped-bit-in-a-small-file', DIGEST, entries=data_of(b'hello', lambda data: flipped(data, 2)))
in_both('a-flipped-bit-in-the-weights', DIGEST, entries=data_of(TINY['data'], lambda data: flipped(data, 30000)))
in_both('a-flipped-bit-in-the-first-chunk', DIGEST, files=LARGE, entries=data_of(BIG_BYTES, lambda data: flipped(data,
        0)))
in_both('a-flipped-bit-in-the-last-chunk', DIGEST, files=LARGE, entries=data_of(BIG_BYTES, lambda data: flipped(data,
        len(data) - 1)))
in_both('a-flipped-bit-in-the-chunk-table', TABLE, files=LARGE, entries=data_of(BIG_TABLE, lambda data: flipped(data,
        40)))
vector('two-chunks-swapped', DIGEST, files=[HELLO, file('weights/w', bytes(524288) + b'x' * 4096 + bytes(520192),
       'weights')], entries=data_of(
    bytes(524288) + b'x' * 4096 + bytes(520192), lambda data: data[524288:] + data[:524288]))

in_both('a-blob-is-missing', MISSING, entries=without(b'hello'))
in_both('the-weights-are-missing', MISSING, entries=without(TINY['data']))
vector('the-chunk-table-is-missing', MISSING, files=LARGE, entries=without(BIG_TABLE))
vector('the-empty-config-is-missing', MISSING, entries=without(b'{}'))
for name, number in {'bundle-manifest': BUNDLE, 'bundle-document': DOCUMENT, 'model-config': CONFIG,
    'envelope': ENVELOPE}.items():
    vector(f'the-{name}-is-missing', MISSING, entries=drop(number))
in_both('a-spare-blob', SPARE, entries=insert(-1, [blob_name(digest(b'spare')), b'spare']))
vector('a-spare-blob-at-the-end', SPARE, entries=add([blob_name(digest(b'spare')), b'spare']))
vector('a-spare-empty-config-in-an-unsigned-bundle', SPARE, envelopes=[], entries=insert(6, [blob_name(digest(b'{}')),
       b'{}']))

in_both('a-blob-one-byte-longer', SIZE, entries=data_of(b'hello', lambda data: data + b'!'))
in_both('a-blob-one-byte-shorter', SIZE, entries=data_of(b'hello', lambda data: data[:-1]))
in_both('the-weights-one-byte-shorter', SIZE, files=LARGE, entries=data_of(BIG_BYTES, lambda data: data[:-1]))
in_both('a-chunk-table-one-hash-shorter', SIZE, files=LARGE, entries=data_of(BIG_TABLE, lambda data: data[:-32]))
vector('the-document-says-another-size', SIZE, document=put('files', 0, 'size_bytes', 6))


def described_table(table):
    """Another chunk table, with its own reference in the document."""
    return {'files': LARGE, 'tables': put(BIG['path'], table)}


in_both('a-chunk-table-with-one-wrong-hash', TABLE, **described_table(flipped(BIG_TABLE, 40)))
vector('a-chunk-table-with-two-hashes-swapped', TABLE, **described_table(BIG_TABLE[32:] + BIG_TABLE[:32]))
vector('a-chunk-table-of-one-hash', BROKEN, **described_table(BIG_TABLE[:32]))
vector('a-chunk-table-of-three-hashes', BROKEN, **described_table(BIG_TABLE + bytes(32)))
vector('a-chunk-table-of-no-hash', BROKEN, **described_table(b''))
vector('no-chunk-table-for-a-big-file', BROKEN, files=LARGE, tables=drop(BIG['path']))
vector('a-chunk-table-for-a-file-of-one-chunk', BROKEN, files=[file('weights/w', bytes(524288), 'weights')],
       tables=put('weights/w', level_above(level_above(bytes(524288)))))
in_both('a-wrong-fs-verity-digest-of-a-small-file', DIGEST, document=put('files', 0, 'fs_verity_digest',
        tree(b'hallo')[0]))
vector('a-wrong-fs-verity-digest-of-an-empty-file', DIGEST, files=PLAIN + [file('docs/empty', b'')], document=put(
    'files', 0, 'fs_verity_digest', digest(b'')))
vector('a-wrong-fs-verity-digest-of-one-chunk', DIGEST, document=put('files', 1, 'fs_verity_digest', tree(b'hallo')[0]))
in_both('a-wrong-fs-verity-digest-of-a-big-file', TABLE, files=LARGE, document=put('files', 1, 'fs_verity_digest',
        tree(b'hallo')[0]))
vector('a-tree-of-another-size', DIGEST, document=put('files', 0, 'fs_verity_digest',
       fs_verity_digest(level_above(b'hello'), 6)))
vector('the-whole-tree-of-other-bytes', DIGEST, files=LARGE, document=put('files', 1, 'fs_verity_digest',
       tree(flipped(BIG_BYTES, 9))[0]),
       tables=put(BIG['path'], tree(flipped(BIG_BYTES, 9))[1]))
in_both('the-tree-is-right-and-the-digest-is-not', LIE, files=LARGE, document=put('files', 1, 'digest',
        digest(b'something else')))
in_both('the-tree-of-a-small-file-is-right-and-the-digest-is-not', LIE, document=put('files', 0, 'digest',
        digest(b'something else')))


# --- writing ----------------------------------------------------------------------------------------------------------
def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    assert len({name for name, *_ in VECTORS}) == len(VECTORS), 'two vectors with one name'
    for name, expect, form, files, changes in VECTORS:
        folder = out / name
        folder.mkdir(parents=True)
        try:
            build(folder, form, **{'files': files, **changes})
        except Exception as error:
            raise RuntimeError(f'vector {name}') from error
        (folder / 'key.pem').write_text(OURS.public)
        (folder / 'expect').write_text(expect + '\n')
    print(len(VECTORS), 'vectors')


if __name__ == '__main__':
    main()
